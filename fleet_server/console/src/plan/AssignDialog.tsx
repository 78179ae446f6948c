import { useState } from "react";
import { useTranslation } from "react-i18next";

import { goTo } from "../app/address";
import { useActivePatrols, useAssign, useDogs } from "../api/queries";
import type { Dog, Route, Way } from "../api/types";
import { named } from "../i18n";
import { Battery } from "../ui/Battery";
import { Dialog } from "../ui/Dialog";
import { reasonOf } from "../ui/RequestFailure";
import { Notice } from "../ui/Notice";
import { useToast } from "../ui/Toast";
import { WayFigures } from "./WayFigures";

export function AssignDialog({ route, way, onClose }: { route: Route; way: Way | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const say = useToast();
  const dogs = useDogs().data ?? [];
  const assign = useAssign();
  const [dogId, setDogId] = useState<string | null>(() => dogs.find((dog) => dog.live && !dog.patrolId)?.dogId ?? null);
  const send = () =>
    dogId !== null &&
    assign.mutate(
      { routeId: route.routeId, dogId },
      {
        onSuccess: () => {
          say(<>{t("plan.assigned", { dog: dogId })} · <button type="button" className="link-button" onClick={() => goTo("live")} data-testid="watch-live">{t("plan.watch")}</button></>);
          onClose();
        },
      },
    );
  return (
    <Dialog title={t("plan.assignTitle", { name: named(route.name) })} onClose={onClose} testId="assign-dialog">
      {way && <p className="assign__way"><WayFigures way={way} /></p>}
      {dogs.length === 0 ? (
        <Notice title={t("plan.noDogs")} hint={t("dogs.emptyHint")} />
      ) : (
        <fieldset className="choices">
          <legend>{t("plan.assignBody")}</legend>
          {dogs.map((dog) => (
            <DogChoice key={dog.dogId} dog={dog} uses={way?.usesPct} chosen={dog.dogId === dogId} choose={() => (setDogId(dog.dogId), assign.reset())} />
          ))}
        </fieldset>
      )}
      <p className="form-error" role="alert" data-testid="assign-error">
        {assign.isError && t("plan.refused", { reason: reasonOf(assign.error, t("common.noServer")) })}
      </p>
      <footer className="dialog__foot">
        <button type="button" className="button" onClick={onClose}>{t("common.cancel")}</button>
        <button type="button" className="button button--primary" disabled={dogId === null || assign.isPending} onClick={send} data-testid="assign-confirm">
          {assign.isPending ? t("plan.assigning") : t("plan.assignYes")}
        </button>
      </footer>
    </Dialog>
  );
}

function DogChoice({ dog, uses, chosen, choose }: { dog: Dog; uses: number | undefined; chosen: boolean; choose: () => void }) {
  const { t } = useTranslation();
  const busy = useActivePatrols().data?.some((patrol) => patrol.dogId === dog.dogId && patrol.endedAt === null);
  const state = !dog.live ? t("dogs.connection.OFFLINE") : busy ? t("plan.busy") : t("dogs.activity.idle");
  return (
    <label className={`choice${chosen ? " is-chosen" : ""}${dog.live ? "" : " is-stale"}`} data-testid={`assign-dog-${dog.dogId}`}>
      <input type="radio" name="dog" checked={chosen} onChange={choose} />
      <strong>{dog.dogId}</strong>
      <span>{state}</span>
      <Battery charge={dog.batteryCharge} charging={dog.charging ?? false} />
      {uses !== undefined && dog.live && dog.batteryCharge != null && <span className="choice__after">{t("plan.after", { pct: Math.max(0, Math.round(dog.batteryCharge - uses)) })}</span>}
    </label>
  );
}
