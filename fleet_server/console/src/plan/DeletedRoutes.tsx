import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { DeletedRoute, Route, Site } from "../api/types";
import { named } from "../i18n";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Waiting } from "../ui/Notice";
import { RequestFailure } from "../ui/RequestFailure";
import { dayAndMinute } from "../ui/timeFormat";
import { useToast } from "../ui/Toast";
import { useDeletedRoutes, useRestoreRoute } from "./routeVersionQueries";

/** The routes of a site that were deleted, each to be taken back. */
export function DeletedRoutes({ site, onTaken }: { site: Site; onTaken: (now: Route) => void }) {
  const { t } = useTranslation();
  const [open, show] = useState(false);
  return (
    <details className="versions" onToggle={(event) => show(event.currentTarget.open)} data-testid="deleted-routes">
      <summary>{t("plan.gone")}</summary>
      {open && <Deleted site={site} onTaken={onTaken} />}
    </details>
  );
}

function Deleted({ site, onTaken }: { site: Site; onTaken: (now: Route) => void }) {
  const { t } = useTranslation();
  const say = useToast();
  const deleted = useDeletedRoutes();
  const restore = useRestoreRoute();
  const [taken, take] = useState<DeletedRoute | null>(null);
  const close = () => (take(null), restore.reset());
  const send = () => taken && restore.mutate({ routeId: taken.routeId, to: taken.number }, { onSuccess: (now) => (close(), onTaken(now), say(t("plan.takenBack"))) });
  if (deleted.isPending) return <Waiting label={t("common.loading")} />;
  if (deleted.isError) return <RequestFailure error={deleted.error} retry={() => void deleted.refetch()} />;
  const own = deleted.data.filter((each) => each.siteId === site.siteId);
  if (own.length === 0) return <p>{t("plan.noneGone")}</p>;
  return (
    <>
      <ol>
        {own.map((each) => (
          <li key={each.routeId} data-testid={`deleted-${each.routeId}`}>
            <span>
              <strong>{named(each.name)}</strong>
              <small>{t("plan.summaryOneStop", { stops: each.stops })} · {t("plan.deed.deleted", { who: each.deletedBy, when: dayAndMinute(each.deletedAt, site.timezone) })}</small>
            </span>
            <button type="button" className="link-button" onClick={() => take(each)} data-testid="deleted-take">{t("plan.takeBack")}</button>
          </li>
        ))}
      </ol>
      {taken && (
        <ConfirmDialog title={t("plan.takeBackTitle", { name: named(taken.name) })} body={t("plan.goneBody")} request={restore} onConfirm={send} onClose={close} yes={t("plan.takeBack")} primary confirmTestId="deleted-take-confirm" />
      )}
    </>
  );
}
