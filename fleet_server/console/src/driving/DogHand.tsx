import { Gamepad2 } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { useSession } from "../api/queries";
import { useMay } from "../api/rights";
import type { Dog } from "../api/types";
import { reasonOf } from "../ui/RequestFailure";
import { DriveControls } from "./DriveControls";
import { useAskForHand, useGiveBack, useGrantHand, useRefuseHand, useTakeHand, useTakeOver } from "./driveQueries";

/** Who has a dog in hand, and to take it, ask for it, hand it over and give it back. `folded`: none is offered to be taken. */
export function DogHand({ dog, live, folded }: { dog: Dog; live: boolean; folded: boolean }) {
  const { t } = useTranslation();
  const me = useSession().data?.username;
  const may = useMay();
  const [here, setHere] = useState(false);
  const [asking, setAsking] = useState(false);
  const deeds = { take: useTakeHand(), over: useTakeOver(), ask: useAskForHand(), grant: useGrantHand(), refuse: useRefuseHand(), back: useGiveBack() };
  const leave = useCallback(() => setHere(false), []);
  const driver = dog.driver?.username;
  const mine = driver !== undefined && driver === me;
  useEffect(() => {
    if (!mine) return;
    if (asking) setHere(true);
    setAsking(false);
  }, [mine, asking]);
  useEffect(() => {
    if (driver === undefined || mine) return;
    setHere(false);
    setAsking(false);
  }, [driver, mine]);

  const askedBy = dog.driver?.askedBy ?? null;
  const [asked, setAsked] = useState(""); // whom I have asked, for as long as they have it
  useEffect(() => {
    if (askedBy !== null && askedBy === me) setAsked(driver ?? "");
    else if (driver !== asked) setAsked("");
  }, [askedBy, me, driver, asked]);
  const refused = asked !== "" && driver === asked && askedBy !== me;
  useEffect(() => {
    if (refused) setAsking(false);
  }, [refused]);

  const stands = dog.operatingMode === "MANUAL" && driver === undefined;
  if (!may("command") || dog.drivable !== true) return null;
  if (driver === undefined && !(live || stands)) return null;
  const failed = Object.values(deeds).find((deed) => deed.isError);
  const button = (deed: keyof typeof deeds, key: string, primary = false, after?: () => void) => (
    <button
      type="button"
      className={`button${primary ? " button--primary" : ""} dog-stop__press`}
      disabled={deeds[deed].isPending}
      onClick={() => {
        for (const each of Object.values(deeds)) each.reset();
        deeds[deed].mutate(dog.dogId, { onSuccess: after });
      }}
      data-testid={`drive-${deed}-${dog.dogId}`}
    >
      {key === "drive.take" && <Gamepad2 size={14} aria-hidden="true" />} {t(key)}
    </button>
  );
  return (
    <div className="dog-hand" data-testid={`hand-${dog.dogId}`} data-driver={driver ?? ""}>
      {driver !== undefined && <p className="dog-hand__who">{mine ? t("drive.mine") : t("drive.by", { who: driver })}</p>}
      {mine && here && <DriveControls dogId={dog.dogId} onOver={leave} />}
      {mine && dog.driver?.askedBy && <p className="dog-hand__asked" role="alert">{t("drive.askedBy", { who: dog.driver.askedBy })}</p>}
      {!mine && dog.driver?.askedBy && <p className="dog-card__note">{t("drive.hasAsked", { who: dog.driver.askedBy })}</p>}
      {refused && <p className="dog-card__note" role="status" data-testid={`drive-refused-${dog.dogId}`}>{t("drive.refused", { who: driver })}</p>}
      <div className="dog-hand__deeds">
        {driver === undefined && live && !folded && button("take", "drive.take", false, () => setHere(true))}
        {stands && live && button("back", "drive.giveBack")}
        {mine && !here && (
          <button type="button" className="button dog-stop__press" onClick={() => setHere(true)} data-testid={`drive-here-${dog.dogId}`}>{t("drive.here")}</button>
        )}
        {mine && dog.driver?.askedBy && button("grant", "drive.grant", true)}
        {mine && dog.driver?.askedBy && button("refuse", "drive.refuse")}
        {mine && button("back", "drive.giveBack")}
        {driver !== undefined && !mine && dog.driver?.askedBy === null && button("ask", "drive.ask", false, () => setAsking(true))}
        {driver !== undefined && !mine && may("overrule") && button("over", "drive.takeOver", false, () => setHere(true))}
      </div>
      {failed && <p className="form-error" role="alert">{t("plan.refused", { reason: reasonOf(failed.error, t("common.noServer")) })}</p>}
    </div>
  );
}
