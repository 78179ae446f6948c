import { Image, ImageOff } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useCheckpointPhotos, useChooseReference, useReferences } from "../api/references";
import { useMay } from "../api/rights";
import type { Evidence, Site } from "../api/types";
import { Waiting } from "../ui/Notice";
import { Picture } from "../ui/Picture";
import { reasonOf, RequestFailure } from "../ui/RequestFailure";
import { dayAndMinute } from "../ui/timeFormat";

interface Props {
  site: Site;
  checkpointId: string;
  /** It can be chosen here, and not only looked at. */
  choosing: boolean;
}

/** How a checkpoint should look: one of the photos that dogs took there, chosen at once and apart from what is drawn. */
export function CheckpointReference({ site, checkpointId, choosing }: Props) {
  const may = useMay();
  const saved = site.checkpoints.some((each) => each.checkpointId === checkpointId);
  return saved && may("look") ? <Reference site={site} checkpointId={checkpointId} choosing={choosing} /> : null;
}

function Reference({ site, checkpointId, choosing }: Props) {
  const { t } = useTranslation();
  const references = useReferences(site.siteId);
  const choose = useChooseReference();
  const [open, show] = useState(false);
  if (references.isPending) return <Waiting label={t("common.loading")} />;
  if (references.isError) return <RequestFailure error={references.error} retry={() => void references.refetch()} />;
  const reference = references.data.find((each) => each.checkpointId === checkpointId);
  const send = (evidenceId: string | null) => choose.mutate({ siteId: site.siteId, checkpointId, evidenceId }, { onSuccess: () => show(false) });
  return (
    <section className="reference" aria-label={t("reference.title")} data-testid="checkpoint-reference">
      <h4>{t("reference.title")}</h4>
      {!reference && <p>{t("reference.none")}</p>}
      {reference && (
        <figure>
          <Picture url={reference.evidence.contentUrl} alt={t("reference.title")} testId="reference-picture" />
          <figcaption>
            {t("reference.taken", { dog: reference.evidence.dogId, when: dayAndMinute(reference.evidence.capturedAt, site.timezone) })}
            <br />
            {t("reference.chosen", { who: reference.chosenBy, when: dayAndMinute(reference.chosenAt, site.timezone) })}
          </figcaption>
        </figure>
      )}
      {choosing && (
        <>
          <p className="reference__acts">
            <button type="button" className="button" aria-expanded={open} onClick={() => show(!open)} data-testid="reference-choose">
              <Image size={14} aria-hidden="true" /> {t(reference ? "reference.another" : "reference.choose")}
            </button>
            {reference && (
              <button type="button" className="button button--quiet" disabled={choose.isPending} onClick={() => send(null)} data-testid="reference-remove">
                <ImageOff size={14} aria-hidden="true" /> {t("reference.remove")}
              </button>
            )}
          </p>
          {choose.isError && <p className="form-error" role="alert">{reasonOf(choose.error, t("common.noServer"))}</p>}
          {open && <Photos site={site} checkpointId={checkpointId} chosen={reference?.evidence.evidenceId} busy={choose.isPending} onChoose={(photo) => send(photo.evidenceId)} />}
          <p>{t("reference.hint")}</p>
        </>
      )}
    </section>
  );
}

interface PhotosProps {
  site: Site;
  checkpointId: string;
  chosen: string | undefined;
  busy: boolean;
  onChoose: (photo: Evidence) => void;
}

/** The latest photos, each to be pressed. */
function Photos({ site, checkpointId, chosen, busy, onChoose }: PhotosProps) {
  const { t } = useTranslation();
  const photos = useCheckpointPhotos(site.siteId, checkpointId);
  if (photos.isPending) return <Waiting label={t("common.loading")} />;
  if (photos.isError) return <RequestFailure error={photos.error} retry={() => void photos.refetch()} />;
  if (photos.data.length === 0) return <p role="status">{t("reference.noPhotos")}</p>;
  return (
    <ul>
      {photos.data.map((photo) => {
        const when = dayAndMinute(photo.capturedAt, site.timezone);
        return (
          <li key={photo.evidenceId}>
            <button type="button" className="picture-button" aria-pressed={photo.evidenceId === chosen} disabled={busy} onClick={() => onChoose(photo)} aria-label={t("reference.take", { when })} data-testid="reference-photo">
              <Picture url={photo.contentUrl} alt="" />
            </button>
            <small>{when}</small>
          </li>
        );
      })}
    </ul>
  );
}
