import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useRoutes } from "../api/queries";
import type { Route, RouteVersion, Site } from "../api/types";
import { named } from "../i18n";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Waiting } from "../ui/Notice";
import { reasonOf, RequestFailure } from "../ui/RequestFailure";
import { dayAndMinute } from "../ui/timeFormat";
import { useToast } from "../ui/Toast";
import { RouteContent } from "./RouteContent";
import { routeOfVersion, useRestoreRoute, useRouteVersions } from "./routeVersionQueries";

/** A route as it was, on the map instead of what is drawn. */
export interface LookedRoute {
  number: number;
  then: Route;
}

interface Props {
  site: Site;
  routeId: string;
  looked: LookedRoute | null;
  onLook: (looked: LookedRoute | null) => void;
  /** Something is drawn and not saved. */
  dirty: boolean;
  onTaken: (now: Route) => void;
}

/** What the route was before: each version to look at, and to take back. */
export function RouteVersions(props: Props) {
  const { t } = useTranslation();
  const [open, show] = useState(false);
  const toggle = (now: boolean) => (show(now), now || props.onLook(null));
  return (
    <details className="versions" onToggle={(event) => toggle(event.currentTarget.open)} data-testid="route-versions">
      <summary>{t("sitePlan.versions")}</summary>
      {open && <Versions {...props} />}
    </details>
  );
}

function Versions({ site, routeId, looked, onLook, dirty, onTaken }: Props) {
  const { t } = useTranslation();
  const say = useToast();
  const versions = useRouteVersions(routeId);
  const route = useRoutes().data?.find((each) => each.routeId === routeId);
  const restore = useRestoreRoute();
  const [failed, fail] = useState<unknown>(null);
  const [taken, take] = useState<{ to: number; version: string } | null>(null);
  const close = () => (take(null), restore.reset());
  const send = () => taken && restore.mutate({ routeId, ...taken }, { onSuccess: (now) => (close(), onLook(null), onTaken(now), say(t("plan.takenBack"))) });
  const look = (number: number) => routeOfVersion(routeId, number).then((then) => (fail(null), onLook({ number, then })), fail);
  if (versions.isPending) return <Waiting label={t("common.loading")} />;
  if (versions.isError) return <RequestFailure error={versions.error} retry={() => void versions.refetch()} />;
  return (
    <>
      {failed !== null && <p className="form-error" role="alert">{reasonOf(failed, t("common.noServer"))}</p>}
      <ol>
        {versions.data.map((each, place) => {
          const here = each.number === looked?.number;
          return (
            <li key={each.number} className={here ? "is-chosen" : ""} data-testid={`route-version-${each.number}`}>
              <Told version={each} site={site} />
              {place === 0 && <b>{t("sitePlan.inForce")}</b>}
              {place > 0 && (
                <>
                  <button type="button" className="link-button" onClick={() => (here ? onLook(null) : void look(each.number))} data-testid={`route-look-${each.number}`}>
                    {t(here ? "sitePlan.lookedAt" : "sitePlan.look")}
                  </button>
                  <button type="button" className="link-button" disabled={dirty || !route} title={dirty ? t("siteMap.saveFirst") : undefined} onClick={() => route && take({ to: each.number, version: route.version })} data-testid={`route-take-${each.number}`}>{t("sitePlan.takeBack")}</button>
                </>
              )}
              {here && <div className="versions__then"><RouteContent route={looked.then} site={site} /></div>}
            </li>
          );
        })}
      </ol>
      {taken && (
        <ConfirmDialog title={t("sitePlan.takeBackTitle", { n: taken.to })} body={t("plan.takeBackBody")} request={restore} onConfirm={send} onClose={close} yes={t("sitePlan.takeBack")} primary confirmTestId="route-take-confirm" />
      )}
    </>
  );
}

function Told({ version, site }: { version: RouteVersion; site: Site }) {
  const { t } = useTranslation();
  const { number, name, stops, deed, changedAt, changedBy } = version;
  return (
    <span>
      <strong>{t("sitePlan.version", { n: number })}</strong> {t(`plan.deed.${deed}`, { who: changedBy, when: dayAndMinute(changedAt, site.timezone) })}
      <small>{named(name)} · {t("plan.summaryOneStop", { stops })}</small>
    </span>
  );
}
