import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Site } from "../api/types";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Waiting } from "../ui/Notice";
import { reasonOf, RequestFailure } from "../ui/RequestFailure";
import { dayAndMinute } from "../ui/timeFormat";
import { useToast } from "../ui/Toast";
import { siteOfVersion, type SiteVersion, useRestoreSite, useSiteVersions } from "./siteQueries";

interface Props {
  site: Site;
  /** The version on the map; null: what is drawn. */
  looked: number | null;
  onLook: (version: number, then: Site | null) => void;
  /** Something is drawn and not saved. */
  dirty: boolean;
  onTaken: (now: Site) => void;
}

/** What the site was before: each version to look at, and to take back. */
export function SiteVersions(props: Props) {
  const { t } = useTranslation();
  const [open, show] = useState(false);
  return (
    <details className="versions" onToggle={(event) => show(event.currentTarget.open)} data-testid="site-versions">
      <summary>{t("sitePlan.versions")}</summary>
      {open && <Versions {...props} />}
    </details>
  );
}

function Versions({ site, looked, onLook, dirty, onTaken }: Props) {
  const { t } = useTranslation();
  const versions = useSiteVersions(site.siteId);
  const [failed, fail] = useState<unknown>(null);
  const say = useToast();
  const restore = useRestoreSite();
  const [taken, take] = useState<{ to: number; on: string } | null>(null);
  const close = () => (take(null), restore.reset());
  const send = () => taken && restore.mutate({ siteId: site.siteId, version: taken.on, to: taken.to }, { onSuccess: (now) => (close(), onTaken(now), say(t("sitePlan.saved", { n: now.version }))) });
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
                <button type="button" className="link-button" disabled={dirty} title={dirty ? t("siteMap.saveFirst") : undefined} onClick={() => take({ to: each.version, on: String(site.version) })} data-testid={`site-take-${each.version}`}>{t("sitePlan.takeBack")}</button>
              </>
            )}
          </li>
        ))}
      </ol>
      {taken && (
        <ConfirmDialog title={t("sitePlan.takeBackTitle", { n: taken.to })} body={t("sitePlan.takeBackBody")} request={restore} onConfirm={send} onClose={close} yes={t("sitePlan.takeBack")} primary confirmTestId="site-take-confirm" />
      )}
    </>
  );
}

function Told({ version, site }: { version: SiteVersion; site: Site }) {
  const { t } = useTranslation();
  const { zones, checkpoints, docks, sentences } = version;
  return (
    <span>
      <strong>{t("sitePlan.version", { n: version.version })}</strong>{" "}
      {t(version.source === "console" ? "sitePlan.byConsole" : "sitePlan.byFolder", { when: dayAndMinute(version.changedAt, site.timezone), who: version.changedBy })}
      <small>{t("sitePlan.counts", { zones, checkpoints, docks, sentences })}</small>
    </span>
  );
}
