import type { Shift } from "../api/types";

/** Spans that end now, by hours. */
export const LATELY = { "24h": 24, "7d": 24 * 7, "30d": 24 * 30 } as const;
export type Lately = keyof typeof LATELY;

/** What the address names as `span`: a length of time until now, or a shift as `night@2026-11-26`. */
export type SpanChoice = { lately: Lately } | { shift: string; day: string };

export function readSpan(text: string | null): SpanChoice {
  const shift = /^(?<name>\S+)@(?<day>\d{4}-\d{2}-\d{2})$/.exec(text ?? "")?.groups;
  if (shift) return { shift: shift.name!, day: shift.day! };
  return { lately: text !== null && Object.hasOwn(LATELY, text) ? (text as Lately) : "24h" };
}

export const spanName = (choice: SpanChoice): string => ("lately" in choice ? choice.lately : `${choice.shift}@${choice.day}`);

export interface Span {
  since: string;
  until: string;
}

const STEP_MS = 5 * 60_000;

/** From when to when; it ends a few minutes from now at most, so that what was asked for a moment ago is asked for by the same name. Null: the shift is not known. */
export function spanOf(choice: SpanChoice, shifts: Shift[], now: number): Span | null {
  if ("lately" in choice) {
    const until = Math.ceil(now / STEP_MS) * STEP_MS;
    return { since: new Date(until - LATELY[choice.lately] * 3_600_000).toISOString(), until: new Date(until).toISOString() };
  }
  const found = shifts.find((shift) => shift.name === choice.shift && shift.day === choice.day);
  return found ? { since: found.since, until: found.until } : null;
}

/** What the report's address needs of the choice. */
export function reportQuery(siteId: string, choice: SpanChoice, span: Span, language: string): string {
  const asked: Record<string, string> = "lately" in choice ? { ...span } : { shift: choice.shift, day: choice.day };
  return new URLSearchParams({ siteId, language, ...asked }).toString();
}
