import { expect, it } from "vitest";

import type { ComingRound } from "../api/types";
import { calendarDays } from "./calendarDays";

const round = (startsAt: string, conflict: ComingRound["conflict"] = null, scheduleId = "night") => ({ scheduleId, startsAt, conflict }) as ComingRound;

it("puts a round on the day of the site's own clock", () => {
  const days = calendarDays([round("2026-03-01T15:59:00Z"), round("2026-03-01T16:01:00Z", "busy")], "Asia/Shanghai", Date.parse("2026-03-01T04:00:00Z"), 3);
  expect(days.map((day) => [day.date, day.entries[0]?.rounds.length ?? 0, day.entries[0]?.conflicts.length ?? 0])).toEqual([["2026-03-01", 1, 0], ["2026-03-02", 1, 1], ["2026-03-03", 0, 0]]);
});

it("has every day once, also where a clock is changed", () => {
  const days = calendarDays([], "Europe/Berlin", Date.parse("2026-03-28T22:30:00Z"), 4);
  expect(days.map((day) => day.date)).toEqual(["2026-03-28", "2026-03-29", "2026-03-30", "2026-03-31"]);
});
