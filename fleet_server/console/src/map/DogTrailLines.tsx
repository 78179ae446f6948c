import type { GeoJSONSource } from "maplibre-gl";
import { useEffect, useRef } from "react";

import { useLive } from "../api/LiveProvider";
import { type Theme, useTheme } from "../ui/theme";
import { stationNow } from "../ui/stationTime";
import { useSiteMap } from "./SiteMap";

/** Of the chosen dog --accent, of the others --soft of styles/tokens.css. */
const COLOUR: Record<Theme, { chosen: string; other: string }> = { dark: { chosen: "#5ad1c2", other: "#a8b5c2" }, light: { chosen: "#0b746a", other: "#445260" } };
const ID = "dog-trails";
/** A trail follows its dog so often, and grows fainter so often where none walks: each time the whole map is painted. */
const FOLLOW_MS = 1000;
const FADE_MS = 10_000;

/** Where dogs have walked, fainter the longer ago; the chosen dog's way is the longest and the strongest. */
export function DogTrailLines({ mapId, chosen }: { mapId: string; chosen: string | null }) {
  const { map, frame } = useSiteMap();
  const { trails } = useLive();
  const theme = useTheme();
  const own = useRef(chosen);
  const drawn = useRef({ version: -1, at: -Infinity, nothing: true });

  useEffect(() => {
    const { chosen: strong, other } = COLOUR[theme];
    map.addSource(ID, { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    map.addLayer({
      id: ID,
      type: "line",
      source: ID,
      layout: { "line-join": "round" },
      paint: {
        "line-color": ["case", ["get", "chosen"], strong, other],
        "line-width": ["case", ["get", "chosen"], 3, 2],
        "line-opacity": ["*", ["case", ["get", "chosen"], 0.85, 0.5], ["-", 1, ["get", "age"]]],
      },
    });
    const draw = () => {
      const now = stationNow();
      const { version, at } = drawn.current;
      if (document.hidden || (version === trails.version && now - at < FADE_MS)) return;
      const shapes = trails.shapes(mapId, own.current, now, frame.toLngLat);
      const nothing = shapes.features.length === 0 && drawn.current.nothing;
      drawn.current = { version: trails.version, at: now, nothing: shapes.features.length === 0 };
      if (!nothing) map.getSource<GeoJSONSource>(ID)?.setData(shapes);
    };
    drawn.current = { version: -1, at: -Infinity, nothing: true };
    draw();
    const timer = window.setInterval(draw, FOLLOW_MS);
    return () => {
      window.clearInterval(timer);
      if (!map.style) return;
      map.removeLayer(ID);
      map.removeSource(ID);
    };
  }, [map, frame, trails, mapId, theme]);
  useEffect(() => {
    own.current = chosen;
    drawn.current.version = -1; // drawn at the next turn, whether or not anything walks
  }, [chosen]);
  return null;
}
