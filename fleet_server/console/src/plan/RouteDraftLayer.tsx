import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Point, Site } from "../api/types";
import { MapLine, useSiteMap } from "../map/SiteMap";
import { DragHandle } from "./DragHandle";
import { HeadingHandle } from "./HeadingHandle";
import { changeStop, type Draft, insertStop, middlesOf } from "./routeDraft";
import { degOf, radOf } from "./siteDraft";
import type { ChangeRoute } from "./useRouteDraft";

interface Props {
  site: Site;
  draft: Draft;
  /** The way as a dog walks it; undefined: not known yet. */
  corners: Point[] | undefined;
  /** The key of the stop that is looked at. */
  chosen: number | null;
  /** The next stop comes before the one at this place. */
  onInsertHere: (place: number) => void;
  change: ChangeRoute;
}

/** What is dragged is taken for a checkpoint that is so near, pixels. */
const NEAR_PX = 34;

/** Handles on a route: one on each leg, which puts a stop between two, and one that turns the chosen stop. */
export function RouteDraftLayer({ site, draft, corners, chosen, onInsertHere, change }: Props) {
  const { t } = useTranslation();
  const { map, frame } = useSiteMap();
  const [pulled, pull] = useState<{ place: number; to: Point; over: string | null } | null>(null);
  const poses = useMemo(() => new Map(site.checkpoints.map((each) => [each.checkpointId, each.pose])), [site]);
  const known = draft.stops.every((stop) => poses.has(stop.checkpointId));
  const places = useMemo(() => (known ? draft.stops.map((stop) => poses.get(stop.checkpointId)!) : []), [known, draft.stops, poses]);
  const middles = useMemo(() => middlesOf(places, corners), [places, corners]);
  const stop = draft.stops.find((each) => each.key === chosen);
  const pose = stop && poses.get(stop.checkpointId);

  const drag = (place: number, to: Point) => {
    const at = map.project(frame.toLngLat(to));
    const away = (point: Point) => { const on = map.project(frame.toLngLat(point)); return Math.hypot(on.x - at.x, on.y - at.y); };
    const near = site.checkpoints.filter((each) => away(each.pose) < NEAR_PX).sort((a, b) => away(a.pose) - away(b.pose))[0];
    pull({ place, to: near?.pose ?? to, over: near?.checkpointId ?? null });
  };
  const drop = () => {
    if (pulled?.over) change((old) => insertStop(old, pulled.place, pulled.over!));
    pull(null);
  };
  const turn = (towards: Point, step: string) => {
    if (!stop || !pose || Math.hypot(towards.x - pose.x, towards.y - pose.y) === 0) return;
    const theta = radOf(degOf(Math.atan2(towards.y - pose.y, towards.x - pose.x)));
    change((old) => changeStop(old, stop.key, { theta }), step);
  };
  return (
    <>
      <MapLine id="pulled" points={pulled ? [places[pulled.place - 1]!, pulled.to, places[pulled.place]!] : []} dashed />
      {middles.map((middle, i) => (
        <DragHandle
          key={i}
          at={pulled?.place === i + 1 ? pulled.to : middle}
          level={pulled?.place === i + 1 ? 30 : 9}
          className="drag-handle--edge"
          label={t("plan.insertOnMap", { a: i + 1, b: i + 2 })}
          testId={`insert-stop-${i + 1}`}
          onDrag={(to) => drag(i + 1, to)}
          onDrop={drop}
          onPress={() => onInsertHere(i + 1)}
        />
      ))}
      {stop && pose && <HeadingHandle pose={{ ...pose, theta: stop.theta ?? pose.theta }} onTurn={turn} />}
    </>
  );
}
