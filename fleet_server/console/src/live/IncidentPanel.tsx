import { ShieldCheck, Unplug } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useLive, useLiveStatus } from "../api/LiveProvider";
import { useOpenIncidents } from "../api/queries";
import type { Incident, Site } from "../api/types";
import { Notice, Waiting } from "../ui/Notice";
import { AcknowledgeDialog } from "./AcknowledgeDialog";
import { IncidentCard } from "./IncidentCard";

interface Props {
  site: Site;
  incidents: Incident[];
  selected: string | null;
  onSelect: (incident: Incident) => void;
}

export function IncidentPanel({ site, incidents, selected, onSelect }: Props) {
  const { t } = useTranslation();
  const { arrivals } = useLive();
  const lost = useLiveStatus().phase === "lost";
  const known = useOpenIncidents().data !== undefined;
  const [handling, handle] = useState<Incident | null>(null);
  return (
    <aside className="panel panel--incidents" aria-labelledby="incidents-title">
      <header className="panel__head">
        <h2 id="incidents-title">{t("incidents.title")}</h2>
        {incidents.length > 0 && <span className="count count--alert">{t("incidents.open", { n: incidents.length })}</span>}
      </header>
      <div className="panel__body" aria-live="polite">
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
            onShow={() => onSelect(incident)}
            onAcknowledge={() => handle(incident)}
          />
        ))}
      </div>
      {handling && <AcknowledgeDialog incident={handling} site={site} onClose={() => handle(null)} />}
    </aside>
  );
}
