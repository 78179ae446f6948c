import { useState } from "react";
import { useTranslation } from "react-i18next";

import { usePhotos } from "../api/queries";
import { useMay } from "../api/rights";
import { troubleOf } from "../api/vehicleError";
import type { Evidence, Patrol, Site } from "../api/types";
import { named } from "../i18n";
import { CancelDialog } from "../live/PatrolStrip";
import { Dialog } from "../ui/Dialog";
import { RequestFailure } from "../ui/RequestFailure";
import { Picture } from "../ui/Picture";
import { VehicleErrorText } from "../ui/VehicleErrorText";
import { ReferenceFigure } from "../ui/ReferenceFigure";
import { clock, dayAndMinute } from "../ui/timeFormat";
import { PatrolReplay } from "./PatrolReplay";

export function PatrolDetail({ patrol, site }: { patrol: Patrol; site: Site }) {
  const { t } = useTranslation();
  const may = useMay();
  const [asking, ask] = useState(false);
  return (
    <div className="patrol-detail">
      {patrol.reason && <p className="patrol-detail__reason"><b>{t("ledger.reason")}</b> <VehicleErrorText {...troubleOf(patrol.reason)} /></p>}
      <ol className="timeline">
        {patrol.checkpoints.map((c, i) => (
          <li key={i} className={`is-${c.status.toLowerCase()}`}>
            <i aria-hidden="true">{i + 1}</i>
            <strong>{named(c.name)}</strong>
            <span title={c.reason ?? undefined}>{t(`patrols.checkpoint.${c.status}`)}</span>
            <time>{c.reachedAt ? clock(c.reachedAt, site.timezone) : "–"}</time>
          </li>
        ))}
      </ol>
      <PatrolReplay patrolId={patrol.patrolId} site={site} />
      {may("look") && <Photos patrol={patrol} site={site} />}
      {patrol.endedAt === null && !patrol.cancelRequested && may("command") && (
        <button type="button" className="button button--danger" onClick={() => ask(true)}>{t("patrols.cancel")}</button>
      )}
      {asking && <CancelDialog patrol={patrol} onClose={() => ask(false)} />}
    </div>
  );
}

function Photos({ patrol, site }: { patrol: Patrol; site: Site }) {
  const { t } = useTranslation();
  const photos = usePhotos(patrol.patrolId);
  const [large, enlarge] = useState<Evidence | null>(null);
  if (photos.isError) return <RequestFailure error={photos.error} retry={() => void photos.refetch()} />;
  return (
    <section className="photos" aria-label={t("ledger.photos")}>
      <h3>{t("ledger.photos")}</h3>
      {photos.data?.length === 0 && <p className="photos__none">{t("ledger.noPhotos")}</p>}
      <ul>
        {photos.data?.map((photo) => (
          <li key={photo.evidenceId}>
            <button type="button" className="picture-button" onClick={() => enlarge(photo)} aria-label={`${t("incidents.enlarge")}: ${placeOf(photo, patrol)}`}>
              <Picture url={photo.contentUrl} alt={placeOf(photo, patrol)} testId="patrol-photo" />
            </button>
            <p>
              <strong>{placeOf(photo, patrol)}</strong>
              <time>{clock(photo.capturedAt, site.timezone)}</time>
            </p>
          </li>
        ))}
      </ul>
      {large && (
        <Dialog title={placeOf(large, patrol)} onClose={() => enlarge(null)} wide>
          <div className="evidence">
            <figure>
              <Picture url={large.contentUrl} alt={placeOf(large, patrol)} />
              <figcaption>{dayAndMinute(large.capturedAt, site.timezone)}</figcaption>
            </figure>
            <ReferenceFigure siteId={site.siteId} checkpointId={large.nodeId} />
          </div>
        </Dialog>
      )}
    </section>
  );
}

/** A node of an order is named for its checkpoint. */
function placeOf(photo: Evidence, patrol: Patrol): string {
  const checkpoint = patrol.checkpoints.find((c) => c.checkpointId === photo.nodeId);
  return checkpoint ? named(checkpoint.name) : (photo.nodeId ?? "");
}
