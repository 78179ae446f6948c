import { ShieldCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useParam } from "../app/address";
import { useIncidents } from "../api/queries";
import { useMay } from "../api/rights";
import type { Incident, Site } from "../api/types";
import { AnswerDialog } from "../live/AnswerDialog";
import { IncidentPicture } from "../live/IncidentCard";
import { kindOf } from "../live/incidentWords";
import { IncidentPlace } from "../live/IncidentPlace";
import { RequestFailure } from "../ui/RequestFailure";
import { Notice, Waiting } from "../ui/Notice";
import { StatusLabel } from "../ui/StatusLabel";
import { dayAndClock } from "../ui/timeFormat";

const FILTERS = ["", "OPEN", "ACKNOWLEDGED", "DISPATCHED", "RESOLVED", "FALSE_ALARM"] as const;
type Filter = (typeof FILTERS)[number];

export function IncidentTable({ site }: { site: Site }) {
  const { t } = useTranslation();
  const [asked, setFilter] = useParam("status");
  const filter: Filter = FILTERS.find((name) => name === asked) ?? "";
  const [handling, handle] = useState<Incident | null>(null);
  return (
    <>
      <div className="filter" role="group" aria-label={t("ledger.filter")}>
        {FILTERS.map((name) => (
          <button key={name} type="button" className="chip" aria-pressed={name === filter} onClick={() => setFilter(name || null)} data-testid={`filter-${name || "ALL"}`}>
            {name ? t(`incidents.status.${name}`) : t("common.all")}
          </button>
        ))}
      </div>
      <Rows site={site} filter={filter} handle={handle} />
      {handling && <AnswerDialog incident={handling} site={site} onClose={() => handle(null)} />}
    </>
  );
}

function Rows({ site, filter, handle }: { site: Site; filter: Filter; handle: (incident: Incident) => void }) {
  const { t } = useTranslation();
  const incidents = useIncidents(filter);
  if (incidents.isPending) return <Waiting rows={6} label={t("common.loading")} />;
  if (incidents.isError) return <RequestFailure error={incidents.error} retry={() => void incidents.refetch()} />;
  if (incidents.data.length === 0) return <Notice icon={<ShieldCheck size={22} />} title={t("ledger.noIncidents")} hint={t("ledger.noIncidentsHint")} />;
  return (
    <table className="table table--incidents" data-testid="incident-table">
      <thead>
        <tr>
          <th className="table__picture"><span className="for-ears">{t("incidents.enlarge")}</span></th>
          <th>{t("ledger.what")}</th>
          <th>{t("ledger.status")}</th>
          <th>{t("ledger.when")}</th>
          <th>{t("ledger.seenBy")}</th>
          <th>{t("ledger.handled")}</th>
        </tr>
      </thead>
      <tbody>
        {incidents.data.map((incident) => (
          <Row key={incident.incidentId} incident={incident} site={site} handle={() => handle(incident)} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ incident, site, handle }: { incident: Incident; site: Site; handle: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  return (
    <tr data-testid="incident-row" data-status={incident.status}>
      <td className="table__picture"><IncidentPicture incident={incident} zone={site.timezone} /></td>
      <td data-label={t("ledger.what")}>
        <strong>{kindOf(incident, t)}</strong>
        <small><IncidentPlace incident={incident} site={site} /></small>
      </td>
      <td data-label={t("ledger.status")}><StatusLabel kind="incident" status={incident.status} /></td>
      <td data-label={t("ledger.when")} className="number">{dayAndClock(incident.observedAt, site.timezone)}</td>
      <td data-label={t("ledger.seenBy")}>
        {incident.dogId}
        <small>{t("incidents.score", { n: Math.round(incident.score * 100) })} · {incident.detector}</small>
      </td>
      <td data-label={t("ledger.handled")}>
        {incident.acknowledgedBy && (
          <>
            {t("incidents.acknowledgedBy", { who: incident.acknowledgedBy, at: incident.acknowledgedAt ? dayAndClock(incident.acknowledgedAt, site.timezone) : "" })}
            {incident.note && <small className="table__note">{incident.note}</small>}
          </>
        )}
        {incident.answeredBy && (
          <>
            <span className="table__answer">{t("incidents.answeredBy", { what: t(`incidents.status.${incident.status}`), who: incident.answeredBy, at: incident.answeredAt ? dayAndClock(incident.answeredAt, site.timezone) : "" })}</span>
            {incident.answer && <small className="table__note">{incident.answer}</small>}
          </>
        )}
        {may("acknowledge") && (
          <button type="button" className="button" onClick={handle} data-testid="incident-answer">{t(incident.status === "OPEN" ? "incidents.acknowledge" : "incidents.answerNext")}</button>
        )}
      </td>
    </tr>
  );
}
