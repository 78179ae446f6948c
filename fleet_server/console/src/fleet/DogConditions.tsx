import { PawPrint } from "lucide-react";
import { useTranslation } from "react-i18next";

import { useLiveStatus } from "../api/LiveProvider";
import { useDogs } from "../api/queries";
import type { Dog, Site } from "../api/types";
import { DogErrors } from "../live/DogErrors";
import { LinkSign } from "../live/LinkSign";
import { useSiteDogs } from "../plan/siteQueries";
import { Battery } from "../ui/Battery";
import { Notice, Waiting } from "../ui/Notice";
import { worstFirst } from "./conditionOrder";

/** How all dogs are, and which versions of the site, the standard and the detector they say they have; what needs somebody first. */
export function DogConditions({ site }: { site: Site }) {
  const { t } = useTranslation();
  const dogs = useDogs().data;
  const has = new Map(useSiteDogs(site.siteId).data?.map((dog) => [dog.dogId, dog.siteVersion]));
  const stale = useLiveStatus().phase !== "live";
  if (!dogs) return <Waiting rows={4} label={t("common.loading")} />;
  if (dogs.length === 0) return <Notice icon={<PawPrint size={22} />} title={t("dogs.empty")} hint={t("dogs.emptyHint")} />;
  return (
    <>
      <header className="book-head"><p>{t("fleet.healthHint", { n: site.version })}</p></header>
      <table className="table" data-testid="condition-table">
        <thead>
          <tr>
            <th>{t("ledger.dog")}</th>
            <th>{t("fleet.link")}</th>
            <th>{t("fleet.charge")}</th>
            <th>{t("fleet.siteVersion")}</th>
            <th>{t("dogs.detector")}</th>
            <th>VDA 5050</th>
            <th>{t("fleet.faults")}</th>
          </tr>
        </thead>
        <tbody>
          {worstFirst(dogs, has, site.version).map((dog) => <ConditionRow key={dog.dogId} dog={dog} site={site} stale={stale} has={has.get(dog.dogId)} />)}
        </tbody>
      </table>
    </>
  );
}

/** `has`: the version of the site that it says it has; undefined: it is on another site. */
function ConditionRow({ dog, site, stale, has }: { dog: Dog; site: Site; stale: boolean; has: number | null | undefined }) {
  const { t } = useTranslation();
  const behind = has !== undefined && has !== site.version;
  return (
    <tr data-testid="condition-row" data-dog={dog.dogId} data-behind={behind}>
      <td data-label={t("ledger.dog")}><strong>{dog.dogId}</strong><small>{dog.manufacturer}</small></td>
      <td data-label={t("fleet.link")}>{stale ? "–" : <LinkSign dog={dog} />}</td>
      <td data-label={t("fleet.charge")}><Battery charge={dog.batteryCharge} charging={dog.charging ?? false} /></td>
      <td data-label={t("fleet.siteVersion")} className="number">
        {has === undefined ? "–" : has === null ? t("sitePlan.saysNone") : t("sitePlan.version", { n: has })}
        {behind && <small className="behind">{t("fleet.behind", { n: site.version })}</small>}
      </td>
      <td data-label={t("dogs.detector")}>{dog.detector ?? t("dogs.noDetector")}</td>
      <td data-label="VDA 5050" className="number">{dog.version ?? "–"}</td>
      <td data-label={t("fleet.faults")} className="faults">{dog.errors.length === 0 ? t("fleet.noFaults") : <DogErrors dog={dog} site={site} live={false} />}</td>
    </tr>
  );
}
