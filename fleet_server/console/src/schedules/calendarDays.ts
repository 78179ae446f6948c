import type { ComingRound } from "../api/types";

/** All rounds of one schedule on one day of the site's clock. */
export interface DayEntry {
  scheduleId: string;
  rounds: ComingRound[];
  /** Those that will find no dog. */
  conflicts: ComingRound[];
}

export interface CalendarDay {
  /** As 2026-03-01. */
  date: string;
  entries: DayEntry[];
}

/** The calendar's day of an instant, by the clock of `zone`. */
export function dateIn(zone: string, instant: number | string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(instant));
}

/** The coming `days` days from `now` on, also those on which nothing is due. */
export function calendarDays(rounds: ComingRound[], zone: string, now: number, days: number): CalendarDay[] {
  const dates = nextDates(dateIn(zone, now), days);
  return dates.map((date) => ({ date, entries: entriesOf(rounds.filter((round) => dateIn(zone, round.startsAt) === date)) }));
}

function entriesOf(rounds: ComingRound[]): DayEntry[] {
  const bySchedule = new Map<string, ComingRound[]>();
  for (const round of rounds) bySchedule.set(round.scheduleId, [...(bySchedule.get(round.scheduleId) ?? []), round]);
  return [...bySchedule].map(([scheduleId, own]) => ({ scheduleId, rounds: own, conflicts: own.filter((round) => round.conflict !== null) }));
}

/** Dates are counted at noon of UTC: no change of a clock moves them. */
function nextDates(first: string, days: number): string[] {
  const noon = Date.parse(`${first}T12:00:00Z`);
  return Array.from({ length: days }, (_, i) => new Date(noon + i * 86_400_000).toISOString().slice(0, 10));
}
