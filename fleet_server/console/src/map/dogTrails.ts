import type { Dog, Point } from "../api/types";
import type { LngLat } from "./geoReference";
import { JUMP_M } from "./markerMotion";

/** Where a dog was; `at` is the station's time, milliseconds. */
interface TrailPoint extends Point {
  at: number;
  /** Nothing is known of how it came here from the point before. */
  anew: boolean;
}

interface Trail {
  mapId: string;
  points: TrailPoint[];
}

/** Nearer than this to the point before (metres) is not kept. */
const STEP_M = 0.5;
/** So far back a trail is seen. */
export const SEEN_MS = 10 * 60_000;
/** Points of one dog at most: ten minutes at 0.8 m/s. */
const MOST_POINTS = 960;
/** Of more dogs than this on a map the chosen one's trail alone is drawn: each time the whole map is painted. */
export const FEW = 20;
/** How many shades a trail has from new to old. */
const SHADES = 5;

/** Where dogs have walked while the page was open, and what a map draws of it. */
export class DogTrails {
  private readonly trails = new Map<string, Trail>();
  /** Changes whenever a trail does. */
  version = 0;

  take({ dogId, position }: Pick<Dog, "dogId" | "position">, at: number): void {
    if (!position) return;
    const { x, y, mapId } = position;
    const known = this.trails.get(dogId);
    const trail = known?.mapId === mapId ? known : { mapId, points: [] };
    const last = trail.points.at(-1);
    const way = last ? Math.hypot(x - last.x, y - last.y) : Infinity;
    if (way < STEP_M) return;
    trail.points.push({ x, y, at, anew: way > JUMP_M });
    if (trail.points.length > MOST_POINTS) trail.points.shift();
    this.trails.set(dogId, trail);
    this.version++;
  }

  /** The trails on a map at `now`: a feature for each shade of the chosen dog's and of the others', from `age` 0 (new) towards 1. */
  shapes(mapId: string, chosen: string | null, now: number, toLngLat: (point: Point) => LngLat): GeoJSON.FeatureCollection<GeoJSON.MultiLineString> {
    const here = [...this.trails].filter(([, trail]) => trail.mapId === mapId);
    const [others, own] = [shades(), shades()];
    for (const [dogId, { points }] of here) {
      if (dogId === chosen) lay(own, points, now, toLngLat);
      else if (here.length <= FEW) lay(others, points, now, toLngLat);
    }
    return { type: "FeatureCollection", features: [...features(others, false), ...features(own, true)] };
  }

  /** As text, for a page that is loaded anew: to the centimetre, and what is still seen at `now`. */
  kept(now: number): string {
    const round = (metres: number) => Math.round(metres * 100) / 100;
    const all = [...this.trails].map(([dogId, { mapId, points }]) => [dogId, mapId, points.filter(({ at }) => now - at < SEEN_MS).map(({ x, y, at, anew }) => [round(x), round(y), at, anew])]);
    return JSON.stringify(all);
  }

  /** What `kept` was, before anything new is taken. */
  restore(kept: string): void {
    for (const [dogId, mapId, points] of JSON.parse(kept) as [string, string, [number, number, number, boolean][]][])
      this.trails.set(dogId, { mapId, points: points.map(([x, y, at, anew]) => ({ x, y, at, anew })) });
    this.version++;
  }
}

type Line = LngLat[];
const shades = (): Line[][] => Array.from({ length: SHADES }, () => []);

/** Put the pieces of a way between its points into the shade of their age: each is as old as its end. */
function lay(into: Line[][], points: TrailPoint[], now: number, toLngLat: (point: Point) => LngLat): void {
  let line: Line = [];
  let before = -1;
  points.forEach((point, n) => {
    const shade = Math.max(0, Math.floor(((now - point.at) / SEEN_MS) * SHADES));
    if (n === 0 || point.anew || shade >= SHADES) {
      before = -1;
      return;
    }
    if (shade !== before) into[shade]!.push((line = [toLngLat(points[n - 1]!)]));
    line.push(toLngLat(point));
    before = shade;
  });
}

const features = (all: Line[][], chosen: boolean): GeoJSON.Feature<GeoJSON.MultiLineString>[] =>
  all.flatMap((lines, shade) => (lines.length === 0 ? [] : [{ type: "Feature", properties: { chosen, age: shade / SHADES }, geometry: { type: "MultiLineString", coordinates: lines } }]));
