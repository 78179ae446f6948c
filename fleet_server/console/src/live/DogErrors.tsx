import { CircleAlert, Play } from "lucide-react";
import { useTranslation } from "react-i18next";

import { useClearFall } from "../api/queries";
import { useMay } from "../api/rights";
import type { Dog, DogError, Site } from "../api/types";
import { reasonOf } from "../ui/RequestFailure";
import { VehicleErrorText } from "../ui/VehicleErrorText";
import { aboutOf, blockedOf } from "./blockedWays";
import { BlockedWay } from "./BlockedWay";

/** What is wrong with a dog, what is to be done about it, and the button for it where there is one. */
export function DogErrors({ dog, site, live }: { dog: Dog; site: Site; live: boolean }) {
  const may = useMay();
  return dog.errors.map((error, i) => (
    <div key={i} className={`dog-card__error dog-card__error--${error.errorLevel.toLowerCase()}`} data-testid={`dog-error-${error.errorType}`}>
      <CircleAlert size={14} aria-hidden="true" />
      <Words error={error} site={site} />
      {live && may("command") && error.errorType === "fallen" && aboutOf(error).stage === "waiting" && <GoOn dogId={dog.dogId} />}
    </div>
  ));
}

function Words({ error, site }: { error: DogError; site: Site }) {
  const { t } = useTranslation();
  const { stage } = aboutOf(error);
  if (error.errorType === "fallen" && stage) return <span className="trouble">{t(`dogs.error.fallen_${stage}`, { defaultValue: t("dogs.error.fallen") })}</span>;
  const blocked = blockedOf(error);
  if (blocked) return <BlockedWay blocked={blocked} site={site} />;
  return <VehicleErrorText type={error.errorType} detail={error.errorDescription ?? ""} />;
}

/** A dog that fell stands again, and waits for this one press. */
function GoOn({ dogId }: { dogId: string }) {
  const { t } = useTranslation();
  const clear = useClearFall();
  return (
    <span className="dog-card__remedy">
      <button type="button" className="button button--primary" disabled={clear.isPending || clear.isSuccess} onClick={() => clear.mutate(dogId)} data-testid={`dog-go-on-${dogId}`}>
        <Play size={13} aria-hidden="true" /> {clear.isSuccess ? t("dogs.goingOn") : t("dogs.goOn")}
      </button>
      {clear.isError && <small role="alert">{t("plan.refused", { reason: reasonOf(clear.error, t("common.noServer")) })}</small>}
    </span>
  );
}
