import type { Point, TrackPoint } from "../api/types";

/** Where the dog was `t` seconds after the patrol was given: between the two points round that moment; null without a point. */
export function placeAt(walked: TrackPoint[], t: number): Point | null {
  const next = walked.findIndex((point) => point.t > t);
  const last = walked.at(-1);
  if (!last) return null;
  if (next < 0) return last;
  if (next === 0) return walked[0]!;
  const [a, b] = [walked[next - 1]!, walked[next]!];
  const part = (t - a.t) / (b.t - a.t);
  return { x: a.x + part * (b.x - a.x), y: a.y + part * (b.y - a.y) };
}

/** The way until then. */
export function wayUntil(walked: TrackPoint[], t: number): Point[] {
  const place = placeAt(walked, t);
  return place ? [...walked.filter((point) => point.t <= t), place] : [];
}
