import { useTranslation } from "react-i18next";

import type { Site } from "../api/types";
import { named } from "../i18n";
import { landmarkOf } from "../map/nearestLandmark";
import type { Blocked } from "./blockedWays";

/** A blocked way in the operator's words: whereto, what stands there and near what, and how often it was tried. */
export function BlockedWay({ blocked, site }: { blocked: Blocked; site: Site }) {
  const { t } = useTranslation();
  const { seen } = blocked;
  const target = site.checkpoints.find((c) => c.checkpointId === blocked.nodeId);
  const near = seen && landmarkOf(seen, site);
  return (
    <span className="trouble">
      {target ? t("dogs.blocked.to", { name: named(target.name) }) : t("dogs.error.wayBlocked")}
      <small className="trouble__detail">
        {seen && t("dogs.blocked.seen", { length: seen.length.toFixed(1), width: seen.width.toFixed(1), x: seen.x.toFixed(1), y: seen.y.toFixed(1) })}
        {near && ` ${t("dogs.blocked.near", { name: named(near.name), n: Math.round(near.metres) })}`}
        {blocked.tries > 0 && ` ${t("dogs.blocked.tries", { n: blocked.tries })}`}
      </small>
    </span>
  );
}
