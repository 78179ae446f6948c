import { ChevronRight, Route as RouteIcon } from "lucide-react";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";

import { useParam } from "../app/address";
import { usePatrols } from "../api/queries";
import type { Patrol, Site } from "../api/types";
import { named } from "../i18n";
import { RequestFailure } from "../ui/RequestFailure";
import { Notice, Waiting } from "../ui/Notice";
import { StatusLabel } from "../ui/StatusLabel";
import { dayAndClock, duration } from "../ui/timeFormat";
import { useNow } from "../ui/useNow";
import { PatrolDetail } from "./PatrolDetail";

export function PatrolTable({ site }: { site: Site }) {
  const { t } = useTranslation();
  const patrols = usePatrols();
  const [openId, open] = useParam("patrol");
  if (patrols.isPending) return <Waiting rows={6} label={t("common.loading")} />;
  if (patrols.isError) return <RequestFailure error={patrols.error} retry={() => void patrols.refetch()} />;
  if (patrols.data.length === 0) return <Notice icon={<RouteIcon size={22} />} title={t("ledger.noPatrols")} hint={t("ledger.noPatrolsHint")} />;
  return (
    <table className="table" data-testid="patrol-table">
      <thead>
        <tr>
          <th>{t("ledger.route")}</th>
          <th>{t("ledger.status")}</th>
          <th>{t("ledger.progress")}</th>
          <th>{t("ledger.dog")}</th>
          <th>{t("ledger.started")}</th>
          <th>{t("ledger.duration")}</th>
          <th>{t("ledger.by")}</th>
        </tr>
      </thead>
      <tbody>
        {patrols.data.map((patrol) => (
          <Fragment key={patrol.patrolId}>
            <PatrolRow patrol={patrol} site={site} isOpen={patrol.patrolId === openId} toggle={() => open(patrol.patrolId === openId ? null : patrol.patrolId)} />
            {patrol.patrolId === openId && (
              <tr className="table__detail">
                <td colSpan={7}>
                  <PatrolDetail patrol={patrol} site={site} />
                </td>
              </tr>
            )}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  patrol: Patrol;
  site: Site;
  isOpen: boolean;
  toggle: () => void;
}

function PatrolRow({ patrol, site, isOpen, toggle }: RowProps) {
  const { t } = useTranslation();
  const now = useNow();
  const done = patrol.checkpoints.filter((c) => c.status === "DONE").length;
  const began = patrol.startedAt ?? patrol.createdAt;
  return (
    <tr className={isOpen ? "is-open" : undefined} data-testid="patrol-row" data-status={patrol.status}>
      <td data-label={t("ledger.route")}>
        <button type="button" className="row-button" aria-expanded={isOpen} onClick={toggle}>
          <ChevronRight size={15} aria-hidden="true" />
          <strong>{named(patrol.routeName)}</strong>
        </button>
      </td>
      <td data-label={t("ledger.status")}><StatusLabel kind="patrol" status={patrol.status} /></td>
      <td data-label={t("ledger.progress")}>
        <span className="bar" role="img" aria-label={t("patrols.progress", { done, total: patrol.checkpoints.length })}>
          <i style={{ width: `${Math.round(patrol.progress * 100)}%` }} />
        </span>
        <span className="number">{done}/{patrol.checkpoints.length}</span>
      </td>
      <td data-label={t("ledger.dog")}>{patrol.dogId}</td>
      <td data-label={t("ledger.started")} className="number">{dayAndClock(began, site.timezone)}</td>
      <td data-label={t("ledger.duration")} className="number">{duration((patrol.endedAt ? Date.parse(patrol.endedAt) : now) - Date.parse(began))}</td>
      <td data-label={t("ledger.by")}>{patrol.assignedBy}</td>
    </tr>
  );
}
