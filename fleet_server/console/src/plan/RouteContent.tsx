import { BatteryLow, Camera, Compass, Footprints, GitCompare, Hourglass, OctagonX, RotateCw, Unplug } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { Route, Site, Stop, Way } from "../api/types";
import { named } from "../i18n";
import { degOf } from "./siteDraft";
import { WayFigures } from "./WayFigures";

interface Props {
  route: Route;
  site: Site;
  /** As a dog walks it; undefined: not known. */
  way?: Way;
}

/** What a route says: its stops with the work at each, and what is done when something is in the way. */
export function RouteContent({ route, site, way }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <ol className="route__stops">
        {route.stops.map((stop, i) => (
          <RouteStop key={i} stop={stop} site={site} />
        ))}
      </ol>
      {way && <p className="route__link"><Footprints size={13} aria-hidden="true" /> <WayFigures way={way} /></p>}
      <p className="route__link" data-testid="route-link-loss-shown">
        <Unplug size={13} aria-hidden="true" /> {t("plan.linkLoss.title")}{": "}
        {route.onLinkLoss.policy === "carryOnThenHome" ? t("plan.linkLoss.shown", { n: route.onLinkLoss.minutes }) : t(`plan.linkLoss.${route.onLinkLoss.policy}`)}
      </p>
      <p className="route__link" data-testid="route-blocked-shown">
        <OctagonX size={13} aria-hidden="true" /> {t("plan.blocked.title")}{": "}
        {t(`plan.blocked.shown_${route.onBlocked.policy}`, { n: route.onBlocked.tries })}
      </p>
      <p className="route__link">
        <BatteryLow size={13} aria-hidden="true" /> {t("plan.lowBattery.title")}{": "}
        {t(`plan.lowBattery.${route.onLowBattery.policy}`)}
      </p>
    </>
  );
}

function RouteStop({ stop, site }: { stop: Stop; site: Site }) {
  const { t } = useTranslation();
  const checkpoint = site.checkpoints.find((c) => c.checkpointId === stop.checkpointId);
  const dwell = stop.actions.find((a) => a.type === "dwell")?.seconds;
  return (
    <li>
      <span>{checkpoint ? named(checkpoint.name) : t("plan.unknownCheckpoint")}</span>
      {stop.actions.some((a) => a.type === "takePhoto") && <Camera size={13} role="img" aria-label={t("plan.photo")} />}
      {stop.actions.some((a) => a.type === "compareToReference") && <GitCompare size={13} role="img" aria-label={t("plan.compare")} />}
      {stop.actions.some((a) => a.type === "lookAround") && <RotateCw size={13} role="img" aria-label={t("plan.around")} />}
      {stop.theta != null && (
        <small>
          <Compass size={12} role="img" aria-label={t("plan.looks")} /> {degOf(stop.theta)}°
        </small>
      )}
      {dwell ? (
        <small>
          <Hourglass size={12} role="img" aria-label={t("plan.dwell")} /> {t("common.seconds", { n: dwell })}
        </small>
      ) : null}
    </li>
  );
}
