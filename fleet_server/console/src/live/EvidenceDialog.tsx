import { Download, Film, LockKeyhole } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useSamePlace, useTimeline } from "../api/queries";
import { useMay } from "../api/rights";
import type { Incident, TimelineEntry } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { MarkedPicture } from "../ui/MarkedPicture";
import { Picture } from "../ui/Picture";
import { ReferenceFigure } from "../ui/ReferenceFigure";
import { ago, dayAndClock } from "../ui/timeFormat";
import { useNow } from "../ui/useNow";
import { kindOf } from "./incidentWords";
import { OriginalDialog } from "./OriginalDialog";

/** What `compareToReference` finds. */
const CHANGED = "CHECKPOINT_CHANGED";
const ON_ITS_WAY_MS = 5 * 60_000; // a clip is made after the ten seconds that it goes on, and follows all pictures

/** All that was recorded of an incident: its picture, its clip, what the dog measured, and what was there before. */
export function EvidenceDialog({ incident, zone, onClose }: { incident: Incident; zone?: string; onClose: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const [asking, ask] = useState(false);
  return (
    <Dialog title={kindOf(incident, t)} onClose={onClose} wide testId="evidence-dialog">
      <div className="evidence">
        <figure>
          <MarkedPicture url={incident.pictureUrl} alt={t("incidents.pictureAlt", { dog: incident.dogId })} />
          <figcaption>{t("evidence.picture")}</figcaption>
        </figure>
        {incident.kind === CHANGED && <ReferenceFigure siteId={incident.siteId} checkpointId={incident.checkpointId} nearest />}
        <figure>
          <Clip incident={incident} />
          <figcaption>{t("evidence.clip")}</figcaption>
        </figure>
      </div>
      {incident.recordingUrl && (
        <p className="evidence__recording">
          <a className="button" href={incident.recordingUrl} download data-testid="incident-recording">
            <Download size={14} aria-hidden="true" /> {t("evidence.recording")}
          </a>
          <small>{t("evidence.recordingHint")}</small>
        </p>
      )}
      {incident.originalUrl && may("originals") && (
        <p className="evidence__recording">
          <button type="button" className="button" onClick={() => ask(true)} data-testid="incident-original">
            <LockKeyhole size={14} aria-hidden="true" /> {t("evidence.original.button")}
          </button>
          <small>{t("evidence.original.hint")}</small>
        </p>
      )}
      {asking && incident.originalUrl && <OriginalDialog url={incident.originalUrl} onClose={() => ask(false)} />}
      <Timeline incident={incident} zone={zone} />
      <SamePlace incident={incident} zone={zone} />
    </Dialog>
  );
}

/** It has no sound, and begins when somebody wants it to: the space bar does, and arrows seek. */
function Clip({ incident }: { incident: Incident }) {
  const { t } = useTranslation();
  const now = useNow();
  if (incident.clipUrl) {
    return (
      <video className="evidence__clip" src={incident.clipUrl} controls muted playsInline preload="metadata" tabIndex={0} data-focus aria-label={t("evidence.clipAlt", { dog: incident.dogId })} data-testid="incident-clip">
        <track kind="captions" />
      </video>
    );
  }
  const awaited = now - Date.parse(incident.receivedAt) < ON_ITS_WAY_MS;
  return (
    <div className="picture">
      <span className="picture__word"><Film size={18} aria-hidden="true" />{t(awaited ? "evidence.clipAwaited" : "evidence.noClip")}</span>
    </div>
  );
}

/** What dogs saw of it, and who did what, in its order; what is the same several times over is one line. */
function Timeline({ incident, zone }: { incident: Incident; zone?: string }) {
  const { t } = useTranslation();
  const told = useTimeline(incident.incidentId).data;
  if (!told) return null;
  return (
    <section className="evidence__before" aria-labelledby="timeline">
      <h3 id="timeline">{t("evidence.timeline")}</h3>
      <ol className="told">
        {runsOf(told).map(({ first, times }) => (
          <li key={`${first.at} ${first.action} ${first.actor}`} data-testid="timeline" data-action={first.action}>
            <time dateTime={first.at}>{dayAndClock(first.at, zone)}</time>
            <span>{t(`deed.${first.action}`, { defaultValue: first.action })}{times > 1 && ` × ${times}`}</span>
            <span className="told__who">{first.actor}</span>
            {first.text && <q>{first.text}</q>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function runsOf(told: TimelineEntry[]): { first: TimelineEntry; times: number }[] {
  const runs: { first: TimelineEntry; times: number }[] = [];
  for (const each of told) {
    const last = runs.at(-1);
    if (last && !each.text && last.first.action === each.action && last.first.actor === each.actor) last.times += 1;
    else runs.push({ first: each, times: 1 });
  }
  return runs;
}

/** What looked alike at the same place, today and in the week before. */
function SamePlace({ incident, zone }: { incident: Incident; zone?: string }) {
  const { t } = useTranslation();
  const now = useNow();
  const found = useSamePlace(incident.incidentId).data;
  if (!found) return null;
  return (
    <section className="evidence__before" aria-labelledby="same-place">
      <h3 id="same-place">{t("evidence.samePlace")}</h3>
      {found.length === 0 && <p>{t("evidence.nothingBefore")}</p>}
      <ul>
        {found.map((each) => (
          <li key={each.incidentId} data-testid="same-place">
            <Picture url={each.pictureUrl} alt={t("incidents.pictureAlt", { dog: each.dogId })} />
            <time dateTime={each.observedAt}>{dayAndClock(each.observedAt, zone)}</time>
            <small>{ago(each.observedAt, now)} · {t(`incidents.status.${each.status}`)}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}
