import i18next from "i18next";

import type { Schedule } from "../api/types";
import { DAYS, daysOf } from "./scheduleDraft";

/** When a schedule is due, in the operator's words. */
export function whenOf({ rule, start, promise }: Schedule): string {
  const days = daysOf(rule);
  const time = start.slice(11, 16);
  const on = days === null ? i18next.t("schedules.custom") : days.length === DAYS.length ? i18next.t("schedules.daily") : i18next.t("schedules.weekly", { days: days.map((day) => i18next.t(`schedules.day.${day}`)).join(i18next.t("schedules.and")) });
  return promise ? i18next.t("schedules.window", { on, time, ends: promise.ends.slice(0, 5), n: promise.everyMinutes }) : i18next.t("schedules.at", { on, time });
}
