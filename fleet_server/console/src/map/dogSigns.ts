import type { DogState } from "./dogState";
import { screenTurnDeg } from "./geoReference";
import { ON_CPU } from "./mapPainting";

/** Half the side of what is drawn of a dog, its cone of heading included; and of its body, which names keep clear of. CSS pixels. */
export const REACH = 22;
export const BODY = 13;
/** Signs are painted for headings so far apart. */
const TURN_DEG = 5;
const NAME_HEIGHT = 18;
const NAME_PADDING = 7;
const NAME_SIZE = 11.5;

const NAMES = ["accent", "accent-ink", "accent-line", "dog-body", "dog-nose", "dog-name", "dog-name-text", "stale", "stale-fill", "stale-text", "warn", "warn-deep", "warn-text", "alert", "alert-ink", "alert-deep", "alert-text", "stop", "halo"] as const;
type Colours = Record<(typeof NAMES)[number], string>;

interface Paint {
  edge: string;
  body: string;
  /** Of what stands on the body. */
  ink: string;
  name: string;
  nameEdge: string;
  nameInk: string;
}

type Context = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;

export interface Sprite {
  /** A bitmap: of a canvas the browser would take a copy each time that it is drawn. */
  image: ImageBitmap | HTMLCanvasElement;
  /** CSS pixels. */
  width: number;
  height: number;
}

/** What dogs look like on a canvas, in the page's colours; each part is painted once and copied after. */
export class DogSigns {
  private readonly paints: Record<DogState, Paint>;
  private readonly accent: string;
  private readonly accentInk: string;
  private readonly font: string;
  private readonly ring: string;
  private readonly sprites = new Map<string, Sprite>();

  /** `within`: whose colours and letters they have; `scale`: device pixels to one of CSS. */
  constructor(within: HTMLElement, private readonly scale: number) {
    const { colours: c, font } = read(within);
    this.font = `600 ${NAME_SIZE}px ${font}`;
    [this.accent, this.accentInk, this.ring] = [c.accent, c["accent-ink"], c.halo];
    this.paints = {
      well: { edge: c.accent, body: c["dog-body"], ink: c["dog-nose"], name: c["dog-name"], nameEdge: c["accent-line"], nameInk: c["dog-name-text"] },
      warned: { edge: c.warn, body: c["warn-deep"], ink: c.warn, name: c["warn-deep"], nameEdge: c.warn, nameInk: c["warn-text"] },
      stopped: { edge: c.halo, body: c.stop, ink: "#fff", name: c["alert-deep"], nameEdge: c.stop, nameInk: c["alert-text"] },
      fault: { edge: c.halo, body: c.alert, ink: c["alert-ink"], name: c["alert-deep"], nameEdge: c.alert, nameInk: c["alert-text"] },
      gone: { edge: c.stale, body: c["stale-fill"], ink: c.stale, name: c["stale-fill"], nameEdge: c.stale, nameInk: c["stale-text"] },
    };
  }

  /** A cone that it looks along, and a body: a circle that is well, a rhombus that warns, an octagon that was stopped, a triangle at fault, a dashed circle that is gone. */
  sign(state: DogState, selected: boolean, theta: number): Sprite {
    const step = Math.round(screenTurnDeg(theta) / TURN_DEG);
    const turned = ((step * TURN_DEG) % 360 + 360) % 360;
    return this.sprite(`${state} ${selected} ${turned}`, 2 * REACH, 2 * REACH, (ctx) => {
      const paint = this.paints[state];
      const chosen = selected && state === "well";
      if (state !== "gone") turnedBy(ctx, turned, () => {
        ctx.fillStyle = state === "fault" || state === "stopped" ? paint.body : paint.edge;
        ctx.globalAlpha = 0.3;
        ctx.fill(new Path2D("M22 22 L12.5 3.5 A21 21 0 0 1 31.5 3.5 Z"));
        ctx.globalAlpha = 0.14;
        ctx.fill(circle(15));
      });
      if (selected) this.markSelected(ctx);
      drawBody(ctx, SHAPES[state], chosen ? this.accent : paint.body, paint.edge, state === "gone");
      ctx.fillStyle = chosen ? this.accentInk : paint.ink;
      if (state === "stopped") ctx.fillRect(16.5, 20.4, 11, 3.2);
      else if (state === "fault") ctx.fill(new Path2D("M20.7 15.5 h2.6 l-0.5 7 h-1.6 Z M20.7 24.2 h2.6 v2.5 h-2.6 Z"));
      else turnedBy(ctx, turned, () => ctx.fill(new Path2D("M22 14.6 L26.4 25.6 L22 23 L17.6 25.6 Z")));
    });
  }

  private markSelected(ctx: Context): void {
    for (const [colour, width] of [[this.ring, 5], [this.accent, 2.5]] as const) {
      [ctx.strokeStyle, ctx.lineWidth] = [colour, width];
      ctx.stroke(circle(16));
    }
  }

  name(text: string, state: DogState, selected: boolean): Sprite {
    const width = this.nameWidth(text);
    return this.sprite(`name ${state} ${selected} ${text}`, width, NAME_HEIGHT, (ctx) => {
      const { name, nameEdge, nameInk } = this.paints[state];
      const loud = selected && state !== "gone";
      const pill = new Path2D();
      pill.roundRect(0.5, 0.5, width - 1, NAME_HEIGHT - 1, NAME_HEIGHT / 2);
      ctx.fillStyle = loud ? this.accent : name;
      ctx.fill(pill);
      ctx.strokeStyle = nameEdge;
      ctx.stroke(pill);
      ctx.font = this.font;
      ctx.textBaseline = "middle";
      ctx.fillStyle = loud ? this.accentInk : nameInk;
      ctx.fillText(text, NAME_PADDING, NAME_HEIGHT / 2 + 0.5);
      if (state !== "gone") return;
      ctx.fillStyle = nameEdge;
      ctx.fillRect(NAME_PADDING, NAME_HEIGHT / 2, width - 2 * NAME_PADDING, 1);
    });
  }

  /** What a name takes on the screen. */
  nameSize(text: string): { width: number; height: number } {
    return { width: this.nameWidth(text), height: NAME_HEIGHT };
  }

  private readonly widths = new Map<string, number>();

  private nameWidth(text: string): number {
    const known = this.widths.get(text);
    if (known) return known;
    const ctx = sheet(1, 1);
    ctx.font = this.font;
    const width = Math.ceil(ctx.measureText(text).width) + 2 * NAME_PADDING;
    this.widths.set(text, width);
    return width;
  }

  private sprite(key: string, width: number, height: number, paint: (ctx: Context) => void): Sprite {
    const known = this.sprites.get(key);
    if (known) return known;
    const ctx = sheet(width * this.scale, height * this.scale);
    ctx.scale(this.scale, this.scale);
    paint(ctx);
    const { canvas } = ctx;
    const made = { image: "transferToImageBitmap" in canvas ? canvas.transferToImageBitmap() : canvas, width, height };
    this.sprites.set(key, made);
    return made;
  }
}

const circle = (radius: number): Path2D => {
  const path = new Path2D();
  path.arc(REACH, REACH, radius, 0, 2 * Math.PI);
  return path;
};

const polygon = (corners: number, radius: number, turned: number, down = 0): Path2D => {
  const path = new Path2D();
  for (let i = 0; i < corners; i++) {
    const angle = turned + (2 * Math.PI * i) / corners;
    path.lineTo(REACH + radius * Math.sin(angle), REACH + down - radius * Math.cos(angle));
  }
  path.closePath();
  return path;
};

const SHAPES: Record<DogState, Path2D> = {
  well: circle(9.5),
  warned: polygon(4, 12, 0),
  stopped: polygon(8, 11.5, Math.PI / 8),
  fault: polygon(3, 13.5, 0, 2),
  gone: circle(9.5),
};

function turnedBy(ctx: Context, degrees: number, draw: () => void): void {
  ctx.save();
  ctx.translate(REACH, REACH);
  ctx.rotate((degrees * Math.PI) / 180);
  ctx.translate(-REACH, -REACH);
  draw();
  ctx.restore();
}

function drawBody(ctx: Context, shape: Path2D, fill: string, edge: string, dashed: boolean): void {
  ctx.save();
  [ctx.fillStyle, ctx.strokeStyle, ctx.lineWidth, ctx.lineJoin] = [fill, edge, 2.2, "round"];
  if (dashed) ctx.setLineDash([3, 2.6]);
  ctx.fill(shape);
  ctx.stroke(shape);
  ctx.restore();
}

function sheet(width: number, height: number): Context {
  const size = { width: Math.ceil(width), height: Math.ceil(height) };
  const canvas = "OffscreenCanvas" in window ? new OffscreenCanvas(size.width, size.height) : Object.assign(document.createElement("canvas"), size);
  return canvas.getContext("2d", ON_CPU) as Context;
}

/** The colours of styles/tokens.css as they are now, by day or by night. */
function read(within: HTMLElement): { colours: Colours; font: string } {
  const probe = within.appendChild(document.createElement("i"));
  const now = getComputedStyle(probe);
  const colours = Object.fromEntries(NAMES.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, now.color];
  })) as Colours;
  probe.style.fontFamily = "var(--font)";
  const font = now.fontFamily;
  probe.remove();
  return { colours, font };
}
