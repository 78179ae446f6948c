import type { GeoJSONSource } from "maplibre-gl";
import { Navigation, TriangleAlert, Zap } from "lucide-react";
import { Fragment, useEffect } from "react";
import { useTranslation } from "react-i18next";

import type { Point } from "../api/types";
import { named } from "../i18n";
import { screenTurnDeg } from "../map/geoReference";
import { LABEL } from "../map/labelPriority";
import { MapLabel } from "../map/MapLabel";
import { MapLine, useSiteMap } from "../map/SiteMap";
import { zoneShapes } from "../map/zoneLayers";
import { DragHandle } from "./DragHandle";
import { HeadingHandle } from "./HeadingHandle";
import { type DraftPlace, type DraftZone, halfWay, insertCorner, type Item, moveCorner, movePlace, placeOf, type PlaceKind, removeCorner, removeItem, type SiteDraft, turnPlace, zoneOf } from "./siteDraft";
import type { SiteProblem } from "./siteQueries";

type Change = (turn: (draft: SiteDraft) => SiteDraft, step?: string) => void;

interface Props {
  draft: SiteDraft;
  chosen: Item | null;
  onChoose: (item: Item) => void;
  problems: SiteProblem[];
  /** Null: it is only looked at. */
  change: Change | null;
}

/** The draft on the map, with handles on what is chosen. */
export function SiteDraftLayer({ draft, chosen, onChoose, problems, change }: Props) {
  const { map, frame } = useSiteMap();
  useEffect(() => void map.getSource<GeoJSONSource>("zones")?.setData(zoneShapes(draft.zones, frame)), [map, frame, draft.zones]);
  const zone = chosen?.list === "zones" ? zoneOf(draft, chosen.id) : undefined;
  return (
    <>
      <MapLine id="chosen-zone" points={zone ? [...zone.polygon, zone.polygon[0]!] : []} />
      {(["docks", "checkpoints"] as const).map((list) =>
        draft[list].map((place) => (
          <Place key={`${list}/${place.id}`} list={list} place={place} chosen={chosen?.list === list && chosen.id === place.id} onChoose={() => onChoose({ list, id: place.id })} change={change} />
        )),
      )}
      {zone && change && <Corners zone={zone} change={change} />}
      {chosen && chosen.list !== "zones" && change && <Heading draft={draft} list={chosen.list} id={chosen.id} change={change} />}
      {problems.map((problem, i) => problem.place && <ProblemPin key={i} at={problem.place} problem={problem} onChoose={onChoose} />)}
    </>
  );
}

interface PlaceProps {
  list: PlaceKind;
  place: DraftPlace;
  chosen: boolean;
  onChoose: () => void;
  change: Change | null;
}

function Place({ list, place, chosen, onChoose, change }: PlaceProps) {
  const { t } = useTranslation();
  const name = named(place.name) || t("sitePlan.nameless");
  return (
    <DragHandle
      at={place.pose}
      level={chosen ? 20 : 10}
      className={`drag-handle--${list}${chosen ? " is-chosen" : ""}`}
      label={t(list === "docks" ? "map.dock" : "map.checkpoint", { name })}
      testId={`draw-${list}-${place.id}`}
      chosen={chosen}
      onPress={onChoose}
      onDrag={change ? (to, step) => (chosen || onChoose(), change((draft) => movePlace(draft, list, place.id, to), step)) : undefined}
      onDelete={change ? () => change((draft) => removeItem(draft, { list, id: place.id })) : undefined}
    >
      {list === "docks" ? <Zap size={12} /> : <Navigation size={12} style={{ rotate: `${screenTurnDeg(place.pose.theta) - 45}deg` }} />}
      {list === "checkpoints" && <MapLabel priority={chosen ? LABEL.stop : LABEL.checkpoint} clearance={15} className="checkpoint__name">{name}</MapLabel>}
    </DragHandle>
  );
}

function Corners({ zone, change }: { zone: DraftZone; change: Change }) {
  const { t } = useTranslation();
  const { id, polygon } = zone;
  return polygon.map((corner, i) => (
    <Fragment key={i}>
      <DragHandle at={halfWay(polygon, i)} level={22} className="drag-handle--edge" label={t("sitePlan.insertCorner", { n: i + 1 })} testId={`insert-corner-${i}`} onPress={() => change((draft) => insertCorner(draft, id, i))} />
      <DragHandle
        at={corner}
        level={24}
        className="drag-handle--corner"
        label={t("sitePlan.corner", { n: i + 1 })}
        testId={`corner-${i}`}
        onDrag={(to, step) => change((draft) => moveCorner(draft, id, i, to), step)}
        onDelete={() => change((draft) => removeCorner(draft, id, i))}
      />
    </Fragment>
  ));
}

function Heading({ draft, list, id, change }: { draft: SiteDraft; list: PlaceKind; id: string; change: Change }) {
  const place = placeOf(draft, list, id);
  return place ? <HeadingHandle pose={place.pose} onTurn={(to, step) => change((old) => turnPlace(old, list, id, to), step)} /> : null;
}

function ProblemPin({ at, problem, onChoose }: { at: Point; problem: SiteProblem; onChoose: (item: Item) => void }) {
  const { t } = useTranslation();
  return (
    <DragHandle at={at} level={21} className="drag-handle--problem" label={t("sitePlan.problemHere")} testId="site-problem-pin" onPress={() => problem.item && onChoose(problem.item)}>
      <TriangleAlert size={13} />
    </DragHandle>
  );
}

interface DrawProps {
  corners: Point[];
  onClick: (at: Point) => void;
  onClose: () => void;
}

/** The corners that were clicked so far, and the clicks; the first corner closes, and so does a double click. */
export function DrawLayer({ corners, onClick, onClose }: DrawProps) {
  const { t } = useTranslation();
  return (
    <>
      <MapLine id="drawn" points={corners} />
      <MapClicks onClick={onClick} onDouble={onClose} />
      {corners.map((corner, i) => (
        <DragHandle key={i} at={corner} level={24} className={`drag-handle--corner${i === 0 ? " is-first" : " is-laid"}`} label={i === 0 ? t("sitePlan.closeHere") : t("sitePlan.corner", { n: i + 1 })} testId={`drawn-${i}`} onPress={i === 0 ? onClose : undefined} />
      ))}
    </>
  );
}

/** Clicks on the map in metres; the second of a double click is none. */
export function MapClicks({ onClick, onDouble }: { onClick: (at: Point) => void; onDouble?: () => void }) {
  const { map, frame } = useSiteMap();
  useEffect(() => {
    const click = map.on("click", (event) => event.originalEvent.detail < 2 && onClick(frame.toMap(event.lngLat.toArray())));
    return () => click.unsubscribe();
  }, [map, frame, onClick]);
  useEffect(() => {
    if (!onDouble) return;
    map.doubleClickZoom.disable();
    const double = map.on("dblclick", onDouble);
    return () => {
      double.unsubscribe();
      if (map.style) map.doubleClickZoom.enable();
    };
  }, [map, onDouble]);
  return null;
}
