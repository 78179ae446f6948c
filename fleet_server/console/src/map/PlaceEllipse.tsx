import { useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";

import type { Incident } from "../api/types";
import { type Theme, useTheme } from "../ui/theme";
import { confidenceEllipse, ringOf } from "./confidenceEllipse";
import { useSiteMap } from "./SiteMap";

/** --ellipse of styles/tokens.css: no zone, way or sign has it. */
const EDGE: Record<Theme, string> = { dark: "#7cc7ff", light: "#0b5cad" };
const ID = "place-ellipse";

/** Where what was seen is with 95 %, and what the ellipse says; nothing where the dog did not say how unsure it was. */
export function PlaceEllipse({ place }: { place: Incident["position"] }) {
  const { t } = useTranslation();
  const { map, frame, labels } = useSiteMap();
  const legend = useRef<HTMLParagraphElement>(null);
  const colour = EDGE[useTheme()];
  const ellipse = useMemo(() => confidenceEllipse(place), [place]);
  useEffect(() => {
    if (!ellipse) return;
    const ring = ringOf(place, ellipse).map(frame.toLngLat);
    const data: GeoJSON.Feature = { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } };
    map.addSource(ID, { type: "geojson", data });
    map.addLayer({ id: ID, type: "fill", source: ID, paint: { "fill-color": colour, "fill-opacity": 0.14 } });
    map.addLayer({ id: `${ID}-edge`, type: "line", source: ID, paint: { "line-color": colour, "line-width": 2 } });
    return () => {
      if (!map.style) return;
      map.removeLayer(`${ID}-edge`);
      map.removeLayer(ID);
      map.removeSource(ID);
    };
  }, [map, frame, place, ellipse, colour]);
  useEffect(() => (legend.current ? labels.keepClear(legend.current) : undefined), [labels, ellipse]);
  if (!ellipse) return null;
  return (
    <p ref={legend} className="ellipse-legend" data-testid="ellipse-legend">
      <span aria-hidden="true" />
      {t("map.ellipse", { long: ellipse.long.toFixed(1), short: ellipse.short.toFixed(1) })}
    </p>
  );
}
