import type { Theme } from "../ui/theme";
import { BUILDING, classify, OPEN, OUTSIDE, THING, WALL } from "./occupancyMap";

/** The map's own colours; the rest of the console has its in styles/tokens.css. */
const PALETTE = {
  dark: {
    open: "#18232d",
    openEdge: "#22303c",
    grid: "rgba(140, 170, 190, 0.055)",
    gridStrong: "rgba(140, 170, 190, 0.11)",
    building: "#304050",
    buildingEdge: "#5a7389",
    wall: "#5b7388",
    thing: "#243443",
    thingEdge: "#45596b",
    shadow: "rgba(2, 6, 10, 0.75)",
  },
  light: {
    open: "#fafbfc",
    openEdge: "#cfd8df",
    grid: "rgba(60, 90, 110, 0.07)",
    gridStrong: "rgba(60, 90, 110, 0.14)",
    building: "#c3ced8",
    buildingEdge: "#8fa1b1",
    wall: "#93a4b3",
    thing: "#d7dfe6",
    thingEdge: "#aab8c4",
    shadow: "rgba(40, 60, 80, 0.28)",
  },
} satisfies Record<Theme, Record<string, string>>;
type Palette = (typeof PALETTE)[Theme];
/** Painted once and read back: on a GPU that is software that took half a minute of a busy machine, and on a real one it waits for all that is drawn. */
export const ON_CPU: CanvasRenderingContext2DSettings = { willReadFrequently: true };
/** The longest side of the painted map, pixels: sharp at street level, and a texture that any GPU takes. */
const LONGEST_PX = 2400;

/** What is painted on: in a worker there is no document, and in an old browser nothing but one. */
export type Sheet = HTMLCanvasElement | OffscreenCanvas;
type Pen = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** The map picture of `width` x `height` cells, `resolution` metres each, painted for the console; the result covers the same ground. */
export function paintGround(picture: CanvasImageSource, width: number, height: number, resolution: number, theme: Theme): Sheet {
  const colour = PALETTE[theme];
  const classes = classify(greyOf(picture, width, height), width, height, resolution);
  const scale = Math.max(1, Math.min(6, LONGEST_PX / Math.max(width, height)));
  const canvas = sheet(Math.round(width * scale), Math.round(height * scale));
  const ctx = penOn(canvas);
  const mask = (...kinds: number[]) => smoothMask(classes, kinds, width, height, canvas);
  const site = mask(OPEN, BUILDING, WALL, THING);
  ctx.drawImage(tinted(site, colour.open), 0, 0);
  ctx.drawImage(grid(canvas, scale / resolution, site, colour), 0, 0);
  rim(ctx, tinted(mask(OUTSIDE), colour.openEdge), site, scale);
  const building = mask(BUILDING);
  const thing = mask(THING);
  raise(ctx, tinted(thing, colour.thingEdge), tinted(thing, colour.thing), scale, 4, colour.shadow);
  raise(ctx, tinted(mask(WALL, BUILDING), colour.wall), null, scale, 5, colour.shadow);
  raise(ctx, tinted(building, colour.buildingEdge), tinted(building, colour.building), scale, 12, colour.shadow);
  return canvas;
}

function sheet(width: number, height: number): Sheet {
  if (typeof document === "undefined") return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement("canvas"), { width, height });
}

function penOn(canvas: Sheet): Pen {
  return canvas.getContext("2d", ON_CPU) as Pen;
}

function greyOf(picture: CanvasImageSource, width: number, height: number): Uint8Array {
  const pen = penOn(sheet(width, height));
  pen.drawImage(picture, 0, 0);
  const { data } = pen.getImageData(0, 0, width, height);
  return Uint8Array.from({ length: data.length / 4 }, (_, i) => data[i * 4]!);
}

/** The cells of `kinds` as an opaque shape, scaled up with its stairs rounded off. */
function smoothMask(classes: Uint8Array, kinds: number[], width: number, height: number, like: Sheet) {
  const small = sheet(width, height);
  const cells = penOn(small);
  const raw = cells.createImageData(width, height);
  for (let i = 0; i < classes.length; i++) raw.data[i * 4 + 3] = kinds.includes(classes[i]!) ? 255 : 0;
  cells.putImageData(raw, 0, 0);
  const large = sheet(like.width, like.height);
  const ctx = penOn(large);
  ctx.imageSmoothingQuality = "high";
  ctx.drawImage(small, 0, 0, like.width, like.height);
  const pixels = ctx.getImageData(0, 0, like.width, like.height);
  for (let i = 3; i < pixels.data.length; i += 4) {
    const t = Math.min(1, Math.max(0, (pixels.data[i]! / 255 - 0.34) / 0.32));
    pixels.data[i] = 255 * t * t * (3 - 2 * t);
  }
  ctx.putImageData(pixels, 0, 0);
  return large;
}

function tinted(mask: Sheet, colour: string): Sheet {
  const canvas = sheet(mask.width, mask.height);
  const ctx = penOn(canvas);
  ctx.drawImage(mask, 0, 0);
  ctx.globalCompositeOperation = "source-in";
  ctx.fillStyle = colour;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}

/** Lines each 5 m, stronger each 10 m, within the site. `pixels` a metre. */
function grid(like: Sheet, pixels: number, site: Sheet, colour: Palette): Sheet {
  const canvas = sheet(like.width, like.height);
  const ctx = penOn(canvas);
  ctx.lineWidth = Math.max(1, pixels * 0.05);
  for (let n = 1, at = pixels * 5; at < Math.max(like.width, like.height); n++, at = pixels * 5 * n) {
    ctx.strokeStyle = n % 2 ? colour.grid : colour.gridStrong;
    ctx.beginPath();
    ctx.moveTo(at, 0);
    ctx.lineTo(at, like.height);
    ctx.moveTo(0, like.height - at);
    ctx.lineTo(like.width, like.height - at);
    ctx.stroke();
  }
  ctx.globalCompositeOperation = "destination-in";
  ctx.drawImage(site, 0, 0);
  return canvas;
}

/** A light edge where the site ends. */
function rim(ctx: Pen, outside: Sheet, site: Sheet, scale: number): void {
  const edge = sheet(site.width, site.height);
  const c = penOn(edge);
  for (const [dx, dy] of around(scale * 0.7)) c.drawImage(outside, dx, dy);
  c.globalCompositeOperation = "destination-in";
  c.drawImage(site, 0, 0);
  ctx.drawImage(edge, 0, 0);
}

/** A shape with a shadow, an edge and, where `top` is given, a face inside the edge. */
function raise(
  ctx: Pen,
  edge: Sheet,
  top: Sheet | null,
  scale: number,
  depth: number,
  shadow: string,
): void {
  ctx.save();
  ctx.shadowColor = shadow;
  ctx.shadowBlur = depth * scale;
  ctx.shadowOffsetY = depth * scale * 0.25;
  ctx.drawImage(edge, 0, 0);
  ctx.restore();
  if (!top) return;
  const face = sheet(top.width, top.height);
  const c = penOn(face);
  c.drawImage(top, 0, 0);
  c.globalCompositeOperation = "destination-in";
  for (const [dx, dy] of around(Math.max(1.5, scale * 0.8))) c.drawImage(top, dx, dy);
  ctx.drawImage(face, 0, 0);
}

const around = (r: number): [number, number][] => [
  [r, 0],
  [-r, 0],
  [0, r],
  [0, -r],
];
