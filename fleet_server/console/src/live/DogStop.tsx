import { CircleStop, OctagonPause } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useReleaseDog, useStopDog } from "../api/queries";
import { useMay } from "../api/rights";
import type { Dog, Site } from "../api/types";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { reasonOf } from "../ui/RequestFailure";
import { moment } from "../ui/timeFormat";
import { stationNow } from "../ui/stationTime";
import { stopState } from "./stopState";

interface Props {
  dog: Dog;
  site: Site | undefined;
  live: boolean;
}

/** A dog's emergency stop: what is confirmed of it and what is not, and the button for what comes next. */
export function DogStop({ dog, site, live }: Props) {
  const { t } = useTranslation();
  const may = useMay();
  const stop = useStopDog();
  const [releasing, release] = useState(false);
  const state = stopState(dog, live);
  const asked = dog.stopRequest && { who: dog.stopRequest.by, at: moment(dog.stopRequest.since, site?.timezone, stationNow()) };
  const stoppable = may("command") && dog.remoteStop !== false;
  return (
    <div className="dog-stop" data-testid={`dog-stop-state-${dog.dogId}`} data-state={state}>
      {state !== "none" && (
        <p className={`dog-stop__word dog-stop__word--${state}`} role="status">
          <OctagonPause size={15} aria-hidden="true" />
          <span>
            {t(`stop.state.${state}`)} {asked && state !== "stopped" && <small>{t(asked && state === "releasing" ? "stop.releasedBy" : "stop.askedBy", asked)}</small>}
          </span>
        </p>
      )}
      {state === "none" && stoppable && (
        <button type="button" className="button button--danger dog-stop__press" disabled={stop.isPending} onClick={() => stop.mutate(dog.dogId)} aria-label={t("stop.pressFor", { dog: dog.dogId })} data-testid={`dog-stop-${dog.dogId}`}>
          <CircleStop size={14} aria-hidden="true" /> {t("stop.press")}
        </button>
      )}
      {state === "none" && dog.remoteStop === false && <p className="dog-card__note">{t("stop.cannot")}</p>}
      {state !== "none" && stoppable && (live || dog.stopRequest?.stop) && (
        <button type="button" className="button dog-stop__press" onClick={() => release(true)} data-testid={`dog-release-${dog.dogId}`}>
          {t(state === "stopped" || state === "releasing" ? "stop.release" : "stop.withdraw")}
        </button>
      )}
      {stop.isError && <p className="form-error" role="alert">{t("plan.refused", { reason: reasonOf(stop.error, t("common.noServer")) })}</p>}
      {releasing && <ReleaseDialog dog={dog} onClose={() => release(false)} />}
    </div>
  );
}

/** A dog walks again on this word alone, so it is asked for twice. */
function ReleaseDialog({ dog, onClose }: { dog: Dog; onClose: () => void }) {
  const { t } = useTranslation();
  const release = useReleaseDog();
  return (
    <ConfirmDialog
      title={t("stop.releaseTitle", { dog: dog.dogId })}
      body={t("stop.releaseBody", { dog: dog.dogId })}
      request={release}
      onConfirm={() => release.mutate(dog.dogId, { onSuccess: onClose })}
      onClose={onClose}
      yes={t("stop.releaseYes")}
      no={t("stop.keepStopped")}
      primary
      testId="release-dialog"
      confirmTestId="release-confirm"
    />
  );
}
