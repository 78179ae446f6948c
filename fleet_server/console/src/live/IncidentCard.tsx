import { Check, Crosshair, Film } from "lucide-react";
import { memo, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { useSession } from "../api/queries";
import { useMay } from "../api/rights";
import type { Incident, Site } from "../api/types";
import { named } from "../i18n";
import { Picture } from "../ui/Picture";
import { stationNow } from "../ui/stationTime";
import { ago, moment } from "../ui/timeFormat";
import { useNow } from "../ui/useNow";
import { isOff } from "./clockWarning";
import { EvidenceDialog } from "./EvidenceDialog";
import { IncidentPlace } from "./IncidentPlace";
import { kindOf } from "./incidentWords";

/** From this age on it is told in minutes. */
const MINUTE_MS = 60_000;
const SLOW_MS = 15_000;

interface Props {
  incident: Incident;
  site: Site;
  fresh: boolean;
  selected: boolean;
  onShow: (incident: Incident) => void;
  onAcknowledge: (incident: Incident) => void;
}

export const IncidentCard = memo(Card);

function Card({ incident, site, fresh, selected, onShow, onAcknowledge }: Props) {
  const { t } = useTranslation();
  // The slow clock may have been looked at as long ago as that: who moved to it sooner would be younger again.
  const now = useNow(stationNow() - Date.parse(incident.observedAt) < MINUTE_MS + SLOW_MS ? 1000 : SLOW_MS);
  const may = useMay();
  const simulated = useSession().data?.simulated ?? false; // there its clock is the world's own
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (selected) card.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  return (
    <article
      ref={card}
      aria-current={selected ? "true" : undefined}
      className={`incident${fresh ? " is-new" : ""}${selected ? " is-selected" : ""}`}
      data-testid="incident-card"
      data-incident={incident.incidentId}
      data-status={incident.status}
      data-severity={incident.severity}
    >
      <IncidentPicture incident={incident} zone={site.timezone} />
      <div className="incident__words">
        <header>
          <h3>{kindOf(incident, t)}</h3>
          {incident.severity === "HIGH" && <span className="incident__urgent">{t("incidents.urgent")}</span>}
          {incident.escalatedAt && <span className="incident__urgent" data-testid="incident-escalated">{t("incidents.escalated")}</span>}
          {fresh && <span className="incident__new">{t("incidents.fresh")}</span>}
        </header>
        <p className="incident__zone"><IncidentPlace incident={incident} site={site} /></p>
        {incident.reason && <p className="incident__reason" title={incident.weightsSha256 ?? undefined}>{named(incident.reason)}</p>}
        <p className="incident__when">
          <time dateTime={incident.observedAt}>{moment(incident.observedAt, site.timezone, now)}</time>
          <span>{ago(incident.observedAt, now)}</span>
        </p>
        {!simulated && isOff(incident.clockSkewS) && (
          <p className="incident__clock">{t("incidents.dogsClock", { at: moment(incident.frameStamp, site.timezone, now) })}</p>
        )}
        <p className="incident__facts">
          <span>{incident.dogId}</span>
          <span>{t("incidents.place_xy", { x: incident.position.x.toFixed(1), y: incident.position.y.toFixed(1) })}</span>
          <span>{t("incidents.score", { n: Math.round(incident.score * 100) })}</span>
          {incident.sightings > 1 && <span>{t("incidents.sightings", { n: incident.sightings })}</span>}
        </p>
        <footer>
          <button type="button" className="button" onClick={() => onShow(incident)} data-testid="incident-show">
            <Crosshair size={14} aria-hidden="true" /> {t("incidents.show")}
          </button>
          {may("acknowledge") && (
            <button type="button" className="button button--primary" onClick={() => onAcknowledge(incident)} data-testid="incident-acknowledge">
              <Check size={15} aria-hidden="true" /> {t("incidents.acknowledge")}
            </button>
          )}
        </footer>
      </div>
    </article>
  );
}

/** The picture, or that there is none yet; it opens all that was recorded, and what was done. */
export function IncidentPicture({ incident, zone }: { incident: Incident; zone?: string }) {
  const { t } = useTranslation();
  const [large, enlarge] = useState(false);
  const alt = t("incidents.pictureAlt", { dog: incident.dogId });
  const may = useMay();
  if (!may("look")) return <div className="picture"><span className="picture__word">{t("incidents.mayNotLook")}</span></div>;
  return (
    <>
      <button type="button" className="picture-button" onClick={() => enlarge(true)} aria-label={t("evidence.open")}>
        <Picture url={incident.pictureUrl} alt={alt} testId="incident-picture" />
        {incident.clipUrl && <span className="picture-button__clip" data-testid="has-clip"><Film size={13} aria-hidden="true" /> {t("evidence.hasClip")}</span>}
      </button>
      {large && <EvidenceDialog incident={incident} zone={zone} onClose={() => enlarge(false)} />}
    </>
  );
}
