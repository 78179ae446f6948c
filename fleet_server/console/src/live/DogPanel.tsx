import { PawPrint } from "lucide-react";
import { useTranslation } from "react-i18next";

import { useSession } from "../api/queries";
import type { Dog, Patrol, Site } from "../api/types";
import { CallList } from "../calls/CallList";
import { Notice, Waiting } from "../ui/Notice";
import { useStable } from "../ui/useStable";
import { wrongClocks } from "./clockWarning";
import { DogCard } from "./DogCard";

interface Props {
  site: Site;
  dogs: Dog[] | undefined;
  patrols: Patrol[];
  stale: boolean;
  selected: string | null;
  onSelect: (dogId: string) => void;
  onWatch: (dogId: string, viewId: string) => void;
}

export function DogPanel({ site, dogs, patrols, stale, selected, onSelect, onWatch }: Props) {
  const { t } = useTranslation();
  const simulated = useSession().data?.simulated ?? false;
  const wrong = wrongClocks(dogs ?? [], simulated);
  const [select, watch] = [useStable(onSelect), useStable(onWatch)];
  const live = dogs?.filter((dog) => dog.live).length ?? 0;
  return (
    <aside className="panel panel--dogs" aria-labelledby="dogs-title">
      <header className="panel__head">
        <h2 id="dogs-title">{t("dogs.title")}</h2>
        {dogs && dogs.length > 0 && <span className="panel__note">{t("dogs.online", { n: stale ? 0 : live, total: dogs.length })}</span>}
      </header>
      <div className="panel__body">
        <CallList site={site} />
        {!dogs && <Waiting label={t("common.loading")} />}
        {dogs?.length === 0 && <Notice icon={<PawPrint size={22} />} title={t("dogs.empty")} hint={t("dogs.emptyHint")} />}
        {dogs?.map((dog) => (
          <DogCard
            key={dog.dogId}
            dog={dog}
            site={site}
            patrol={patrolOf(dog, patrols)}
            stale={stale}
            clockWrong={wrong.has(dog.dogId)}
            selected={dog.dogId === selected}
            onSelect={select}
            onWatch={watch}
          />
        ))}
      </div>
    </aside>
  );
}

/** The patrol it is on, else the one it ended last. */
function patrolOf(dog: Dog, patrols: Patrol[]): Patrol | undefined {
  const own = patrols.filter((patrol) => patrol.dogId === dog.dogId);
  return own.find((patrol) => patrol.endedAt === null) ?? own.sort((a, b) => b.createdAt.localeCompare(a.createdAt))[0];
}
