import { ShieldCheck, Unplug } from "lucide-react";
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";

import { useLive, useLiveStatus } from "../api/LiveProvider";
import { useOpenIncidents } from "../api/queries";
import { useMay } from "../api/rights";
import type { Incident, Site } from "../api/types";
import { Notice, Waiting } from "../ui/Notice";
import { useStable } from "../ui/useStable";
import { AnswerDialog } from "./AnswerDialog";
import { EvidenceDialog } from "./EvidenceDialog";
import type { IncidentAnswer } from "./incidentAnswers";
import { IncidentCard } from "./IncidentCard";
import { OtherSites } from "./OtherSites";
import { stepFrom, useIncidentKeys } from "./incidentKeys";

interface Props {
  site: Site;
  incidents: Incident[];
  /** How many are open that are not shown. */
  more: number;
  selected: string | null;
  onSelect: (incident: Incident) => void;
  /** Chosen by the keyboard: not looked at on the map yet. */
  onChoose: (incidentId: string | null) => void;
}

export const IncidentPanel = memo(Panel);

function Panel({ site, incidents, more, selected, onSelect, onChoose }: Props) {
  const { t } = useTranslation();
  const { arrivals } = useLive();
  const lost = useLiveStatus().phase === "lost";
  const known = useOpenIncidents().data !== undefined;
  const may = useMay();
  const [handling, handle] = useState<{ incident: Incident; first: IncidentAnswer } | null>(null);
  const acknowledge = useStable((incident: Incident) => handle({ incident, first: "acknowledge" }));
  const [looking, lookAt] = useState<string | null>(null);
  const chosen = incidents.find((incident) => incident.incidentId === selected) ?? null;
  useIncidentKeys((key) => {
    if (key === "show") chosen && onSelect(chosen);
    else if (key === "look") chosen && may("look") && lookAt(chosen.incidentId);
    else if (key === "next" || key === "previous") onChoose(stepFrom(incidents, selected, key === "next" ? 1 : -1)?.incidentId ?? null);
    else chosen && may("acknowledge") && handle({ incident: chosen, first: key });
  });
  /** The next one comes under the same hand; where this was the last, the one before it. */
  const done = () => {
    const after = incidents.filter((incident) => incident.incidentId !== handling?.incident.incidentId);
    const place = incidents.findIndex((incident) => incident.incidentId === handling?.incident.incidentId);
    onChoose(after[Math.min(place, after.length - 1)]?.incidentId ?? null);
  };
  const looked = incidents.find((incident) => incident.incidentId === looking);
  return (
    <aside className="panel panel--incidents" aria-labelledby="incidents-title">
      <header className="panel__head">
        <h2 id="incidents-title">{t("incidents.title")}</h2>
        {incidents.length > 0 && <span className="count count--alert">{t("incidents.open", { n: incidents.length + more })}</span>}
      </header>
      <div className="panel__body" aria-live="polite">
        <OtherSites site={site} />
        {!known && <Waiting label={t("common.loading")} />}
        {known && lost && incidents.length === 0 && (
          <Notice icon={<Unplug size={22} />} title={t("incidents.unknown")} hint={t("incidents.unknownHint")} />
        )}
        {known && !lost && incidents.length === 0 && (
          <Notice icon={<ShieldCheck size={24} />} title={t("incidents.empty")} hint={t("incidents.emptyHint")} />
        )}
        {incidents.map((incident) => (
          <IncidentCard
            key={incident.incidentId}
            incident={incident}
            site={site}
            fresh={arrivals.has(incident.incidentId)}
            selected={incident.incidentId === selected}
            onShow={onSelect}
            onAcknowledge={acknowledge}
          />
        ))}
        {more > 0 && <p className="incidents__more">{t("incidents.more", { n: more })}</p>}
      </div>
      {looked && <EvidenceDialog incident={looked} zone={site.timezone} onClose={() => lookAt(null)} />}
      {handling && <AnswerDialog {...handling} site={site} onClose={() => handle(null)} onDone={done} />}
    </aside>
  );
}
