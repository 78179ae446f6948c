import { BatteryLow, Camera, ChevronDown, Compass, Footprints, GitCompare, Hourglass, OctagonX, Pencil, RotateCw, Send, Trash2, Unplug } from "lucide-react";
import { useTranslation } from "react-i18next";

import { useMay } from "../api/rights";
import type { Route, Site, Stop, Way } from "../api/types";
import { named } from "../i18n";
import { metresOf } from "./routeDraft";
import { degOf } from "./siteDraft";
import { WayFigures } from "./WayFigures";

interface Props {
  route: Route;
  site: Site;
  /** As a dog walks it; undefined: not known. */
  way: Way | undefined;
  open: boolean;
  onOpen: () => void;
  onAssign: () => void;
  onEdit: () => void;
  onDelete: () => void;
}

export function RouteRow({ route, site, way, open, onOpen, onAssign, onEdit, onDelete }: Props) {
  const { t } = useTranslation();
  const may = useMay();
  const metres = Math.round(metresOf(route.stops, site.checkpoints));
  return (
    <article className={`route${open ? " is-open" : ""}`} data-testid={`route-${route.routeId}`} data-route={route.routeId} data-name-zh={route.name.zh} data-name-en={route.name.en}>
      <button type="button" className="route__head" onClick={onOpen} aria-expanded={open} data-testid="route-open">
        <span>
          <strong>{named(route.name)}</strong>
          <small>{t(metres > 0 ? "plan.summary" : "plan.summaryOneStop", { stops: route.stops.length, metres })}</small>
        </span>
        <ChevronDown size={16} aria-hidden="true" />
      </button>
      {open && (
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
          <footer className="route__foot">
            {may("command") && (
              <button type="button" className="button button--primary" onClick={onAssign} data-testid="route-assign">
                <Send size={14} aria-hidden="true" /> {t("plan.assign")}
              </button>
            )}
            {may("plan") && (<>
            <button type="button" className="icon-button" onClick={onEdit} aria-label={t("common.edit")} title={t("common.edit")} data-testid="route-edit">
              <Pencil size={15} />
            </button>
            <button type="button" className="icon-button" onClick={onDelete} aria-label={t("common.delete")} title={t("common.delete")} data-testid="route-delete">
              <Trash2 size={15} />
            </button>
            </>)}
          </footer>
        </>
      )}
    </article>
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
