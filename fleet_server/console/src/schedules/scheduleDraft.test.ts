import { expect, it } from "vitest";

import type { Schedule } from "../api/types";
import { bodyOf, DAYS, daysOf, draftOfSchedule, emptySchedule, missingOf, ruleOf } from "./scheduleDraft";

const schedule: Schedule = {
  scheduleId: "s1", routeId: "r1", name: { zh: "夜巡", en: "Night" }, rule: "FREQ=WEEKLY;BYDAY=MO,WE,SU", start: "2026-03-01T22:30:00", butNot: ["2026-10-01"],
  promise: { everyMinutes: 40, ends: "06:00" }, missed: { policy: "late", minutes: 20 }, dogs: ["dog1"], enabled: true, nextAt: null, version: "v1",
};

it("gives back what it took, for every set of days", () => {
  for (let set = 1; set < 128; set++) {
    const days = DAYS.filter((_, i) => set & (1 << i));
    expect(daysOf(ruleOf(days))).toEqual(days);
  }
  const { scheduleId: _, nextAt: __, version: ___, ...body } = schedule;
  expect(bodyOf(draftOfSchedule(schedule))).toEqual(body);
});

it("leaves a rule alone that it does not know", () => {
  for (const rule of ["FREQ=MONTHLY;BYDAY=1MO", "FREQ=DAILY;INTERVAL=2", "FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO;COUNT=3"]) {
    expect(daysOf(rule)).toBeNull();
    expect(bodyOf(draftOfSchedule({ ...schedule, rule })).rule).toBe(rule);
  }
});

it("sends minutes only with a round that may be late", () => {
  expect(bodyOf({ ...draftOfSchedule(schedule), missed: { policy: "skip", minutes: 20 } }).missed).toEqual({ policy: "skip" });
});

it("says what is missing", () => {
  expect(missingOf(emptySchedule("", "2026-03-01"))).toEqual(["name", "route"]);
  expect(missingOf({ ...draftOfSchedule(schedule), days: [], time: "" })).toEqual(["days", "when"]);
});
