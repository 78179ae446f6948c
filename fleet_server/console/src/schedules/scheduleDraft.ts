import type { Schedule, ScheduleBody, Text } from "../api/types";

/** The days of RFC 5545, Monday first. */
export const DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Day = (typeof DAYS)[number];
export type MissedPolicy = ScheduleBody["missed"] extends infer M ? (M extends { policy: infer P } ? P : never) : never;

/** A schedule being edited. `scheduleId` is null until the server has it. */
export interface ScheduleDraft {
  scheduleId: string | null;
  /** Of what is changed; null until the server has it. */
  version: string | null;
  routeId: string;
  name: Text;
  /** The days on which it is due; null where its rule is one that this form does not know. */
  days: Day[] | null;
  rule: string;
  /** The first day, and the time of day by the site's clock. */
  date: string;
  time: string;
  promise: { everyMinutes: number; ends: string } | null;
  missed: { policy: MissedPolicy; minutes: number };
  dogs: string[];
  butNot: string[];
  enabled: boolean;
}

export const LATE_MINUTES = 30;
export const EVERY_MINUTES = { least: 6, usual: 60, most: 1440 };

export const emptySchedule = (routeId: string, today: string): ScheduleDraft => ({
  scheduleId: null, version: null, routeId, name: { zh: "", en: "" }, days: [...DAYS], rule: "", date: today, time: "22:00", promise: null, missed: { policy: "late", minutes: LATE_MINUTES }, dogs: [], butNot: [], enabled: true,
});

export function draftOfSchedule(schedule: Schedule): ScheduleDraft {
  const [date = "", time = ""] = schedule.start.split("T");
  return {
    scheduleId: schedule.scheduleId,
    version: schedule.version,
    routeId: schedule.routeId,
    name: { ...schedule.name },
    days: daysOf(schedule.rule),
    rule: schedule.rule,
    date,
    time: time.slice(0, 5),
    promise: schedule.promise && { everyMinutes: schedule.promise.everyMinutes, ends: schedule.promise.ends.slice(0, 5) },
    missed: { policy: schedule.missed.policy, minutes: schedule.missed.minutes ?? LATE_MINUTES },
    dogs: [...schedule.dogs],
    butNot: [...schedule.butNot],
    enabled: schedule.enabled,
  };
}

/** The days of a rule that is daily or weekly and nothing else; null for any other. */
export function daysOf(rule: string): Day[] | null {
  if (/^FREQ=DAILY$/i.test(rule)) return [...DAYS];
  const named = /^FREQ=WEEKLY;BYDAY=((?:MO|TU|WE|TH|FR|SA|SU)(?:,(?:MO|TU|WE|TH|FR|SA|SU))*)$/i.exec(rule)?.[1]?.toUpperCase().split(",");
  return named ? DAYS.filter((day) => named.includes(day)) : null;
}

export const ruleOf = (days: readonly Day[]): string => (days.length === DAYS.length ? "FREQ=DAILY" : `FREQ=WEEKLY;BYDAY=${DAYS.filter((day) => days.includes(day)).join(",")}`);

/** What is missing before it can be saved, as keys of `schedules.missing`. */
export function missingOf(draft: ScheduleDraft): ("name" | "route" | "days" | "when")[] {
  const gaps: ("name" | "route" | "days" | "when")[] = [];
  if (!draft.name.zh.trim() && !draft.name.en.trim()) gaps.push("name");
  if (!draft.routeId) gaps.push("route");
  if (draft.days?.length === 0) gaps.push("days");
  if (!draft.date || !draft.time || (draft.promise && !draft.promise.ends)) gaps.push("when");
  return gaps;
}

/** The schedule as it can be tried before it has a name; null: there is nothing yet to be tried. */
export function triedOf(draft: ScheduleDraft): { schedule: ScheduleBody & { scheduleId: string } } | null {
  if (missingOf(draft).some((gap) => gap !== "name")) return null;
  return { schedule: { ...bodyOf({ ...draft, name: { zh: "–", en: "–" } }), scheduleId: draft.scheduleId ?? "draft" } };
}

/** The schedule as the server takes it; a name given in one language serves for both. */
export function bodyOf(draft: ScheduleDraft): ScheduleBody {
  const { zh, en } = { zh: draft.name.zh.trim(), en: draft.name.en.trim() };
  const { policy, minutes } = draft.missed;
  return {
    routeId: draft.routeId,
    name: { zh: zh || en, en: en || zh },
    rule: draft.days ? ruleOf(draft.days) : draft.rule,
    start: `${draft.date}T${draft.time}:00`,
    butNot: draft.butNot,
    promise: draft.promise,
    missed: policy === "late" ? { policy, minutes } : { policy },
    dogs: draft.dogs,
    enabled: draft.enabled,
  };
}

/** Whether saving the one would change what the other says. */
export const isSameSchedule = (one: ScheduleDraft, other: ScheduleDraft): boolean => JSON.stringify(bodyOf(one)) === JSON.stringify(bodyOf(other));
