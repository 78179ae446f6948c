import { Hourglass, Square } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useCancelPatrol } from "../api/queries";
import { useMay } from "../api/rights";
import { troubleOf } from "../api/vehicleError";
import type { Patrol, Site } from "../api/types";
import { named } from "../i18n";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { StatusLabel } from "../ui/StatusLabel";
import { VehicleErrorText } from "../ui/VehicleErrorText";
import { clock } from "../ui/timeFormat";

/** A patrol's progress, one piece a checkpoint. */
export function PatrolStrip({ patrol, site }: { patrol: Patrol; site: Site }) {
  const { t } = useTranslation();
  const may = useMay();
  const [asking, ask] = useState(false);
  const done = patrol.checkpoints.filter((c) => c.status === "DONE").length;
  const total = patrol.checkpoints.length;
  const next = patrol.checkpoints.find((c) => c.status === "REACHED" || c.status === "PENDING");
  const running = patrol.endedAt === null;
  return (
    <section className="strip" data-testid={`patrol-${patrol.dogId}`} data-status={patrol.status} data-done={done}>
      <header>
        <strong title={named(patrol.routeName)}>{named(patrol.routeName)}</strong>
        <StatusLabel kind="patrol" status={patrol.status} />
      </header>
      <ol className="strip__pieces" aria-label={t("patrols.details", { name: named(patrol.routeName) })}>
        {patrol.checkpoints.map((c, i) => (
          <li
            key={i}
            className={`strip__piece is-${c.status.toLowerCase()}`}
            title={`${i + 1}. ${named(c.name)}: ${t(`patrols.checkpoint.${c.status}`)}${c.reachedAt ? ` ${clock(c.reachedAt, site.timezone)}` : ""}`}
          >
            <span className="for-ears">{`${named(c.name)}: ${t(`patrols.checkpoint.${c.status}`)}`}</span>
          </li>
        ))}
      </ol>
      {patrol.waitsFor && <Waiting wait={patrol.waitsFor} site={site} dogId={patrol.dogId} />}
      <footer>
        <span>{t("patrols.progress", { done, total })}</span>
        {running && next && <span className="strip__next">→ {named(next.name)}</span>}
        {!running && patrol.reason && <span className="strip__next"><VehicleErrorText {...troubleOf(patrol.reason)} /></span>}
        {running && patrol.cancelRequested && <span className="strip__next">{t("dogs.activity.cancelling")}</span>}
        {running && !patrol.cancelRequested && may("command") && (
          <button type="button" className="link-button" onClick={() => ask(true)} data-testid={`patrol-cancel-${patrol.dogId}`}>
            <Square size={11} aria-hidden="true" /> {t("patrols.cancel")}
          </button>
        )}
      </footer>
      {asking && <CancelDialog patrol={patrol} onClose={() => ask(false)} />}
    </section>
  );
}

/** Another dog has the narrow place that comes next. */
function Waiting({ wait, site, dogId }: { wait: NonNullable<Patrol["waitsFor"]>; site: Site; dogId: string }) {
  const { t } = useTranslation();
  const said = { dog: wait.heldBy, x: wait.x.toFixed(1), y: wait.y.toFixed(1), at: clock(wait.since, site.timezone) };
  return (
    <p className="dog-card__note" data-testid={`dog-waits-${dogId}`}>
      <Hourglass size={13} aria-hidden="true" /> {wait.near ? t("patrols.waitsFor", { ...said, place: named(wait.near) }) : t("patrols.waitsAt", said)}
    </p>
  );
}

export function CancelDialog({ patrol, onClose }: { patrol: Patrol; onClose: () => void }) {
  const { t } = useTranslation();
  const cancel = useCancelPatrol();
  return (
    <ConfirmDialog
      title={t("patrols.cancelTitle")}
      body={t("patrols.cancelBody", { dog: patrol.dogId, route: named(patrol.routeName) })}
      request={cancel}
      onConfirm={() => cancel.mutate(patrol.patrolId, { onSuccess: onClose })}
      onClose={onClose}
      yes={t("patrols.cancelYes")}
      no={t("patrols.keep")}
      testId="cancel-dialog"
      confirmTestId="cancel-confirm"
    />
  );
}
