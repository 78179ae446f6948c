import { ChevronDown, Pencil, Send, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";

import { useMay } from "../api/rights";
import type { Route, Site, Way } from "../api/types";
import { named } from "../i18n";
import { RouteContent } from "./RouteContent";
import { metresOf } from "./routeDraft";

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
          <RouteContent route={route} site={site} way={way} />
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
