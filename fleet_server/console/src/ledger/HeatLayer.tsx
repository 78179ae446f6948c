import type { GeoJSONSource } from "maplibre-gl";
import { useEffect } from "react";

import type { Coverage } from "../api/types";
import { useSiteMap } from "../map/SiteMap";
import { type Theme, useTheme } from "../ui/theme";

type Cell = Coverage["cells"][number];
const ID = "walked";
/** From seldom to often walked; the ground shows through what was not. */
const HEAT: Record<Theme, [string, string, string]> = { dark: ["#1d5a66", "#2fa394", "#f2d16b"], light: ["#9fd3d3", "#2b9488", "#8a4f00"] };

/** Where dogs walked: each square metre by how many patrols came through it. */
export function HeatLayer({ cells }: { cells: Cell[] }) {
  const { map, frame } = useSiteMap();
  const [seldom, often, most] = HEAT[useTheme()];
  useEffect(() => {
    map.addSource(ID, { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    map.addLayer({ id: ID, type: "fill", source: ID, paint: { "fill-color": ["interpolate", ["linear"], ["get", "share"], 0, seldom, 0.4, often, 1, most], "fill-opacity": 0.72, "fill-antialias": false } });
    return () => {
      if (!map.style) return;
      map.removeLayer(ID);
      map.removeSource(ID);
    };
  }, [map, seldom, often, most]);
  useEffect(() => {
    const largest = cells.reduce((n, cell) => Math.max(n, cell.patrols), 1);
    const corner = (x: number, y: number) => frame.toLngLat({ x, y });
    map.getSource<GeoJSONSource>(ID)?.setData({
      type: "FeatureCollection",
      features: cells.map(({ x, y, patrols }) => ({
        type: "Feature",
        properties: { share: patrols / largest },
        geometry: { type: "Polygon", coordinates: [[corner(x, y), corner(x + 1, y), corner(x + 1, y + 1), corner(x, y + 1), corner(x, y)]] },
      })),
    });
  }, [map, frame, cells, seldom, often, most]);
  return null;
}
