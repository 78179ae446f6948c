import "maplibre-gl/dist/maplibre-gl.css";

import { type GeoJSONSource, Map as GlMap, ScaleControl, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { Maximize, Minus, Plus } from "lucide-react";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Point, Site } from "../api/types";
import { Notice } from "../ui/Notice";
import { type Theme, useTheme } from "../ui/theme";
import { type LngLat, mapFrame, type MapFrame, metresPerPixel, pictureCorners } from "./geoReference";
import { groundOf } from "./ground";
import { LabelLayer } from "./labelLayer";
import { addZoneLayers } from "./zoneLayers";

setWorkerUrl(workerUrl);

interface MapHandle {
  map: GlMap;
  frame: MapFrame;
  labels: LabelLayer;
}

const MapContext = createContext<MapHandle | null>(null);

export function useSiteMap(): MapHandle {
  const handle = useContext(MapContext);
  if (!handle) throw new Error("useSiteMap stands inside SiteMap");
  return handle;
}

interface Props {
  site: Site;
  /** Where the map shall fly when this changes. */
  focus?: { point: Point; nonce: number } | null;
  /** What is not live is drawn without colour. */
  stale?: boolean;
  children?: ReactNode;
}

/** The site's ground and zones; children are markers and lines on it. */
export function SiteMap({ site, focus, stale = false, children }: Props) {
  const { t } = useTranslation();
  const theme = useTheme();
  const holder = useRef<HTMLDivElement>(null);
  const [handle, setHandle] = useState<MapHandle | null>(null);
  const [drawn, setDrawn] = useState(false);
  const [trouble, setTrouble] = useState<"webgl" | "picture" | null>(null);
  const frame = useMemo(() => mapFrame(site.origin), [site.origin]);
  const corners = useMemo(() => pictureCorners(site.map).map(frame.toLngLat) as Corners, [site.map, frame]);

  useEffect(() => {
    const map = openMap(holder.current!, site, corners, theme);
    if (!map) {
      setTrouble("webgl");
      return;
    }
    let gone = false;
    const labels = new LabelLayer(map);
    void map.once("load").then(async () => {
      if (gone) return;
      addZoneLayers(map, site, frame, theme);
      setHandle({ map, frame, labels });
      await idle(); // dogs first: to paint the ground takes a processor for seconds, and an old browser the page's own
      if (gone) return;
      try {
        const ground = await groundOf(site, theme);
        if (!gone) layGround(map, ground, corners);
      } catch {
        if (!gone) setTrouble("picture");
      }
      // Not "idle": where dogs move all the time, a slow computer is never that.
      const look = () => {
        if (gone || ["ground", "zones"].some((name) => map.getSource(name) && !map.isSourceLoaded(name))) return;
        map.off("render", look);
        setDrawn(true);
      };
      map.on("render", look);
      map.triggerRepaint();
    });
    const mark = () => holder.current?.parentElement?.toggleAttribute("data-near", metresPerPixel(map) < NEAR_M_PER_PX);
    map.on("zoom", mark);
    mark();
    const watch = new ResizeObserver(() => map.resize());
    watch.observe(holder.current!);
    return () => {
      gone = true;
      watch.disconnect();
      labels.stop();
      setHandle(null);
      setDrawn(false);
      map.remove();
    };
  }, [site, frame, corners, theme]);

  useEffect(() => {
    if (handle && focus) handle.map.flyTo({ center: frame.toLngLat(focus.point), zoom: Math.max(handle.map.getZoom(), 19.6), duration: 900 });
  }, [handle, focus, frame]);

  return (
    <section className={`site-map${stale ? " is-stale" : ""}`} aria-label={t("map.label")} data-testid="site-map" data-ready={drawn}>
      <div ref={holder} className="site-map__canvas" />
      {handle && <MapContext.Provider value={handle}>{children}</MapContext.Provider>}
      {handle && <Controls map={handle.map} corners={corners} />}
      {trouble === "webgl" && <Notice title={t("map.noWebgl")} hint={t("map.noWebglHint")} />}
      {trouble === "picture" && <p className="site-map__trouble" role="alert">{t("map.pictureFailed")}</p>}
    </section>
  );
}

/** Once the page has nothing better to do, or has had enough time for it; where a browser cannot tell, after that time. */
const idle = () => new Promise<void>((done) => ("requestIdleCallback" in window ? requestIdleCallback(() => done(), { timeout: MOST_BUSY_MS }) : setTimeout(done, MOST_BUSY_MS)));
const MOST_BUSY_MS = 1000;

type Corners = [LngLat, LngLat, LngLat, LngLat];
/** Beyond the site: --map-ground of styles/tokens.css. */
const GROUND: Record<Theme, string> = { dark: "#0b1016", light: "#e3e8ec" };
const MARGIN_PX = { top: 22, right: 22, bottom: 22, left: 22 };

function openMap(container: HTMLElement, site: Site, corners: Corners, theme: Theme): GlMap | null {
  try {
    const map = new GlMap({
      container,
      style: { version: 8, sources: {}, layers: [{ id: "night", type: "background", paint: { "background-color": GROUND[theme] } }] },
      bounds: boundsOf(corners),
      bearing: site.origin.headingDeg,
      fitBoundsOptions: { padding: MARGIN_PX, bearing: site.origin.headingDeg },
      attributionControl: false,
      maxZoom: 23,
      minZoom: 15,
      dragRotate: false,
      pitchWithRotate: false,
      fadeDuration: 0,
      renderWorldCopies: false,
    });
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.addControl(new ScaleControl({ maxWidth: 110 }), "bottom-left");
    return map;
  } catch {
    return null;
  }
}

/** Nearer than this there is room for all words; farther only the chief ones stand. */
const NEAR_M_PER_PX = 0.14;

function boundsOf(corners: Corners): [LngLat, LngLat] {
  const lng = corners.map((c) => c[0]);
  const lat = corners.map((c) => c[1]);
  return [
    [Math.min(...lng), Math.min(...lat)],
    [Math.max(...lng), Math.max(...lat)],
  ];
}

/** The canvas goes to the GPU as it is: the server's content policy lets the page fetch no blob. */
function layGround(map: GlMap, canvas: HTMLCanvasElement, corners: Corners): void {
  map.addSource("ground", { type: "canvas", canvas, animate: false, coordinates: corners });
  const first = map.getStyle().layers.find((layer) => layer.id !== "night")?.id;
  map.addLayer({ id: "ground", type: "raster", source: "ground", paint: { "raster-fade-duration": 0 } }, first);
}

function Controls({ map, corners }: { map: GlMap; corners: Corners }) {
  const { t } = useTranslation();
  const fit = () => map.fitBounds(boundsOf(corners), { padding: MARGIN_PX, bearing: map.getBearing(), duration: 500 });
  return (
    <div className="map-controls">
      <button type="button" onClick={() => map.zoomIn()} aria-label={t("map.zoomIn")} title={t("map.zoomIn")}>
        <Plus size={16} />
      </button>
      <button type="button" onClick={() => map.zoomOut()} aria-label={t("map.zoomOut")} title={t("map.zoomOut")}>
        <Minus size={16} />
      </button>
      <button type="button" onClick={fit} aria-label={t("map.fit")} title={t("map.fit")}>
        <Maximize size={15} />
      </button>
    </div>
  );
}

/** --accent of styles/tokens.css. */
const LINE: Record<Theme, string> = { dark: "#5ad1c2", light: "#0b746a" };

/** A line through `points`, in the order given. */
export function MapLine({ id, points, dashed = false }: { id: string; points: Point[]; dashed?: boolean }) {
  const { map, frame } = useSiteMap();
  const colour = LINE[useTheme()];
  useEffect(() => {
    map.addSource(id, { type: "geojson", data: lineOf([]) });
    map.addLayer({
      id,
      type: "line",
      source: id,
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": colour, "line-width": 2.5, "line-opacity": 0.85, ...(dashed ? { "line-dasharray": [0.2, 2] } : {}) },
    });
    return () => {
      if (!map.style) return;
      map.removeLayer(id);
      map.removeSource(id);
    };
  }, [map, id, colour, dashed]);
  useEffect(() => {
    map.getSource<GeoJSONSource>(id)?.setData(lineOf(points.map(frame.toLngLat)));
  }, [map, frame, id, points, colour, dashed]);
  return null;
}

const lineOf = (coordinates: LngLat[]): GeoJSON.Feature => ({
  type: "Feature",
  properties: {},
  geometry: { type: "LineString", coordinates },
});

