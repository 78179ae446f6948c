import { House } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useMay } from "../api/rights";
import type { Recall, Site } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { reasonOf } from "../ui/RequestFailure";
import { moment } from "../ui/timeFormat";
import { useNow } from "../ui/useNow";
import { useRecalls, useRecallSite, useReleaseSite } from "./callQueries";

const useRecall = (site: Site | undefined): Recall | undefined => (useRecalls().data ?? []).find((made) => made.siteId === site?.siteId);

/** In the frame of every view, beside the emergency stop: all dogs of the site go home. */
export function AllHome({ site }: { site: Site | undefined }) {
  const { t } = useTranslation();
  const may = useMay();
  const [asking, ask] = useState<"recall" | "release" | null>(null); // not by what is so now: that changes under the dialog
  const on = useRecall(site) !== undefined;
  if (!may("command") || !site) return null;
  return (
    <>
      <button type="button" className={`all-home${on ? " is-on" : ""}`} aria-label={`${t(on ? "calls.allHomeOn" : "calls.allHomeShort")}: ${t("calls.allHome")}`} title={t("calls.allHome")} aria-pressed={on} onClick={() => ask(on ? "release" : "recall")} data-testid="all-home">
        <House size={17} aria-hidden="true" />
        <span className="all-home__word">{t(on ? "calls.allHomeOn" : "calls.allHomeShort")}</span>
      </button>
      {asking === "recall" && <RecallDialog site={site} onClose={() => ask(null)} />}
      {asking === "release" && <ReleaseDialog site={site} onClose={() => ask(null)} />}
    </>
  );
}

function RecallDialog({ site, onClose }: { site: Site; onClose: () => void }) {
  const { t } = useTranslation();
  const recall = useRecallSite();
  const press = (rounds: "end" | "keep") => recall.mutate({ siteId: site.siteId, rounds }, { onSuccess: onClose });
  return (
    <Dialog title={t("calls.allHome")} onClose={onClose} testId="all-home-dialog">
      <p>{t("calls.allHomeBody")}</p>
      {recall.isError && <p className="form-error" role="alert">{t("plan.refused", { reason: reasonOf(recall.error, t("common.noServer")) })}</p>}
      <footer className="dialog__foot">
        <button type="button" className="button" onClick={onClose} data-focus>{t("common.cancel")}</button>
        <button type="button" className="button button--danger" disabled={recall.isPending} onClick={() => press("end")} data-testid="all-home-end">{t("calls.allHomeEnd")}</button>
        <button type="button" className="button button--primary" disabled={recall.isPending} onClick={() => press("keep")} data-testid="all-home-keep">{t("calls.allHomeKeep")}</button>
      </footer>
    </Dialog>
  );
}

function ReleaseDialog({ site, onClose }: { site: Site; onClose: () => void }) {
  const { t } = useTranslation();
  const release = useReleaseSite();
  return (
    <Dialog title={t("calls.releaseTitle")} onClose={onClose} testId="release-recall-dialog">
      <p>{t("calls.releaseBody")}</p>
      {release.isError && <p className="form-error" role="alert">{t("plan.refused", { reason: reasonOf(release.error, t("common.noServer")) })}</p>}
      <footer className="dialog__foot">
        <button type="button" className="button" onClick={onClose} data-focus>{t("common.cancel")}</button>
        <button type="button" className="button button--primary" disabled={release.isPending} onClick={() => release.mutate(site.siteId, { onSuccess: onClose })} data-testid="all-home-release">{t("calls.release")}</button>
      </footer>
    </Dialog>
  );
}

/** Over the map while all are called home: who did, since when, and that nothing goes out. */
export function RecallNotice({ site }: { site: Site }) {
  const { t } = useTranslation();
  const now = useNow(5000);
  const made = useRecall(site);
  if (!made) return null;
  return (
    <p className="recall-notice" role="status" data-testid="recall-notice">
      <House size={15} aria-hidden="true" />
      <span>{t(made.rounds === "keep" ? "calls.recalledKeep" : "calls.recalled", { who: made.begunBy, at: moment(made.begunAt, site.timezone, now) })}</span>
    </p>
  );
}
