import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Point, Pose } from "../api/types";
import { MapLine, useSiteMap } from "../map/SiteMap";
import { DragHandle } from "./DragHandle";

interface Props {
  pose: Pose;
  /** Towards where it is to look; `step` is the same through one drag. */
  onTurn: (towards: Point, step: string) => void;
}

/** So far before what is turned stands its handle, pixels. */
const HANDLE_PX = 44;

/** Turns what stands at `pose`. */
export function HeadingHandle({ pose, onTurn }: Props) {
  const { t } = useTranslation();
  const { map, frame } = useSiteMap();
  const [, zoomed] = useState(0);
  useEffect(() => {
    const zoom = map.on("zoomend", () => zoomed(map.getZoom()));
    return () => zoom.unsubscribe();
  }, [map]);
  const far = HANDLE_PX / pixelsOfMetre(pose, frame, map);
  const tip = { x: pose.x + far * Math.cos(pose.theta), y: pose.y + far * Math.sin(pose.theta) };
  return (
    <>
      <MapLine id="heading" points={[pose, tip]} />
      <DragHandle at={tip} level={25} className="drag-handle--heading" label={t("sitePlan.turn")} testId="turn" onDrag={onTurn} />
    </>
  );
}

function pixelsOfMetre(at: Point, frame: ReturnType<typeof useSiteMap>["frame"], map: ReturnType<typeof useSiteMap>["map"]): number {
  const [a, b] = [map.project(frame.toLngLat(at)), map.project(frame.toLngLat({ x: at.x + 1, y: at.y }))];
  return Math.max(0.1, Math.hypot(a.x - b.x, a.y - b.y));
}
