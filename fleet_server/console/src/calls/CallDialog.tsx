import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { inWords } from "../api/refusalText";
import type { Candidate, Candidates, Point, Site } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { DialogFoot } from "../ui/DialogFoot";
import { Waiting } from "../ui/Notice";
import { reasonOf, RequestFailure } from "../ui/RequestFailure";
import { useAskCall, useCandidates } from "./callQueries";

interface Props {
  site: Site;
  place: Point;
  onClose: () => void;
}

/** Which dog will go, off which round and in how many minutes, before it is sent. */
export function CallDialog({ site, place, onClose }: Props) {
  const { t } = useTranslation();
  const found = useCandidates(site.siteId, place);
  return (
    <Dialog title={t("calls.title", { x: place.x.toFixed(1), y: place.y.toFixed(1) })} onClose={onClose} testId="call-dialog">
      {found.isPending && <Waiting rows={2} label={t("common.loading")} />}
      {found.isError && <RequestFailure error={found.error} retry={() => void found.refetch()} />}
      {found.data && <Ask site={site} place={place} found={found.data} onClose={onClose} />}
    </Dialog>
  );
}

function Ask({ site, place, found, onClose }: Props & { found: Candidates }) {
  const { t } = useTranslation();
  const ask = useAskCall();
  const [reason, setReason] = useState("");
  const [chosen, setChosen] = useState("");
  const best = found.dogs.find((dog) => dog.refusal === null);
  const goes = found.dogs.find((dog) => dog.dogId === chosen) ?? best;
  const goal = found.to ?? found.nearest;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const said = { siteId: site.siteId, x: place.x, y: place.y, reason: reason.trim(), nearest: found.to === null, dogId: chosen || null };
    ask.mutate(said, { onSuccess: onClose });
  };
  return (
    <form onSubmit={submit} className="call-form">
      {found.why && (
        <p className="call-form__why" role="alert" data-testid="call-why">
          {inWords(found.why)} {goal && t("calls.nearest", { m: Math.hypot(goal.x - place.x, goal.y - place.y).toFixed(1) })}
        </p>
      )}
      <p data-testid="call-goes" data-dog={goes?.dogId ?? ""}>{goes ? going(goes, t) : t("calls.nobody")}</p>
      <label className="field">
        <span>{t("calls.dog")}</span>
        <select className="select" value={chosen} onChange={(event) => setChosen(event.target.value)} data-testid="call-dog">
          <option value="">{t("calls.best")}</option>
          {found.dogs.map((dog) => (
            <option key={dog.dogId} value={dog.dogId} disabled={dog.refusal !== null}>{dog.refusal === null ? t("calls.option", { dog: dog.dogId, min: minutes(dog) }) : inWords(dog.refusal)}</option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>{t("calls.reason")}</span>
        <input value={reason} required maxLength={500} data-focus autoComplete="off" placeholder={t("calls.reasonPlaceholder")} onChange={(event) => setReason(event.target.value)} data-testid="call-reason" />
      </label>
      {ask.isError && <p className="form-error" role="alert">{t("plan.refused", { reason: reasonOf(ask.error, t("common.noServer")) })}</p>}
      <DialogFoot onClose={onClose} disabled={!goal || reason.trim() === ""} pending={ask.isPending} yes={t(found.to ? "calls.send" : "calls.sendNearest")} testId="call-confirm" />
    </form>
  );
}

type T = ReturnType<typeof useTranslation>["t"];
const minutes = (dog: Candidate): string => ((dog.seconds ?? 0) / 60).toFixed(1);

function going(dog: Candidate, t: T): string {
  const words = [t(dog.interrupts ? "calls.goesOff" : "calls.goes", { dog: dog.dogId, min: minutes(dog) })];
  if (!dog.looks) words.push(t("calls.walksOnly"));
  return words.join(" ");
}
