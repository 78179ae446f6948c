import type { Backtest } from "../api/types";

export const SPANS = ["yesterday", "7d"] as const;
export type SpanName = (typeof SPANS)[number];

export const readSpanName = (text: string | null): SpanName => SPANS.find((name) => name === text) ?? "7d";

const HOUR_MS = 3_600_000;
/** What is asked for a moment later is asked for by the same name. */
const STEP_MS = 10 * 60_000;

/** From when to when: the calendar's day before `now` by the clock of `zone`, or seven days until now. */
export function backtestSpan(name: SpanName, zone: string, now: number): { since: string; until: string } {
  const today = midnightBefore(now, zone);
  const [since, until] = name === "yesterday" ? [midnightBefore(today - 1, zone), today] : [roundedUp(now) - 7 * 24 * HOUR_MS, roundedUp(now)];
  return { since: new Date(since).toISOString(), until: new Date(until).toISOString() };
}

const roundedUp = (now: number) => Math.ceil(now / STEP_MS) * STEP_MS;

/** The last instant until `now` at which a day began by the clock of `zone`; clocks may change in between. */
export function midnightBefore(now: number, zone: string): number {
  const first = now - intoDay(now, zone);
  const off = intoDay(first, zone);
  return off > 12 * HOUR_MS ? first + 24 * HOUR_MS - off : first - off;
}

function intoDay(instant: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", hour: "2-digit", minute: "2-digit", second: "2-digit" }).formatToParts(instant);
  const [h = 0, m = 0, s = 0] = parts.filter((part) => part.type !== "literal").map((part) => Number(part.value));
  return ((h * 60 + m) * 60 + s) * 1000 + (instant % 1000);
}

type Finding = Backtest["findings"][number];

export const SHOWN = ["missed", "seen", "all"] as const;
export type Shown = (typeof SHOWN)[number];
export const readShown = (text: string | null): Shown => SHOWN.find((name) => name === text) ?? "missed";

export const isSeen = (finding: Finding): boolean => finding.verdict === "SEEN";

export function shownOf(findings: Finding[], shown: Shown): Finding[] {
  return shown === "all" ? findings : findings.filter((finding) => isSeen(finding) === (shown === "seen"));
}

/** By how long a round misses it, as words have it: whole minutes at least, hours and days where they are many. */
export function awayIn(seconds: number): { unit: "minutes" | "hours" | "days"; n: number } {
  const minutes = Math.max(1, Math.round(Math.abs(seconds) / 60));
  if (minutes < 120) return { unit: "minutes", n: minutes };
  const hours = Math.round(minutes / 60);
  return hours < 48 ? { unit: "hours", n: hours } : { unit: "days", n: Math.round(hours / 24) };
}
