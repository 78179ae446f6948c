import { Marker as GlMarker, type PositionAnchor } from "maplibre-gl";
import { type ReactNode, useEffect, useState } from "react";
import { createPortal } from "react-dom";

import type { Point } from "../api/types";
import { useSiteMap } from "./SiteMap";

interface Props {
  at: Point;
  /** Higher stands in front. */
  level: number;
  anchor?: PositionAnchor;
  children: ReactNode;
}

/** React content that stays at a place of the map. */
export function Marker({ at, level, anchor = "center", children }: Props) {
  const { map, frame } = useSiteMap();
  const [element] = useState(() => bare());
  const [marker] = useState(() => new GlMarker({ element, anchor }));
  useEffect(() => {
    marker.setLngLat(frame.toLngLat(at));
  }, [marker, frame, at.x, at.y]);
  useEffect(() => {
    marker.setLngLat(frame.toLngLat(at)).addTo(map);
    element.removeAttribute("aria-label");
    return () => void marker.remove();
  }, [marker, map]);
  element.style.zIndex = String(level);
  return createPortal(children, element);
}

/** An element that MapLibre places and assistive technology looks through. */
export function bare(): HTMLElement {
  const element = document.createElement("div");
  element.className = "marker";
  return element;
}
