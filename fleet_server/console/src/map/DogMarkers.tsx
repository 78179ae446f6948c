import { Marker as GlMarker } from "maplibre-gl";
import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";

import type { Dog, Pose } from "../api/types";
import { useStable } from "../ui/useStable";
import { DogMotion } from "./dogMotion";
import { LABEL, MapLabel } from "./MapLabel";
import { bare } from "./Marker";
import { useSiteMap } from "./SiteMap";

interface Props {
  /** With a position on this map. */
  dogs: Dog[];
  /** The link to the server is not live: then they stand where they were last known. */
  stale: boolean;
  selected: string | null;
  onSelect: (dogId: string) => void;
}

/** Dogs on the map, gliding between reports. That they move is no work for React: two hundred do, five times a second. */
export function DogMarkers({ dogs, stale, selected, onSelect }: Props) {
  const { map, frame, labels } = useSiteMap();
  const motion = useMemo(() => new DogMotion(map, frame), [map, frame]);
  useEffect(() => () => motion.stop(), [motion]);
  useLayoutEffect(() => {
    if (dogs.filter((dog) => motion.report(dog.dogId, dog.position!)).length > 0) labels.place();
  }, [motion, labels, dogs]);
  const select = useStable(onSelect);
  return dogs.map((dog) => (
    <DogMarker key={dog.dogId} dogId={dog.dogId} pose={dog.position!} motion={motion} live={dog.live && !stale} selected={dog.dogId === selected} onSelect={select} />
  ));
}

interface MarkerProps {
  dogId: string;
  /** Where it stands when it is drawn first. */
  pose: Pose;
  motion: DogMotion;
  live: boolean;
  selected: boolean;
  onSelect: (dogId: string) => void;
}

const DogMarker = memo(Sign, (a, b) => a.dogId === b.dogId && a.motion === b.motion && a.live === b.live && a.selected === b.selected && a.onSelect === b.onSelect);

function Sign({ dogId, pose, motion, live, selected, onSelect }: MarkerProps) {
  const { t } = useTranslation();
  const { map } = useSiteMap();
  const [element] = useState(() => bare());
  const [marker] = useState(() => new GlMarker({ element }));
  const arrow = useRef<SVGGElement>(null);
  useLayoutEffect(() => {
    const out = motion.add(dogId, pose, marker, arrow.current!);
    marker.addTo(map);
    element.removeAttribute("aria-label");
    return () => {
      out();
      marker.remove();
    };
  }, [marker, map, motion, dogId, element]);

  element.style.zIndex = selected ? "40" : "30";
  const state = `dog-marker${live ? "" : " is-stale"}${selected ? " is-selected" : ""}`;
  return createPortal(
    <button
      type="button"
      className={state}
      onClick={() => onSelect(dogId)}
      aria-label={t("map.dog", { name: dogId })}
      data-testid={`dog-marker-${dogId}`}
      data-x={pose.x.toFixed(2)}
      data-y={pose.y.toFixed(2)}
      data-live={live}
    >
      <svg width="44" height="44" viewBox="0 0 44 44" aria-hidden="true">
        {live && <circle className="dog-marker__halo" cx="22" cy="22" r="15" />}
        <g ref={arrow}>
          <path className="dog-marker__cone" d="M22 22 L12.5 3.5 A21 21 0 0 1 31.5 3.5 Z" />
          <circle className="dog-marker__body" cx="22" cy="22" r="9.5" />
          <path className="dog-marker__nose" d="M22 14.6 L26.4 25.6 L22 23 L17.6 25.6 Z" />
        </g>
      </svg>
      <MapLabel priority={LABEL.dog - (selected ? 0.5 : 0)} clearance={13} className="dog-marker__name">{dogId}</MapLabel>
    </button>,
    element,
  );
}
