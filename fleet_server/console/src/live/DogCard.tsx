import { BatteryCharging, ChartLine, ChevronDown, Cpu, EyeOff, MessageCircleQuestion, MoveDiagonal, Unplug } from "lucide-react";
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Dog, Patrol, Site } from "../api/types";
import { goTo } from "../app/address";
import { GoHome } from "../calls/GoHome";
import { DogCamera } from "../camera/DogCamera";
import { Battery } from "../ui/Battery";
import { moment } from "../ui/timeFormat";
import { useNow } from "../ui/useNow";
import { WordsWithDetail } from "../ui/VehicleErrorText";
import { DogHand } from "../driving/DogHand";
import { DogSpeech } from "../speech/DogSpeech";
import { DogErrors } from "./DogErrors";
import { DogStop } from "./DogStop";
import { LinkSign } from "./LinkSign";
import { PatrolStrip } from "./PatrolStrip";

interface Props {
  dog: Dog;
  site: Site;
  patrol: Patrol | undefined;
  stale: boolean;
  /** Its clock would mislead who reads it. */
  clockWrong: boolean;
  selected: boolean;
  onSelect: (dogId: string) => void;
  onWatch: (dogId: string, viewId: string) => void;
}

/** Where a dog is and when it was heard last is nothing of its card's while it is live. */
function face({ position, lastSeen, clockSkewS, velocity, ...rest }: Dog): string {
  const speed = Math.hypot(velocity?.vx ?? 0, velocity?.vy ?? 0).toFixed(2);
  return JSON.stringify([rest, position === null, rest.live || lastSeen, Math.round(clockSkewS ?? 0), speed]);
}

const isSame = (a: Props, b: Props) =>
  a.site === b.site && a.patrol === b.patrol && a.stale === b.stale && a.clockWrong === b.clockWrong && a.selected === b.selected && a.onSelect === b.onSelect && a.onWatch === b.onWatch && (a.dog === b.dog || face(a.dog) === face(b.dog));

/** Drawn anew where something on it has changed: of two hundred dogs, all of which walk, few have. */
export const DogCard = memo(Card, isSame);

function Card({ dog, site, patrol, stale, clockWrong, selected, onSelect, onWatch }: Props) {
  const { t } = useTranslation();
  const [more, unfold] = useState(false);
  const live = dog.live && !stale;
  const speed = Math.hypot(dog.velocity?.vx ?? 0, dog.velocity?.vy ?? 0);
  return (
    <article className={`dog-card${live ? "" : " is-stale"}${selected ? " is-selected" : ""}`} data-testid={`dog-${dog.dogId}`} data-live={live}>
      <button type="button" className="dog-card__head" onClick={() => onSelect(dog.dogId)} title={t("dogs.locate", { name: dog.dogId })} aria-pressed={selected}>
        <i className="dog-card__lamp" aria-hidden="true" />
        <strong>{dog.dogId}</strong>
        <span className="dog-card__activity" data-testid={`dog-activity-${dog.dogId}`}>
          {live ? activityOf(dog, t) : dog.live ? t("dogs.lastKnown") : t(`dogs.connection.${dog.connection === "ONLINE" ? "CONNECTIONBROKEN" : dog.connection}`)}
        </span>
      </button>
      {!dog.live && (
        <p className="dog-card__lost">
          <Unplug size={14} aria-hidden="true" />
          <NotLiveSince since={dog.notLiveSince ?? dog.lastSeen} zone={site.timezone} />
        </p>
      )}
      <div className="dog-card__facts">
        <Battery charge={dog.batteryCharge} charging={dog.charging ?? false} />
        {!stale && <LinkSign dog={dog} />}
        {live && <span className="number">{t("dogs.speed", { v: speed.toFixed(2) })}</span>}
        {clockWrong && (
          <span className="dog-card__clock" data-testid={`dog-clock-${dog.dogId}`}>
            {t("dogs.clock", { s: `${dog.clockSkewS! > 0 ? "+" : "−"}${Math.abs(Math.round(dog.clockSkewS!))}` })}
          </span>
        )}
        {!dog.position && <span>{t("dogs.noPosition")}</span>}
        <span className="dog-card__detector" title={t("dogs.detector")}>
          <Cpu size={12} aria-hidden="true" />
          {dog.detector ?? t("dogs.noDetector")}
        </span>
      </div>
      {dog.extensions === false && <p className="dog-card__note" data-testid={`dog-reduced-${dog.dogId}`}>{t("dogs.reduced")}</p>}
      {dog.misread && (
        <p className="dog-card__error" data-testid={`dog-misread-${dog.dogId}`}>
          <MessageCircleQuestion size={14} aria-hidden="true" />
          <WordsWithDetail words={t("dogs.misread", { n: dog.misread.count })} detail={`${dog.misread.topic}: ${dog.misread.reason}`} />
        </p>
      )}
      {dog.loosely.length > 0 && (
        <p className="dog-card__note" title={dog.loosely.join("\n")} data-testid={`dog-loosely-${dog.dogId}`}>{t("dogs.loosely", { n: dog.loosely.length })}</p>
      )}
      {dog.halfBlind && (
        <p className="dog-card__note" data-testid={`dog-half-blind-${dog.dogId}`}>
          <EyeOff size={13} aria-hidden="true" /> {t("dogs.halfBlind")}
        </p>
      )}
      {live && dog.recharging && (
        <p className="dog-card__note" data-testid={`dog-recharging-${dog.dogId}`}>
          <BatteryCharging size={13} aria-hidden="true" /> {t("dogs.recharging")}
        </p>
      )}
      {live && dog.steppingAside && (
        <p className="dog-card__note" data-testid={`dog-aside-${dog.dogId}`}>
          <MoveDiagonal size={13} aria-hidden="true" /> {t(`dogs.steppingAside.${dog.steppingAside}`, { defaultValue: dog.steppingAside })}
        </p>
      )}
      <div className="dog-card__deeds">
        <DogStop dog={dog} site={site} live={live} />
        <DogCamera dog={dog} live={live} onWatch={(viewId) => onWatch(dog.dogId, viewId)} />
        <GoHome dog={dog} live={live} />
        <button type="button" className="button dog-stop__press" aria-expanded={more} onClick={() => unfold(!more)} aria-label={t("dogs.moreOf", { dog: dog.dogId })} data-testid={`more-of-${dog.dogId}`}>
          <ChevronDown size={14} aria-hidden="true" className="dog-card__fold" /> {t("dogs.more")}
        </button>
        <DogHand dog={dog} live={live} folded={!more} />
        <DogSpeech dog={dog} live={live} folded={!more} />
        {more && (
          <button type="button" className="button dog-stop__press" onClick={() => goTo("ledger", "dogs", { dog: dog.dogId })} aria-label={t("history.openOf", { dog: dog.dogId })} data-testid={`history-of-${dog.dogId}`}>
            <ChartLine size={14} aria-hidden="true" /> {t("history.open")}
          </button>
        )}
      </div>
      <DogErrors dog={dog} site={site} live={live} />
      {patrol && <PatrolStrip patrol={patrol} site={site} />}
    </article>
  );
}

function NotLiveSince({ since, zone }: { since: string; zone: string }) {
  const { t } = useTranslation();
  return t("dogs.notLive", { at: moment(since, zone, useNow(5000)) });
}

type T = ReturnType<typeof useTranslation>["t"];

/** What it does, in the operator's words where the dog's are known. */
function activityOf(dog: Dog, t: T): string {
  if (dog.emergencyStop && dog.emergencyStop !== "NONE") return t("dogs.activity.estop");
  if (dog.operatingMode && !["AUTOMATIC", "SEMIAUTOMATIC"].includes(dog.operatingMode)) return t("dogs.activity.manual");
  if (dog.paused) return t("dogs.activity.paused");
  const phase = dog.activity ?? (dog.driving ? "driving" : dog.charging ? "charging" : "idle");
  return t(`dogs.activity.${phase.toLowerCase()}`, { defaultValue: phase });
}
