import { CircleStop } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useLiveStatus } from "../api/LiveProvider";
import { useDogs, useStopAllDogs } from "../api/queries";
import { useMay } from "../api/rights";
import type { Dog, Site } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { reasonOf } from "../ui/RequestFailure";
import { DogStop } from "./DogStop";
import { stopState } from "./stopState";

/** In the frame of every view: the emergency stop of all dogs, and how many have confirmed one. */
export function StopAll({ site }: { site: Site | undefined }) {
  const { t } = useTranslation();
  const may = useMay();
  const dogs = useDogs().data ?? [];
  const linked = useLiveStatus().phase === "live";
  const [open, setOpen] = useState(false);
  if (!may("command")) return null;
  const states = dogs.map((dog) => stopState(dog, dog.live && linked));
  const stopped = states.filter((state) => state === "stopped" || state === "releasing").length;
  const waiting = states.filter((state) => state === "asked" || state === "unheard").length;
  return (
    <>
      <button type="button" className={`stop-all${stopped + waiting > 0 ? " is-on" : ""}`} title={t("stop.all")} onClick={() => setOpen(true)} data-testid="stop-all" data-stopped={stopped} data-waiting={waiting}>
        <CircleStop size={18} aria-hidden="true" />
        <span className="stop-all__word">{t("stop.allShort")}</span>
        {stopped + waiting > 0 && <span className="stop-all__count">{waiting > 0 ? `${stopped}/${stopped + waiting}` : stopped}</span>}
      </button>
      {open && <StopAllDialog dogs={dogs} site={site} linked={linked} onClose={() => setOpen(false)} />}
    </>
  );
}

interface DialogProps {
  dogs: Dog[];
  site: Site | undefined;
  linked: boolean;
  onClose: () => void;
}

/** Every dog with what it confirms; the press for all has the focus, so that Enter is enough. */
function StopAllDialog({ dogs, site, linked, onClose }: DialogProps) {
  const { t } = useTranslation();
  const stop = useStopAllDogs();
  const free = dogs.filter((dog) => dog.remoteStop !== false && stopState(dog, dog.live && linked) === "none");
  return (
    <Dialog title={t("stop.allTitle")} onClose={onClose} testId="stop-all-dialog">
      <p>{t("stop.allBody")}</p>
      <button type="button" className="button button--stop button--large" data-focus disabled={stop.isPending || free.length === 0} onClick={() => stop.mutate()} data-testid="stop-all-confirm">
        <CircleStop size={18} aria-hidden="true" /> {free.length > 0 ? t("stop.allYes", { n: free.length }) : t("stop.allDone")}
      </button>
      {stop.isError && <p className="form-error" role="alert">{t("plan.refused", { reason: reasonOf(stop.error, t("common.noServer")) })}</p>}
      <ul className="stop-list">
        {dogs.map((dog) => (
          <li key={dog.dogId} data-testid={`stop-row-${dog.dogId}`}>
            <strong>{dog.dogId}</strong>
            {!dog.live && <small>{t("stop.away")}</small>}
            <DogStop dog={dog} site={site} live={dog.live && linked} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
