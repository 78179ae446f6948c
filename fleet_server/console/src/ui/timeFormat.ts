import i18next from "i18next";

import { language } from "../i18n";

/** Times of the ledger are shown in the site's own time zone, whichever the operator's computer has. */
const locale = () => (language() === "zh" ? "zh-CN" : "en-GB");

const formats = new Map<string, Intl.DateTimeFormat>();

/** A format is dear to make and cheap to use. */
function format(iso: string | number, timeZone: string | undefined, options: Intl.DateTimeFormatOptions): string {
  const key = `${locale()} ${timeZone} ${Object.entries(options).join()}`;
  const made = formats.get(key) ?? new Intl.DateTimeFormat(locale(), { timeZone, hourCycle: "h23", ...options });
  formats.set(key, made);
  return made.format(new Date(iso));
}

export const clock = (iso: string | number, zone?: string) =>
  format(iso, zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export const minute = (iso: string | number, zone?: string) => format(iso, zone, { hour: "2-digit", minute: "2-digit" });

export const dayAndMinute = (iso: string | number, zone?: string) =>
  format(iso, zone, { month: "2-digit", day: "2-digit", weekday: "short", hour: "2-digit", minute: "2-digit" });

export const monthDay = (iso: string | number, zone?: string) => format(iso, zone, { month: "2-digit", day: "2-digit" });

/** A date of the calendar, as 2026-03-01. */
export const dayOfDate = (date: string) => day(`${date}T12:00:00Z`, "UTC");

export const day = (iso: string | number, zone?: string) =>
  format(iso, zone, { month: "2-digit", day: "2-digit", weekday: "short" });

export const dayAndClock = (iso: string | number, zone?: string) =>
  format(iso, zone, { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** The clock alone today, with the day otherwise. */
export function moment(iso: string, zone: string | undefined, now: number): string {
  const dayOf = (at: string | number) => format(at, zone, { year: "numeric", month: "2-digit", day: "2-digit" });
  return dayOf(iso) === dayOf(now) ? clock(iso, zone) : dayAndClock(iso, zone);
}

export function ago(iso: string, now: number): string {
  const s = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (s < 5) return i18next.t("common.ago.now");
  if (s < 60) return i18next.t("common.ago.seconds", { n: s });
  if (s < 3600) return i18next.t("common.ago.minutes", { n: Math.floor(s / 60) });
  if (s < 86400) return i18next.t("common.ago.hours", { n: Math.floor(s / 3600) });
  return i18next.t("common.ago.days", { n: Math.floor(s / 86400) });
}

export function duration(milliseconds: number): string {
  const s = Math.max(0, Math.round(milliseconds / 1000));
  if (s < 60) return i18next.t("common.duration.seconds", { s });
  if (s < 3600) return i18next.t("common.duration.minutes", { m: Math.floor(s / 60), s: s % 60 });
  return i18next.t("common.duration.hours", { h: Math.floor(s / 3600), m: Math.floor((s % 3600) / 60) });
}
