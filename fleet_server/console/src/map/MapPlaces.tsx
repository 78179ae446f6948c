import { TriangleAlert, Zap } from "lucide-react";
import { memo, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import type { Incident, PatrolCheckpoint, Site, Zone } from "../api/types";
import { named } from "../i18n";
import { longestEdgeMiddle, middle } from "./geoReference";
import { LABEL } from "./labelPriority";
import { MapLabel } from "./MapLabel";
import { Marker } from "./Marker";
import { useSiteMap } from "./SiteMap";

/** Zone names with their hours; that of a watched zone, which is no more than its outline, stands on that. */
export const ZoneLabels = memo(Zones);

function Zones({ site }: { site: Site }) {
  return site.zones.map((zone) => (
    <Marker key={zone.zoneId} at={zone.kind === "watched" ? longestEdgeMiddle(zone.polygon) : middle(zone.polygon)} level={5}>
      <ZoneLabel zone={zone} />
    </Marker>
  ));
}

const PRIORITY: Record<string, number> = { restricted: LABEL.restricted, watched: LABEL.watched };

function ZoneLabel({ zone }: { zone: Zone }) {
  const { t } = useTranslation();
  return (
    <div className="zone-place">
      <MapLabel priority={PRIORITY[zone.kind] ?? LABEL.zone} clearance={0} className={`zone-label zone-label--${zone.kind}`} testId={`zone-${zone.zoneId}`}>
        <strong>{named(zone.name)}</strong>
        <span>{t(`map.zone.${zone.kind}`)}</span>
        {zone.kind === "restricted" && <span>{hoursOf(zone) ?? t("map.always")}</span>}
        {zone.kind === "slow" && zone.maxSpeed != null && <span>{t("map.maxSpeed", { v: zone.maxSpeed })}</span>}
      </MapLabel>
    </div>
  );
}

function hoursOf(zone: Zone): string | undefined {
  return zone.hours?.map((h) => `${h.start}–${h.end}`).join(", ") || undefined;
}

export const Docks = memo(AllDocks);

function AllDocks({ site }: { site: Site }) {
  return site.docks.map((dock) => (
    <Marker key={dock.dockId} at={dock.pose} level={8}>
      <DockSign name={named(dock.name)} />
    </Marker>
  ));
}

function DockSign({ name }: { name: string }) {
  const { t } = useTranslation();
  const { labels } = useSiteMap();
  const sign = useRef<HTMLDivElement>(null);
  useEffect(() => labels.keepClear(sign.current!), [labels]);
  return (
    <div ref={sign} className="dock" role="img" aria-label={t("map.dock", { name })} title={name}>
      <Zap size={12} />
    </div>
  );
}

interface CheckpointProps {
  site: Site;
  /** The order numbers at each checkpoint, where a route is shown. */
  numbers?: Map<string, number[]>;
  progress?: Map<string, PatrolCheckpoint>;
  /** Given, the checkpoints are buttons. */
  onPick?: (checkpointId: string) => void;
}

export const Checkpoints = memo(AllCheckpoints);

function AllCheckpoints({ site, numbers, progress, onPick }: CheckpointProps) {
  const { t } = useTranslation();
  return site.checkpoints.map((checkpoint) => {
    const id = checkpoint.checkpointId;
    const order = numbers?.get(id);
    const status = progress?.get(id)?.status;
    const name = named(checkpoint.name);
    const look = `checkpoint${order ? " is-chosen" : ""}${status ? ` is-${status.toLowerCase()}` : ""}${onPick ? " is-pickable" : ""}`;
    const label = t("map.checkpoint", { name: order ? `${order.join("·")} ${name}` : name });
    const tags = { "data-testid": `checkpoint-${id}`, "data-checkpoint": id, "data-name-zh": checkpoint.name.zh, "data-name-en": checkpoint.name.en };
    const body = (
      <>
        <span className="checkpoint__dot">{order?.join("·")}</span>
        <MapLabel priority={order || status ? LABEL.stop : LABEL.checkpoint} clearance={order ? 13 : 9} className="checkpoint__name">{name}</MapLabel>
      </>
    );
    return (
      <Marker key={id} at={checkpoint.pose} level={order ? 15 : 10}>
        {onPick ? (
          <button type="button" className={look} aria-label={label} onClick={() => onPick(id)} {...tags}>
            {body}
          </button>
        ) : (
          <div className={look} role="img" aria-label={label} {...tags}>
            {body}
          </div>
        )}
      </Marker>
    );
  });
}

interface IncidentPinsProps {
  incidents: Incident[];
  selected: string | null;
  arrivals: ReadonlySet<string>;
  onSelect: (incident: Incident) => void;
}

/** Drawn anew when incidents change, and not whenever a dog moves. */
export const IncidentPins = memo(Pins);

function Pins({ incidents, selected, arrivals, onSelect }: IncidentPinsProps) {
  return incidents.map((incident) => {
    const look = `incident-pin${incident.incidentId === selected ? " is-selected" : ""}${arrivals.has(incident.incidentId) ? " is-new" : ""}`;
    return (
      <Marker key={incident.incidentId} at={incident.position} level={35} anchor="bottom">
        <IncidentPin incident={incident} look={look} onSelect={() => onSelect(incident)} />
      </Marker>
    );
  });
}

function IncidentPin({ incident, look, onSelect }: { incident: Incident; look: string; onSelect: () => void }) {
  const { t } = useTranslation();
  const { labels } = useSiteMap();
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => labels.keepClear(button.current!), [labels]);
  return (
    <button
      ref={button}
      type="button"
      className={look}
      aria-label={t("map.incident", { what: t(`incidents.kind.${incident.kind}`, { defaultValue: incident.kind }) })}
      onClick={onSelect}
      data-testid="incident-pin"
    >
      <TriangleAlert size={15} />
    </button>
  );
}
