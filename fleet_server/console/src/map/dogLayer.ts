import type { MapMouseEvent, Map as GlMap } from "maplibre-gl";

import type { Pose } from "../api/types";
import { BODY, DogSigns, REACH, type Sprite } from "./dogSigns";
import { type DogState, URGENCY } from "./dogState";
import { type MapFrame, metresPerPixel } from "./geoReference";
import type { LabelEntry, LabelLayer } from "./labelLayer";
import type { Box, Offset } from "./labelPlacement";
import { arrived, type Glide, glideTo, rest, sample, turn } from "./markerMotion";
import { ON_CPU } from "./mapPainting";
import { LABEL } from "./labelPriority";
import { signAt } from "./signAt";

interface Drawn {
  dogId: string;
  /** What keyboard and screen reader have of it; it lies over the sign and is not seen. */
  button: HTMLElement;
  state: DogState;
  selected: boolean;
  glide: Glide;
  /** Where it was drawn last: on the map, and in the map's element, pixels. */
  at: Pose;
  x: number;
  y: number;
  name: Offset | null;
}

/** Less than this is not seen to move: so many pixels, or radians. */
const STEP_PX = 0.5;
const STEP_RAD = 0.05;
/** Buttons follow their signs so often where there are many; the one with the focus always does. */
const FEW = 20;
const BUTTONS_EVERY_MS = 1000;

/** The canvas has sides of so many pixels and their multiples, so that it seldom has to be made anew. */
const GRID_PX = 64;
/** And at most so many times the pixels that it needs. */
const MOST_SPARE = 1.5;
const NOWHERE: Box = { left: 0, top: 0, right: 0, bottom: 0 };

const isSame = (a: Pose, b: Pose) => a.x === b.x && a.y === b.y && a.theta === b.theta;

/** All dogs of one map, drawn into one canvas: an element for each costs the browser's compositor a frame's time by itself. */
export class DogLayer {
  /** Where the buttons stand. */
  readonly buttons = document.createElement("div");
  private readonly canvas = document.createElement("canvas");
  private readonly ctx = this.canvas.getContext("2d", ON_CPU)!;
  private readonly dogs = new Map<string, Drawn>();
  private scale = window.devicePixelRatio;
  private signs: DogSigns;
  private changed = false;
  private laid = NOWHERE;
  private inOrder: Drawn[] | null = null;
  private request = 0;
  private buttonsAt = 0;
  private buttonsTimer = 0;

  constructor(
    private readonly map: GlMap,
    private readonly frame: MapFrame,
    private readonly labels: LabelLayer,
    private readonly onSelect: (dogId: string) => void,
  ) {
    this.canvas.className = "dog-canvas";
    this.canvas.setAttribute("aria-hidden", "true");
    this.buttons.className = "dog-buttons";
    map.getCanvasContainer().append(this.canvas, this.buttons);
    this.signs = new DogSigns(map.getContainer(), this.scale);
    this.resize();
    map.on("resize", this.resize);
    map.on("move", this.drawAll);
    map.on("click", this.click);
    map.on("mousemove", this.hover);
  }

  remove(): void {
    cancelAnimationFrame(this.request);
    window.clearTimeout(this.buttonsTimer);
    this.map.off("resize", this.resize);
    this.map.off("move", this.drawAll);
    this.map.off("click", this.click);
    this.map.off("mousemove", this.hover);
    this.canvas.remove();
    this.buttons.remove();
  }

  /** Take a dog in, at `pose`; what is returned takes it out again. */
  add(dogId: string, pose: Pose, button: HTMLElement): () => void {
    const drawn: Drawn = { dogId, button, state: "gone", selected: false, glide: rest(pose, performance.now()), at: pose, x: 0, y: 0, name: null };
    ({ x: drawn.x, y: drawn.y } = this.map.project(this.frame.toLngLat(pose)));
    this.dogs.set(dogId, drawn);
    moveButton(drawn);
    const out = this.labels.add(`dog ${dogId}`, this.labelOf(drawn));
    this.change();
    return () => {
      out();
      this.dogs.delete(dogId);
      this.change();
    };
  }

  /** How a dog is. */
  look(dogId: string, state: DogState, selected: boolean): void {
    const drawn = this.dogs.get(dogId);
    if (!drawn) return;
    [drawn.state, drawn.selected] = [state, selected];
    this.labels.place();
    this.change();
  }

  /** Where a dog is. */
  report(dogId: string, pose: Pose): void {
    const drawn = this.dogs.get(dogId);
    if (!drawn || isSame(drawn.glide.to, pose)) return;
    drawn.glide = glideTo(drawn.glide, pose, performance.now());
    this.labels.place();
    this.later();
  }

  private change(): void {
    this.changed = true;
    this.inOrder = null;
    this.later();
  }

  private later(): void {
    this.request ||= requestAnimationFrame(this.step);
  }

  /** One turn of the screen: drawn where something is seen to differ, and asked for again while a dog is under way. */
  private readonly step = (): void => {
    this.request = 0;
    const now = performance.now();
    if (this.changed || this.isSeenToMove(now)) this.drawAll();
    for (const { glide, at } of this.dogs.values()) if (!isSame(at, glide.to)) return this.later();
  };

  private isSeenToMove(now: number): boolean {
    const seen = STEP_PX * metresPerPixel(this.map);
    for (const { glide, at } of this.dogs.values()) {
      const pose = sample(glide, now);
      if (arrived(glide, now) ? !isSame(at, pose) : Math.hypot(pose.x - at.x, pose.y - at.y) >= seen || Math.abs(turn(at.theta, pose.theta)) >= STEP_RAD) return true;
    }
    return false;
  }

  private readonly drawAll = (): void => {
    const { ctx, signs } = this;
    const now = performance.now();
    this.changed = false;
    this.inOrder ??= [...this.dogs.values()].sort((a, b) => Number(a.selected) - Number(b.selected) || URGENCY[a.state] - URGENCY[b.state]);
    for (const drawn of this.inOrder) {
      drawn.at = sample(drawn.glide, now);
      ({ x: drawn.x, y: drawn.y } = this.map.project(this.frame.toLngLat(drawn.at)));
    }
    this.lay(this.ground());
    ctx.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (const { state, selected, at, x, y } of this.inOrder) this.put(signs.sign(state, selected, at.theta), x, y);
    for (const { dogId, state, selected, x, y, name } of this.inOrder) if (name) this.put(signs.name(dogId, state, selected), x + name.dx, y + name.dy);
    this.moveButtons(now);
  };

  /** What all signs and names together take of the map's element. */
  private ground(): Box {
    const { clientWidth, clientHeight } = this.map.getContainer();
    const box: Box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
    const take = (x: number, y: number, halfWidth: number, halfHeight: number) => {
      box.left = Math.min(box.left, x - halfWidth);
      box.top = Math.min(box.top, y - halfHeight);
      box.right = Math.max(box.right, x + halfWidth);
      box.bottom = Math.max(box.bottom, y + halfHeight);
    };
    for (const { dogId, x, y, name } of this.dogs.values()) {
      take(x, y, REACH, REACH);
      const { width, height } = this.signs.nameSize(dogId);
      if (name) take(x + name.dx, y + name.dy, width / 2, height / 2);
    }
    const snap = (value: number, most: number, round: (n: number) => number) => Math.min(most, Math.max(0, GRID_PX * round(value / GRID_PX)));
    if (box.left > box.right) return { left: 0, top: 0, right: 0, bottom: 0 };
    return { left: snap(box.left, clientWidth, Math.floor), top: snap(box.top, clientHeight, Math.floor), right: snap(box.right, clientWidth, Math.ceil), bottom: snap(box.bottom, clientHeight, Math.ceil) };
  }

  /** The canvas covers no more than it must, for a browser without a GPU pays for each of its pixels at each turn. */
  private lay(ground: Box): void {
    const { canvas, laid } = this;
    const fits = laid.left <= ground.left && laid.top <= ground.top && laid.right >= ground.right && laid.bottom >= ground.bottom;
    if (fits && areaOf(laid) <= MOST_SPARE * areaOf(ground)) return;
    this.laid = ground;
    const [width, height] = [ground.right - ground.left, ground.bottom - ground.top];
    canvas.style.transform = `translate(${ground.left}px, ${ground.top}px)`;
    [canvas.style.width, canvas.style.height] = [`${width}px`, `${height}px`];
    [canvas.width, canvas.height] = [Math.round(width * this.scale), Math.round(height * this.scale)];
  }

  /** A sprite with its middle at a place; on whole pixels, which is quick and keeps letters sharp. */
  private put({ image, width, height }: Sprite, x: number, y: number): void {
    const { scale, laid } = this;
    this.ctx.drawImage(image, Math.round(scale * (x - laid.left - width / 2)), Math.round(scale * (y - laid.top - height / 2)));
  }

  private moveButtons(now: number): void {
    const all = this.dogs.size <= FEW || now - this.buttonsAt >= BUTTONS_EVERY_MS;
    if (all) this.buttonsAt = now;
    else this.buttonsTimer ||= window.setTimeout(this.moveAllButtons, BUTTONS_EVERY_MS);
    for (const drawn of this.dogs.values()) if (all || drawn.button === document.activeElement) moveButton(drawn);
  }

  private readonly moveAllButtons = (): void => {
    this.buttonsTimer = 0;
    this.moveButtons(performance.now());
  };

  /** Its name as the map's labels have it. */
  private labelOf(drawn: Drawn): LabelEntry {
    const { dogId, button } = drawn;
    return {
      get priority() {
        return LABEL.dog - (drawn.selected ? 0.5 : URGENCY[drawn.state] / 10);
      },
      get insists() {
        return drawn.selected || drawn.state === "fault";
      },
      clearance: BODY,
      measure: (frame) => ({ x: frame.left + drawn.x, y: frame.top + drawn.y, ...this.signs.nameSize(dogId) }),
      show: (offset) => {
        const { name } = drawn;
        if (name?.dx === offset?.dx && name?.dy === offset?.dy) return;
        drawn.name = offset;
        const { width, height } = this.signs.nameSize(dogId);
        if (offset) button.dataset.name = [offset.dx, offset.dy, width, height].join(" "); // for who looks by a program
        else delete button.dataset.name;
        this.change();
      },
    };
  }

  private readonly resize = (): void => {
    this.scale = window.devicePixelRatio;
    this.signs = new DogSigns(this.map.getContainer(), this.scale);
    this.laid = NOWHERE;
    this.drawAll();
  };

  private readonly click = (event: MapMouseEvent): void => {
    const dog = this.dogUnder(event);
    if (dog) this.onSelect(dog);
  };

  private readonly hover = (event: MapMouseEvent): void => {
    this.map.getContainer().toggleAttribute("data-over-dog", this.dogUnder(event) !== null);
  };

  /** Whose sign is under the pointer, the nearest of several; what else stands on the map lies over it and is meant first. */
  private dogUnder({ point, originalEvent }: MapMouseEvent): string | null {
    return originalEvent.target === this.map.getCanvas() ? signAt(this.dogs.values(), point, REACH)?.dogId ?? null : null;
  }
}

const areaOf = ({ left, top, right, bottom }: Box) => (right - left) * (bottom - top);

function moveButton({ button, x, y, at }: Drawn): void {
  [button.style.left, button.style.top] = [`${(x - REACH).toFixed(1)}px`, `${(y - REACH).toFixed(1)}px`];
  [button.dataset.x, button.dataset.y] = [at.x.toFixed(2), at.y.toFixed(2)]; // for who looks by a program
}
