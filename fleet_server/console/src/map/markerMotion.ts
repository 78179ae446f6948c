import type { Pose } from "../api/types";

/** A glide from one reported pose to the next; times in milliseconds. */
export interface Glide {
  from: Pose;
  to: Pose;
  start: number;
  duration: number;
}

/** Farther than this in one step (metres) is a new fix, not a walk: the dog is put there at once. */
export const JUMP_M = 4;
/** A glide lasts as long as the last wait between reports, within these bounds. */
const SHORTEST_MS = 80;
const LONGEST_MS = 700;

export function rest(pose: Pose, now: number): Glide {
  return { from: pose, to: pose, start: now, duration: 0 };
}

/** Where a dog is drawn. It never runs ahead of what was reported. */
export function sample(glide: Glide, now: number): Pose {
  if (arrived(glide, now)) return glide.to;
  const t = Math.max(0, (now - glide.start) / glide.duration);
  const { from, to } = glide;
  return {
    x: from.x + (to.x - from.x) * t,
    y: from.y + (to.y - from.y) * t,
    theta: from.theta + turn(from.theta, to.theta) * t,
  };
}

/** The glide after a report of `to`. */
export function glideTo(glide: Glide, to: Pose, now: number): Glide {
  const from = sample(glide, now);
  if (Math.hypot(to.x - from.x, to.y - from.y) > JUMP_M) return rest(to, now);
  return { from, to, start: now, duration: Math.min(LONGEST_MS, Math.max(SHORTEST_MS, now - glide.start)) };
}

export function arrived(glide: Glide, now: number): boolean {
  return now >= glide.start + glide.duration;
}

/** The shorter way round from one angle to another, radians. */
export function turn(from: number, to: number): number {
  const d = (to - from) % (2 * Math.PI);
  if (d > Math.PI) return d - 2 * Math.PI;
  return d < -Math.PI ? d + 2 * Math.PI : d;
}
