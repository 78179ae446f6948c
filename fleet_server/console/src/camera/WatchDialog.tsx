import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { useSession } from "../api/queries";
import type { Dog } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { DialogFoot } from "../ui/DialogFoot";
import { reasonOf } from "../ui/RequestFailure";
import { canDecode } from "./cameraFeed";
import { useWatch } from "./cameraQueries";

const REASON_MAX = 300;
const USUAL = ["alarm", "routine", "support"] as const;

/** Watching goes on record with its reason, which is asked for here; a press on a usual one is enough. */
export function WatchDialog({ dog, onClose, onWatch }: { dog: Dog; onClose: () => void; onWatch: (viewId: string) => void }) {
  const { t } = useTranslation();
  const asked = useSession().data?.watchReason ?? true;
  const [reason, setReason] = useState("");
  const watch = useWatch();
  const begin = (why: string) => watch.mutate({ dogId: dog.dogId, reason: why.trim() }, { onSuccess: ({ viewId }) => (onWatch(viewId), onClose()) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    begin(reason);
  };
  return (
    <Dialog title={t("camera.watchTitle", { dog: dog.dogId })} onClose={onClose} testId="watch-dialog">
      {canDecode() ? (
        <form onSubmit={submit}>
          <p>{t("camera.watchBody")}</p>
          <div className="camera__reasons">
            {USUAL.map((each) => (
              <button key={each} type="button" className="chip" disabled={watch.isPending} onClick={() => begin(t(`camera.reasons.${each}`))} data-testid={`watch-reason-${each}`}>
                {t(`camera.reasons.${each}`)}
              </button>
            ))}
          </div>
          <label className="field">
            <span>{t(asked ? "camera.reason" : "camera.reasonOptional")}</span>
            <input value={reason} maxLength={REASON_MAX} onChange={(event) => setReason(event.target.value)} data-focus data-testid="watch-reason" />
          </label>
          {watch.isError && <p className="form-error" role="alert">{t("plan.refused", { reason: reasonOf(watch.error, t("common.noServer")) })}</p>}
          <DialogFoot onClose={onClose} disabled={asked && !reason.trim()} pending={watch.isPending} yes={t("camera.watch")} testId="watch-submit" />
        </form>
      ) : (
        <p role="alert" data-testid="watch-unsupported">{t("camera.unsupported")}</p>
      )}
    </Dialog>
  );
}
