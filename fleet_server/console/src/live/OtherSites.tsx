import { MapPinned } from "lucide-react";
import { useTranslation } from "react-i18next";

import { useParam } from "../app/address";
import { useOpenIncidents, useSites } from "../api/queries";
import type { Site } from "../api/types";
import { named } from "../i18n";

/** What is open elsewhere, which this map does not show: at another site, where a press goes, or on a map that no site has. */
export function OtherSites({ site }: { site: Site }) {
  const { t } = useTranslation();
  const sites = useSites().data ?? [];
  const [, go] = useParam("site");
  const open = new Map<string, number>();
  for (const { siteId } of useOpenIncidents().data ?? []) if (siteId !== site.siteId) open.set(siteId, (open.get(siteId) ?? 0) + 1);
  return [...open].map(([siteId, n]) => {
    const other = sites.find((each) => each.siteId === siteId);
    return (
      <button key={siteId} type="button" className="other-site" disabled={!other} onClick={() => go(siteId)} data-testid={`other-site-${siteId}`}>
        <MapPinned size={15} aria-hidden="true" /> {other ? named(other.name) : t("incidents.noSite", { map: siteId })} <span className="count count--alert">{t("incidents.open", { n })}</span>
      </button>
    );
  });
}
