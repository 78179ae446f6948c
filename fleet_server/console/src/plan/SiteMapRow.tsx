import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useParam } from "../app/address";
import type { Site } from "../api/types";
import { NewMapDialog } from "./NewMapDialog";
import { NewSiteDialog } from "./NewSiteDialog";

interface Props {
  site: Site;
  edits: boolean;
  /** Something is drawn and not saved. */
  dirty: boolean;
}

/** The map under all that is drawn, how to put another there, and how to begin another site. */
export function SiteMapRow({ site, edits, dirty }: Props) {
  const { t } = useTranslation();
  const [, toSite] = useParam("site");
  const [open, show] = useState<"map" | "site" | null>(null);
  const { width, height, resolution } = site.map;
  const metres = (cells: number) => Math.round(cells * resolution);
  return (
    <section className="site-list" aria-label={t("siteMap.map")}>
      <header className="site-list__head">
        <h3>{t("siteMap.map")} <small>{t("siteMap.size", { w: metres(width), h: metres(height), cell: resolution })}</small></h3>
        {edits && (
          <span className="site-list__acts">
            <button type="button" className="button" disabled={dirty} title={dirty ? t("siteMap.saveFirst") : undefined} onClick={() => show("map")} data-testid="new-map">{t("siteMap.newMap")}</button>
            <button type="button" className="button" onClick={() => show("site")} data-testid="new-site">{t("siteMap.newSite")}</button>
          </span>
        )}
      </header>
      {open === "map" && <NewMapDialog site={site} onClose={() => show(null)} />}
      {open === "site" && <NewSiteDialog onClose={() => show(null)} onMade={(made) => toSite(made.siteId)} />}
    </section>
  );
}
