import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Site } from "../api/types";
import { Waiting } from "../ui/Notice";
import { reasonOf, RequestFailure } from "../ui/RequestFailure";
import { dayAndMinute } from "../ui/timeFormat";
import { siteOfVersion, type SiteVersion, useSiteVersions } from "./siteQueries";

interface Props {
  site: Site;
  /** The version on the map; null: what is drawn. */
  looked: number | null;
  onLook: (version: number, then: Site | null) => void;
  onTake: (then: Site) => void;
}

/** What the site was before: each version to look at, and to take back. */
export function SiteVersions(props: Props) {
  const { t } = useTranslation();
  const [open, show] = useState(false);
  return (
    <details className="site-versions" onToggle={(event) => show(event.currentTarget.open)} data-testid="site-versions">
      <summary>{t("sitePlan.versions")}</summary>
      {open && <Versions {...props} />}
    </details>
  );
}

function Versions({ site, looked, onLook, onTake }: Props) {
  const { t } = useTranslation();
  const versions = useSiteVersions(site.siteId);
  const [failed, fail] = useState<unknown>(null);
  const get = (version: number, then: (site: Site) => void) => siteOfVersion(site.siteId, version).then((got) => (fail(null), then(got)), fail);
  if (versions.isPending) return <Waiting label={t("common.loading")} />;
  if (versions.isError) return <RequestFailure error={versions.error} retry={() => void versions.refetch()} />;
  return (
    <>
      {failed !== null && <p className="form-error" role="alert">{reasonOf(failed, t("common.noServer"))}</p>}
      <ol>
        {versions.data.map((each) => (
          <li key={each.version} className={each.version === looked ? "is-chosen" : ""} data-testid={`site-version-${each.version}`}>
            <Told version={each} site={site} />
            {each.version === site.version && <b>{t("sitePlan.inForce")}</b>}
            {each.version !== site.version && (
              <>
                <button type="button" className="link-button" onClick={() => (each.version === looked ? onLook(each.version, null) : void get(each.version, (then) => onLook(each.version, then)))}>
                  {t(each.version === looked ? "sitePlan.lookedAt" : "sitePlan.look")}
                </button>
                <button type="button" className="link-button" onClick={() => void get(each.version, onTake)} data-testid={`site-take-${each.version}`}>{t("sitePlan.takeBack")}</button>
              </>
            )}
          </li>
        ))}
      </ol>
    </>
  );
}

function Told({ version, site }: { version: SiteVersion; site: Site }) {
  const { t } = useTranslation();
  const { zones, checkpoints, docks } = version;
  return (
    <span>
      <strong>{t("sitePlan.version", { n: version.version })}</strong>{" "}
      {t(version.source === "console" ? "sitePlan.byConsole" : "sitePlan.byFolder", { when: dayAndMinute(version.changedAt, site.timezone), who: version.changedBy })}
      <small>{t("sitePlan.counts", { zones, checkpoints, docks })}</small>
    </span>
  );
}
