import type { MapMouseEvent, MapTouchEvent } from "maplibre-gl";
import { Crosshair, Eye } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { useMay } from "../api/rights";
import type { Point, Site } from "../api/types";
import { named } from "../i18n";
import { Marker } from "../map/Marker";
import { useSiteMap } from "../map/SiteMap";
import { CallDialog } from "./CallDialog";
import { isOver, useCalls } from "./callQueries";

/** A finger that rests this long means the place, and not the map. */
const LONG_PRESS_MS = 600;

/** A place of the map is chosen by the right button, a long press, or the button and a click; then it is asked who goes. */
export function GoHere({ site }: { site: Site }) {
  const { t } = useTranslation();
  const { map, frame } = useSiteMap();
  const mayCommand = useMay()("command");
  const [choosing, choose] = useState(false);
  const [place, setPlace] = useState<Point | null>(null);
  useEffect(() => {
    if (!mayCommand) return;
    let resting: number | undefined;
    const pick = ({ lngLat }: { lngLat: { lng: number; lat: number } }) => {
      const { x, y } = frame.toMap([lngLat.lng, lngLat.lat]);
      setPlace({ x: Math.round(x * 100) / 100, y: Math.round(y * 100) / 100 });
      choose(false);
    };
    const lift = () => window.clearTimeout(resting);
    const press = (event: MapTouchEvent) => {
      lift();
      if (event.points.length === 1) resting = window.setTimeout(() => pick(event), LONG_PRESS_MS);
    };
    const click = (event: MapMouseEvent) => choosing && pick(event);
    map.on("contextmenu", pick);
    map.on("click", click);
    map.on("touchstart", press);
    for (const end of ["touchend", "touchmove", "touchcancel", "movestart"] as const) map.on(end, lift);
    map.getCanvas().style.cursor = choosing ? "crosshair" : "";
    return () => {
      lift();
      map.off("contextmenu", pick);
      map.off("click", click);
      map.off("touchstart", press);
      for (const end of ["touchend", "touchmove", "touchcancel", "movestart"] as const) map.off(end, lift);
    };
  }, [map, frame, mayCommand, choosing]);
  if (!mayCommand) return null;
  return (
    <>
      <div className="go-here">
        <button type="button" className={`button${choosing ? " button--primary" : ""}`} aria-pressed={choosing} title={t("calls.goHereHint")} onClick={() => choose(!choosing)} data-testid="go-here">
          <Crosshair size={15} aria-hidden="true" /> {t(choosing ? "calls.choosePlace" : "calls.goHere")}
        </button>
      </div>
      {place && (
        <Marker at={place} level={30}>
          <div className="call-pin is-wanted" aria-hidden="true"><Crosshair size={15} /></div>
        </Marker>
      )}
      {place && <CallDialog key={`${place.x} ${place.y}`} site={site} place={place} onClose={() => setPlace(null)} />}
    </>
  );
}

/** Where dogs are called to. */
export function CallPins({ site }: { site: Site }) {
  const calls = (useCalls().data ?? []).filter((made) => made.siteId === site.siteId && !isOver(made) && made.kind === "LOOK");
  return calls.map((made) => (
    <Marker key={made.callId} at={made.to} level={18}>
      <div className="call-pin" role="img" aria-label={named(made.name)} title={named(made.name)} data-testid="call-pin"><Eye size={14} /></div>
    </Marker>
  ));
}
