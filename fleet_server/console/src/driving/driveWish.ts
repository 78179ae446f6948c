/** What a driver wants: m/s forward and left, rad/s counter-clockwise. */
export interface Wish {
  vx: number;
  vy: number;
  omega: number;
}

export const STILL: Wish = { vx: 0, vy: 0, omega: 0 };

/** Below what the wire allows (0.8 m/s in any direction, 1.0 rad/s), and slower where a driver sees less. */
const FORWARD = 0.6;
const BACK = 0.4;
const SIDEWAYS = 0.35;
const TURN = 0.8;
const GENTLE = 0.5;
/** Of a stick's way, within which it is believed to be let go. */
const DEAD = 0.15;

type Axis = "ahead" | "back" | "left" | "right" | "turnLeft" | "turnRight";

/** By the place of the key, so that a French keyboard drives as well. */
export const DRIVE_KEYS: Record<string, Axis> = {
  KeyW: "ahead",
  ArrowUp: "ahead",
  KeyS: "back",
  ArrowDown: "back",
  KeyA: "turnLeft",
  ArrowLeft: "turnLeft",
  KeyD: "turnRight",
  ArrowRight: "turnRight",
  KeyQ: "left",
  KeyE: "right",
};

/** What held keys want; two that are opposite want nothing. `gentle`: half as fast. */
export function wishOfKeys(held: ReadonlySet<string>, gentle: boolean): Wish {
  const axes = new Set([...held].map((code) => DRIVE_KEYS[code]));
  const of = (more: Axis, less: Axis) => Number(axes.has(more)) - Number(axes.has(less));
  return scaled(of("ahead", "back"), of("left", "right"), of("turnLeft", "turnRight"), gentle ? GENTLE : 1);
}

/** A stick's way: right and up from its middle, each -1 to 1. It turns the dog as it pushes it. */
export function wishOfStick(right: number, up: number): Wish {
  return scaled(beyondDead(up), 0, beyondDead(-right), 1);
}

/** A gamepad's axes as browsers have them (right and down are positive): left stick walks, right stick turns. */
export function wishOfGamepad(axes: readonly number[]): Wish {
  const [x = 0, y = 0, turn = 0] = axes;
  return scaled(beyondDead(-y), beyondDead(-x), beyondDead(-turn), 1);
}

export function isStill(wish: Wish): boolean {
  return wish.vx === 0 && wish.vy === 0 && wish.omega === 0;
}

function beyondDead(way: number): number {
  if (!Number.isFinite(way) || Math.abs(way) < DEAD) return 0;
  return Math.sign(way) * Math.min(1, (Math.abs(way) - DEAD) / (1 - DEAD));
}

function scaled(ahead: number, left: number, turn: number, share: number): Wish {
  const round = (value: number) => Math.round(value * 1000) / 1000 || 0; // no -0 on the wire
  return {
    vx: round(ahead * (ahead < 0 ? BACK : FORWARD) * share),
    vy: round(left * SIDEWAYS * share),
    omega: round(turn * TURN * share),
  };
}
