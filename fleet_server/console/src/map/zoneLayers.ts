import type { Map as GlMap } from "maplibre-gl";

import type { Point, Site, ZoneKind } from "../api/types";
import type { Theme } from "../ui/theme";
import type { MapFrame } from "./geoReference";
import { ON_CPU } from "./mapPainting";

/** By night and by day; the words on them have the --zone-* of styles/tokens.css, which are stronger. */
const ZONE_COLOUR: Record<Theme, Record<ZoneKind, string>> = {
  dark: { restricted: "#f0685f", no_go: "#8795a5", slow: "#e0b050", privacy: "#a78bda", watched: "#5f9ea8" },
  light: { restricted: "#c8372e", no_go: "#6b7a88", slow: "#b07a10", privacy: "#7a5bb5", watched: "#3f7f89" },
};
const KINDS = Object.keys(ZONE_COLOUR.dark) as ZoneKind[];

/** The data of the source `zones`. */
export function zoneShapes(zones: { kind: string; polygon: Point[] }[], frame: MapFrame): GeoJSON.FeatureCollection {
  return {
    type: "FeatureCollection",
    features: zones.map((zone) => ({
      type: "Feature",
      properties: { kind: zone.kind },
      geometry: { type: "Polygon", coordinates: [[...zone.polygon, zone.polygon[0]!].map(frame.toLngLat)] },
    })),
  };
}

/** Fills, hatches and outlines for the zones of a site. */
export function addZoneLayers(map: GlMap, site: Site, frame: MapFrame, theme: Theme): void {
  map.addSource("zones", { type: "geojson", data: zoneShapes(site.zones, frame) });
  for (const kind of KINDS) {
    const filter: ["==", ["get", string], string] = ["==", ["get", "kind"], kind];
    const colour = ZONE_COLOUR[theme][kind];
    const edge = { "line-color": colour, "line-width": 1.5, "line-opacity": 0.85, "line-dasharray": [3, 2] };
    if (kind === "watched") {
      // often the whole ground: a thin line round it is enough
      map.addLayer({ id: `zone-${kind}-edge`, type: "line", source: "zones", filter, paint: { ...edge, "line-width": 1, "line-opacity": 0.5 } });
      continue;
    }
    map.addImage(`hatch-${kind}`, hatch(colour), { pixelRatio: 2 });
    map.addLayer({ id: `zone-${kind}`, type: "fill", source: "zones", filter, paint: { "fill-color": colour, "fill-opacity": 0.1 } });
    map.addLayer({ id: `zone-${kind}-hatch`, type: "fill", source: "zones", filter, paint: { "fill-pattern": `hatch-${kind}`, "fill-opacity": 0.42 } });
    map.addLayer({ id: `zone-${kind}-edge`, type: "line", source: "zones", filter, paint: edge });
  }
}

/** A tile of diagonal lines that repeats without seams. */
function hatch(colour: string): ImageData {
  const size = 20;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const ctx = canvas.getContext("2d", ON_CPU)!;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2;
  for (const shift of [-size, 0, size]) {
    ctx.beginPath();
    ctx.moveTo(shift, size);
    ctx.lineTo(shift + size, 0);
    ctx.stroke();
  }
  return ctx.getImageData(0, 0, size, size);
}
