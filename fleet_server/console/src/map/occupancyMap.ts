/** The occupancy map, told apart into what an operator recognises and drawn in the console's colours. */

export const OPEN = 0;
export const OUTSIDE = 1;
export const BUILDING = 2;
export const WALL = 3;
export const THING = 4;

/** Grey values at or below this are occupied, at or above the other free, as the server's trinary PNG has them. */
const OCCUPIED_MAX = 80;
const FREE_MIN = 230;
/** Solid mass thinner than twice this (metres) is a wall or a fence. */
const WALL_HALF_M = 0.65;
/** A thick mass smaller than this (square metres) is a car, a bin or a kiosk, not a building. */
const THING_M2 = 16;

/** One class a cell from grey values, rows from the top, `resolution` in metres a cell. */
export function classify(grey: Uint8Array, width: number, height: number, resolution: number): Uint8Array {
  const outside = flood(grey, width, height);
  const solid = new Uint8Array(grey.length);
  for (let i = 0; i < grey.length; i++) {
    const value = grey[i]!;
    solid[i] = value <= OCCUPIED_MAX || (value < FREE_MIN && !outside[i]) ? 1 : 0;
  }
  const thick = opened(solid, width, height, WALL_HALF_M / resolution);
  const classes = new Uint8Array(grey.length);
  for (let i = 0; i < grey.length; i++) classes[i] = solid[i] ? (thick[i] ? BUILDING : WALL) : outside[i] ? OUTSIDE : OPEN;
  demoteSmall(classes, width, height, THING_M2 / resolution ** 2);
  return classes;
}

/** Unknown cells that reach the picture's edge through unknown cells: the world beyond the site. */
function flood(grey: Uint8Array, width: number, height: number): Uint8Array {
  const unknown = (i: number) => grey[i]! > OCCUPIED_MAX && grey[i]! < FREE_MIN;
  const reached = new Uint8Array(grey.length);
  const edge: number[] = [];
  const push = (i: number) => {
    if (!reached[i] && unknown(i)) {
      reached[i] = 1;
      edge.push(i);
    }
  };
  for (let x = 0; x < width; x++) (push(x), push((height - 1) * width + x));
  for (let y = 0; y < height; y++) (push(y * width), push(y * width + width - 1));
  spread(edge, width, height, push);
  return reached;
}

/** Takes cells off `edge` and offers their four neighbours to `push` until none is left. */
function spread(edge: number[], width: number, height: number, push: (i: number) => void): void {
  for (let i = edge.pop(); i !== undefined; i = edge.pop()) {
    const x = i % width;
    if (x > 0) push(i - 1);
    if (x < width - 1) push(i + 1);
    if (i >= width) push(i - width);
    if (i < (height - 1) * width) push(i + width);
  }
}

/** Morphological opening by a disc of `radius` cells: what is thinner than the disc goes. */
function opened(solid: Uint8Array, width: number, height: number, radius: number): Uint8Array {
  const core = distance(solid, 0, width, height).map((d) => (d > radius ? 1 : 0));
  const reach = distance(core, 1, width, height);
  return solid.map((s, i) => (s && reach[i]! <= radius * 1.6 ? 1 : 0));
}

/** Chamfer distance in cells from each cell to the nearest one whose value is `target` (Borgefors 1986, 3-4 mask). */
function distance(mask: Uint8Array | Float32Array, target: number, width: number, height: number): Float32Array {
  const d = new Float32Array(mask.length).fill(1e6);
  const A = 1;
  const B = 4 / 3;
  for (let i = 0; i < mask.length; i++) if (mask[i] === target) d[i] = 0;
  const relax = (i: number, j: number, step: number) => {
    if (d[j]! + step < d[i]!) d[i] = d[j]! + step;
  };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (x > 0) relax(i, i - 1, A);
      if (y > 0) {
        relax(i, i - width, A);
        if (x > 0) relax(i, i - width - 1, B);
        if (x < width - 1) relax(i, i - width + 1, B);
      }
    }
  for (let y = height - 1; y >= 0; y--)
    for (let x = width - 1; x >= 0; x--) {
      const i = y * width + x;
      if (x < width - 1) relax(i, i + 1, A);
      if (y < height - 1) {
        relax(i, i + width, A);
        if (x > 0) relax(i, i + width - 1, B);
        if (x < width - 1) relax(i, i + width + 1, B);
      }
    }
  return d;
}

function demoteSmall(classes: Uint8Array, width: number, height: number, cells: number): void {
  const seen = new Uint8Array(classes.length);
  for (let start = 0; start < classes.length; start++) {
    if (seen[start] || classes[start] !== BUILDING) continue;
    const mass: number[] = [];
    const edge: number[] = [];
    const push = (i: number) => {
      if (seen[i] || classes[i] !== BUILDING) return;
      seen[i] = 1;
      mass.push(i);
      edge.push(i);
    };
    push(start);
    spread(edge, width, height, push);
    if (mass.length < cells) for (const i of mass) classes[i] = THING;
  }
}
