import { CalendarCheck } from "lucide-react";
import { useTranslation } from "react-i18next";

import { goTo, useParam } from "../app/address";
import type { RoundStatus, Site } from "../api/types";
import { named } from "../i18n";
import { roundReason } from "../schedules/roundReason";
import { useRounds } from "../schedules/scheduleQueries";
import { Notice, Waiting } from "../ui/Notice";
import { RequestFailure } from "../ui/RequestFailure";
import { StatusLabel } from "../ui/StatusLabel";
import { dayAndClock } from "../ui/timeFormat";

const FILTERS = ["", "MISSED", "WAITING", "BEGUN"] as const satisfies readonly (RoundStatus | "")[];

/** Every round that a schedule asked for: begun as which patrol, waiting, or missed and why. */
export function RoundTable({ site }: { site: Site }) {
  const { t } = useTranslation();
  const [asked, setFilter] = useParam("status");
  const filter = FILTERS.find((name) => name === asked) ?? "";
  const rounds = useRounds(filter);
  return (
    <>
      <div className="filter" role="group" aria-label={t("ledger.filter")}>
        {FILTERS.map((name) => (
          <button key={name} type="button" className="chip" aria-pressed={name === filter} onClick={() => setFilter(name || null)} data-testid={`rounds-${name || "ALL"}`}>
            {name ? t(`schedules.status.${name}`) : t("common.all")}
          </button>
        ))}
      </div>
      {rounds.isPending && <Waiting rows={6} label={t("common.loading")} />}
      {rounds.isError && <RequestFailure error={rounds.error} retry={() => void rounds.refetch()} />}
      {rounds.data?.length === 0 && (
        <Notice icon={<CalendarCheck size={22} />} title={t(filter ? "schedules.noneOfThese" : "schedules.noRounds")} hint={t("schedules.noRoundsHint")}>
          <button type="button" className="button" onClick={() => goTo("plan", "calendar")}>{t("schedules.open")}</button>
        </Notice>
      )}
      {rounds.data && rounds.data.length > 0 && (
        <table className="table" data-testid="round-table">
          <thead>
            <tr>
              <th>{t("schedules.dueAt")}</th>
              <th>{t("schedules.one")}</th>
              <th>{t("ledger.status")}</th>
              <th>{t("ledger.reason")}</th>
            </tr>
          </thead>
          <tbody>
            {rounds.data.map((round) => (
              <tr key={`${round.scheduleId} ${round.dueAt}`} data-testid="round-row" data-status={round.status}>
                <td data-label={t("schedules.dueAt")} className="number">{dayAndClock(round.dueAt, site.timezone)}</td>
                <td data-label={t("schedules.one")}><strong>{named(round.scheduleName)}</strong></td>
                <td data-label={t("ledger.status")}><StatusLabel kind="round" status={round.status} /></td>
                <td data-label={t("ledger.reason")}>
                  {round.reason && roundReason(round.reason)}
                  {round.patrolId && <button type="button" className="link-button" onClick={() => goTo("ledger", "patrols", { patrol: round.patrolId! })}>{t("schedules.toPatrol")}</button>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
