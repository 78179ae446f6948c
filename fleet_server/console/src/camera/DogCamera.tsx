import { Eye, Video } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useMay } from "../api/rights";
import type { Dog } from "../api/types";
import { whoWatch } from "./CameraPanel";
import { WatchDialog } from "./WatchDialog";

interface Props {
  dog: Dog;
  live: boolean;
  onWatch: (viewId: string) => void;
}

/** On a dog's card: that it is being watched and by whom, and the way to watch it. */
export function DogCamera({ dog, live, onWatch }: Props) {
  const { t } = useTranslation();
  const may = useMay();
  const [asking, ask] = useState(false);
  return (
    <div className="dog-camera">
      {may("watch") && dog.cameraStream && (
        <button type="button" className="button dog-stop__press" disabled={!live} onClick={() => ask(true)} aria-label={t("camera.watchFor", { dog: dog.dogId })} data-testid={`watch-${dog.dogId}`}>
          <Video size={14} aria-hidden="true" /> {t("camera.watch")}
        </button>
      )}
      {may("watch") && dog.cameraStream === false && <span className="dog-card__note">{t("camera.none")}</span>}
      {live && dog.watchers.length > 0 && (
        <span className="dog-camera__watched" data-testid={`watchers-${dog.dogId}`}>
          <Eye size={13} aria-hidden="true" /> {t("camera.watchedBy", { who: whoWatch(dog) })}
        </span>
      )}
      {asking && <WatchDialog dog={dog} onClose={() => ask(false)} onWatch={onWatch} />}
    </div>
  );
}
