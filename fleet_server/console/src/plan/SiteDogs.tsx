import { useTranslation } from "react-i18next";

import type { Site } from "../api/types";
import { useSiteDogs } from "./siteQueries";

/** Which version of the site each of its dogs has, as it says itself: what is saved holds for a dog once it has it. */
export function SiteDogs({ site }: { site: Site }) {
  const { t } = useTranslation();
  const dogs = useSiteDogs(site.siteId).data;
  if (!dogs || dogs.length === 0) return null;
  const behind = dogs.filter((dog) => dog.siteVersion !== site.version).length;
  return (
    <details className="versions" data-testid="site-dogs" data-behind={behind}>
      <summary>{behind === 0 ? t("sitePlan.dogsHave", { n: site.version }) : t("sitePlan.dogsBehind", { behind, total: dogs.length, n: site.version })}</summary>
      <ul>
        {dogs.map((dog) => (
          <li key={dog.dogId} data-testid={`site-dog-${dog.dogId}`}>
            <strong>{dog.dogId}</strong>
            <span>{dog.siteVersion === null ? t("sitePlan.saysNone") : t("sitePlan.version", { n: dog.siteVersion })}</span>
            {dog.siteVersion === site.version && <b>{t("sitePlan.inForce")}</b>}
          </li>
        ))}
      </ul>
    </details>
  );
}
