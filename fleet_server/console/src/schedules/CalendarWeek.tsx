import { TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { ComingRound, Site } from "../api/types";
import { named } from "../i18n";
import { Waiting } from "../ui/Notice";
import { RequestFailure } from "../ui/RequestFailure";
import { dayOfDate, minute } from "../ui/timeFormat";
import { useNow } from "../ui/useNow";
import { type CalendarDay, calendarDays, type DayEntry } from "./calendarDays";
import { conflictReason } from "./roundReason";
import { useCalendar } from "./scheduleQueries";

const DAYS_SHOWN = 7;

/** The coming days, one column each: what is due, who can walk it, and what will find no dog. */
export function CalendarWeek({ site }: { site: Site }) {
  const { t } = useTranslation();
  const calendar = useCalendar(DAYS_SHOWN);
  const now = useNow(60_000);
  if (calendar.isPending) return <Waiting rows={5} label={t("common.loading")} />;
  if (calendar.isError) return <RequestFailure error={calendar.error} retry={() => void calendar.refetch()} />;
  const conflicts = calendar.data.filter((round) => round.conflict !== null).length;
  return (
    <section className="week" aria-labelledby="week-title">
      <header className="week__head">
        <h2 id="week-title">{t("schedules.week")}</h2>
        <p data-testid="calendar-sum" data-conflicts={conflicts}>{calendar.data.length === 0 ? t("schedules.weekEmpty") : conflicts > 0 ? t("schedules.weekConflicts", { n: calendar.data.length, conflicts }) : t("schedules.weekFine", { n: calendar.data.length })}</p>
      </header>
      <ol className="week__days">
        {calendarDays(calendar.data, site.timezone, now, DAYS_SHOWN).map((day, i) => <DayColumn key={day.date} day={day} today={i === 0} zone={site.timezone} />)}
      </ol>
    </section>
  );
}

function DayColumn({ day, today, zone }: { day: CalendarDay; today: boolean; zone: string }) {
  const { t } = useTranslation();
  return (
    <li className={`day${today ? " is-today" : ""}`} data-testid="calendar-day" data-date={day.date}>
      <h3>{dayOfDate(day.date)}{today && <small>{t("schedules.today")}</small>}</h3>
      {day.entries.length === 0 && <p className="day__none">{t("schedules.nothingDue")}</p>}
      {day.entries.map((entry) => <Entry key={entry.scheduleId} entry={entry} zone={zone} />)}
    </li>
  );
}

/** A schedule's rounds of a day, folded together where they are many. */
function Entry({ entry, zone }: { entry: DayEntry; zone: string }) {
  const { t } = useTranslation();
  const { rounds, conflicts } = entry;
  const [first, last] = [rounds[0]!, rounds.at(-1)!];
  const dogs = [...new Set(rounds.flatMap((round) => round.dogId ?? []))];
  return (
    <details className={`entry${conflicts.length > 0 ? " has-conflict" : ""}`} data-testid="calendar-entry" data-conflicts={conflicts.length} data-rounds={rounds.length}>
      <summary>
        <span className="number">{rounds.length === 1 ? minute(first.startsAt, zone) : `${minute(first.startsAt, zone)}–${minute(last.startsAt, zone)}`}</span>
        <strong>{named(first.scheduleName)}</strong>
        {rounds.length > 1 && <small>{t("schedules.times", { n: rounds.length })}</small>}
        {dogs.length > 0 && <small>{dogs.join(", ")}</small>}
        {conflicts.length > 0 && <span className="entry__conflict"><TriangleAlert size={13} aria-hidden="true" /> {rounds.length === 1 ? conflictReason(first) : t("schedules.conflicts", { n: conflicts.length })}</span>}
      </summary>
      <ul>
        {rounds.map((round) => <OneRound key={round.startsAt} round={round} zone={zone} />)}
      </ul>
    </details>
  );
}

function OneRound({ round, zone }: { round: ComingRound; zone: string }) {
  const { t } = useTranslation();
  return (
    <li className={round.conflict ? "is-conflict" : undefined}>
      <span className="number">{minute(round.startsAt, zone)}–{minute(round.endsAt, zone)}</span>
      {round.conflict ? <span>{conflictReason(round)}</span> : <span>{t("schedules.foreseen", { dog: round.dogId ?? "", before: Math.round(round.chargeBeforePct ?? 0), after: Math.round(round.chargeAfterPct ?? 0) })}</span>}
    </li>
  );
}
