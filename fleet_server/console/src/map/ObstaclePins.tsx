import { OctagonX } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { Dog } from "../api/types";
import { waysBlocked } from "../live/blockedWays";
import { LABEL } from "./labelPriority";
import { MapLabel } from "./MapLabel";
import { Marker } from "./Marker";

/** What stands in dogs' ways, where they see it. */
export function ObstaclePins({ dogs }: { dogs: Dog[] }) {
  const { t } = useTranslation();
  return waysBlocked(dogs).map(({ dogId, blocked: { seen } }) => {
    if (!seen) return null;
    const label = t("map.obstacle", { dog: dogId, length: seen.length.toFixed(1), width: seen.width.toFixed(1) });
    return (
      <Marker key={dogId} at={seen} level={28}>
        <div className="obstacle" role="img" aria-label={label} title={label} data-testid={`obstacle-${dogId}`} data-x={seen.x} data-y={seen.y}>
          <OctagonX size={15} aria-hidden="true" />
          <MapLabel priority={LABEL.obstacle} clearance={11} className="obstacle__size number">{`${seen.length.toFixed(1)} × ${seen.width.toFixed(1)}`}</MapLabel>
        </div>
      </Marker>
    );
  });
}
