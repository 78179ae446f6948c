import { Marker as GlMarker } from "maplibre-gl";
import { useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";

import type { Dog } from "../api/types";
import { screenTurnDeg } from "./geoReference";
import { LABEL, MapLabel } from "./MapLabel";
import { bare } from "./Marker";
import { arrived, glideTo, rest, sample } from "./markerMotion";
import { useSiteMap } from "./SiteMap";

interface Props {
  dog: Dog;
  /** False where the dog or the link to the server is not live: then it stands where it was last known. */
  live: boolean;
  selected: boolean;
  onSelect: () => void;
}

/** A dog on the map, gliding between reports. Needs `dog.position`. */
export function DogMarker({ dog, live, selected, onSelect }: Props) {
  const { t } = useTranslation();
  const { map, frame, labels } = useSiteMap();
  const { x, y, theta } = dog.position!;
  const [element] = useState(() => bare());
  const [marker] = useState(() => new GlMarker({ element }));
  const glide = useRef(rest({ x, y, theta }, performance.now()));
  const arrow = useRef<SVGGElement>(null);

  useEffect(() => {
    marker.setLngLat(frame.toLngLat(glide.current.to)).addTo(map);
    element.removeAttribute("aria-label");
    return () => void marker.remove();
  }, [marker, map, frame, element]);

  useEffect(() => {
    glide.current = glideTo(glide.current, { x, y, theta }, performance.now());
    let request = 0;
    const draw = () => {
      const now = performance.now();
      const pose = sample(glide.current, now);
      marker.setLngLat(frame.toLngLat(pose));
      arrow.current?.setAttribute("transform", `rotate(${screenTurnDeg(pose.theta)} 22 22)`);
      if (!arrived(glide.current, now)) request = requestAnimationFrame(draw);
    };
    draw();
    labels.place();
    return () => cancelAnimationFrame(request);
  }, [marker, frame, labels, x, y, theta]);

  element.style.zIndex = selected ? "40" : "30";
  const state = `dog-marker${live ? "" : " is-stale"}${selected ? " is-selected" : ""}`;
  return createPortal(
    <button
      type="button"
      className={state}
      onClick={onSelect}
      aria-label={t("map.dog", { name: dog.dogId })}
      data-testid={`dog-marker-${dog.dogId}`}
      data-x={x.toFixed(2)}
      data-y={y.toFixed(2)}
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
      <MapLabel priority={LABEL.dog - (selected ? 0.5 : 0)} clearance={13} className="dog-marker__name">{dog.dogId}</MapLabel>
    </button>,
    element,
  );
}
