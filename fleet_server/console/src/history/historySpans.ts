import type { DogHistory, HistorySample } from "../api/types";

/** How far back one can look, in hours, and in spans of how many seconds: what the server keeps, and a screen can show. */
export const LOOKS = { hour: { hours: 1, spanS: 60 }, day: { hours: 24, spanS: 300 }, month: { hours: 30 * 24, spanS: 7200 } } as const;
export type Look = keyof typeof LOOKS;

export const readLook = (text: string | null): Look => (text !== null && Object.hasOwn(LOOKS, text) ? (text as Look) : "day");

/** What is asked of the server at `now` (milliseconds), from a span's begin. */
export function historyQuery(look: Look, now: number): string {
  const { hours, spanS } = LOOKS[look];
  const since = Math.floor(now / 1000 / spanS) * spanS - hours * 3600;
  const points = (hours * 3600) / spanS + 2; // of the last, which has begun, there are two at most
  return new URLSearchParams({ since: new Date(since * 1000).toISOString(), points: String(points) }).toString();
}

/** A span begins at `at` (Unix seconds); without a `sample` the dog was not live, or the station did not look. */
export interface Span {
  at: number;
  sample: HistorySample | null;
}

/** A minute is kept when it is over, and a moment later: until then nothing is missing. */
const KEPT_AFTER_S = 75;

/** Every span from the first that was asked for to the last that can be known, also those of which nothing is. */
export function spansOf({ since, until, spanS, samples }: DogHistory): Span[] {
  const known = new Map(samples.map((sample) => [Date.parse(sample.at) / 1000, sample]));
  const begin = (seconds: number) => Math.floor(seconds / spanS) * spanS;
  const last = Math.max(begin(Date.parse(until) / 1000 - KEPT_AFTER_S), ...known.keys());
  const spans: Span[] = [];
  for (let at = begin(Date.parse(since) / 1000); at <= last; at += spanS) spans.push({ at, sample: known.get(at) ?? null });
  return spans;
}

/** From when to when (Unix seconds) nothing is known, in order. */
export function gapsOf(spans: Span[], spanS: number): [number, number][] {
  const gaps: [number, number][] = [];
  for (const { at, sample } of spans) {
    if (sample !== null) continue;
    const before = gaps.at(-1);
    if (before?.[1] === at) before[1] += spanS;
    else gaps.push([at, at + spanS]);
  }
  return gaps;
}

export interface Summary {
  battery: { first: number; last: number; least: number } | null;
  walkedM: number;
  /** The least share of a span in which the dog was heard. */
  live: number;
  gaps: number;
  gapsS: number;
}

/** All of it in a few figures; null: nothing is known at all. */
export function summaryOf(spans: Span[], spanS: number): Summary | null {
  const known = spans.flatMap(({ sample }) => sample ?? []);
  if (known.length === 0) return null;
  const charges = known.flatMap(({ battery }) => battery ?? []);
  const leasts = known.flatMap(({ batteryLeast }) => batteryLeast ?? []);
  const gaps = gapsOf(spans, spanS);
  return {
    battery: charges.length > 0 ? { first: charges[0]!, last: charges.at(-1)!, least: Math.min(...leasts, ...charges) } : null,
    walkedM: known.reduce((sum, sample) => sum + sample.walkedM, 0),
    live: Math.min(...known.map((sample) => sample.live)),
    gaps: gaps.length,
    gapsS: gaps.reduce((sum, [from, to]) => sum + to - from, 0),
  };
}
