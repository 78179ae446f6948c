import { CalendarClock, CalendarPlus, CircleAlert, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { goTo } from "../app/address";
import { useRoutes } from "../api/queries";
import { useMay } from "../api/rights";
import type { Route, Schedule, Site } from "../api/types";
import { named } from "../i18n";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Notice, Waiting } from "../ui/Notice";
import { RequestFailure } from "../ui/RequestFailure";
import { stationNow } from "../ui/stationTime";
import { dayAndMinute } from "../ui/timeFormat";
import { CalendarWeek } from "./CalendarWeek";
import { dateIn } from "./calendarDays";
import { whenOf } from "./ruleWords";
import { draftOfSchedule, emptySchedule, type ScheduleDraft } from "./scheduleDraft";
import { ScheduleEditor } from "./ScheduleEditor";
import { useDeleteSchedule, useRounds, useSchedules } from "./scheduleQueries";

/** When rounds are walked: the schedules, the coming days, and where dogs or batteries will not suffice. */
export function CalendarView({ site }: { site: Site }) {
  const { t } = useTranslation();
  const may = useMay();
  const schedules = useSchedules();
  const routes = useRoutes().data?.filter((route) => route.siteId === site.siteId) ?? [];
  const [draft, setDraft] = useState<ScheduleDraft | null>(null);
  const [deleting, remove] = useState<Schedule | null>(null);
  const own = schedules.data?.filter((schedule) => routes.some((route) => route.routeId === schedule.routeId));
  const begin = () => setDraft(emptySchedule(routes[0]?.routeId ?? "", dateIn(site.timezone, stationNow())));
  return (
    <div className="calendar">
      <aside className="panel calendar__schedules" aria-labelledby="schedules-title">
        <header className="panel__head">
          <h2 id="schedules-title">{t("schedules.title")}</h2>
          {may("plan") && routes.length > 0 && (
            <button type="button" className="button button--primary" onClick={begin} data-testid="schedule-new">
              <CalendarPlus size={15} aria-hidden="true" /> {t("schedules.create")}
            </button>
          )}
        </header>
        <div className="panel__body">
          <MissedNote />
          {schedules.isPending && <Waiting label={t("common.loading")} />}
          {schedules.isError && <RequestFailure error={schedules.error} retry={() => void schedules.refetch()} />}
          {own?.length === 0 && <Notice icon={<CalendarClock size={22} />} title={t("schedules.empty")} hint={t(routes.length > 0 ? "schedules.emptyHint" : "schedules.noRoutes")} />}
          {own?.map((schedule) => (
            <ScheduleCard key={schedule.scheduleId} schedule={schedule} site={site} route={routes.find((route) => route.routeId === schedule.routeId)} onEdit={() => setDraft(draftOfSchedule(schedule))} onDelete={() => remove(schedule)} />
          ))}
        </div>
      </aside>
      <CalendarWeek site={site} />
      {draft && <ScheduleEditor site={site} draft={draft} routes={routes} onChange={setDraft} onClose={() => setDraft(null)} />}
      {deleting && <DeleteDialog schedule={deleting} onClose={() => remove(null)} />}
    </div>
  );
}

interface CardProps {
  schedule: Schedule;
  site: Site;
  route: Route | undefined;
  onEdit: () => void;
  onDelete: () => void;
}

function ScheduleCard({ schedule, site, route, onEdit, onDelete }: CardProps) {
  const { t } = useTranslation();
  const may = useMay();
  return (
    <article className={`schedule${schedule.enabled ? "" : " is-off"}`} data-testid="schedule" data-schedule={schedule.scheduleId}>
      <header>
        <strong>{named(schedule.name)}</strong>
        {may("plan") && (
          <span>
            <button type="button" className="icon-button" onClick={onEdit} aria-label={t("schedules.editOf", { name: named(schedule.name) })} title={t("common.edit")} data-testid="schedule-edit"><Pencil size={15} /></button>
            <button type="button" className="icon-button" onClick={onDelete} aria-label={t("schedules.deleteOf", { name: named(schedule.name) })} title={t("common.delete")} data-testid="schedule-delete"><Trash2 size={15} /></button>
          </span>
        )}
      </header>
      <p>{whenOf(schedule)}</p>
      <small>{route && named(route.name)} · {schedule.dogs.length > 0 ? schedule.dogs.join(", ") : t("schedules.anyDog")}</small>
      <small>{!schedule.enabled ? t("schedules.off") : schedule.nextAt ? t("schedules.next", { at: dayAndMinute(schedule.nextAt, site.timezone) }) : t("schedules.noNext")}</small>
    </article>
  );
}

/** Rounds that were missed lately are said where rounds are planned. */
function MissedNote() {
  const { t } = useTranslation();
  const day = stationNow() - 86_400_000;
  const missed = useRounds("MISSED").data?.filter((round) => Date.parse(round.dueAt) > day).length ?? 0;
  if (missed === 0) return null;
  return (
    <button type="button" className="missed-note" onClick={() => goTo("ledger", "rounds", { status: "MISSED" })} data-testid="missed-note">
      <CircleAlert size={15} aria-hidden="true" /> {t("schedules.missedLately", { n: missed })}
    </button>
  );
}

function DeleteDialog({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const { t } = useTranslation();
  const remove = useDeleteSchedule();
  return (
    <ConfirmDialog
      title={t("schedules.deleteTitle", { name: named(schedule.name) })}
      body={t("schedules.deleteBody")}
      request={remove}
      onConfirm={() => remove.mutate(schedule, { onSuccess: onClose })}
      onClose={onClose}
      yes={t("common.delete")}
      testId="schedule-delete-dialog"
      confirmTestId="schedule-delete-confirm"
    />
  );
}
