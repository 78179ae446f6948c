import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { useParam } from "../app/address";
import { useLive, useLiveStatus } from "../api/LiveProvider";
import { useActivePatrols, useDogs, useOpenIncidents } from "../api/queries";
import type { Incident, Point, Site } from "../api/types";
import { CallPins, GoHere } from "../calls/GoHere";
import { RecallNotice } from "../calls/Recall";
import { CameraPanel } from "../camera/CameraPanel";
import { DogMarkers } from "../map/DogMarkers";
import { DogTrailLines } from "../map/DogTrailLines";
import { ObstaclePins } from "../map/ObstaclePins";
import { Checkpoints, Docks, IncidentPins, ZoneLabels } from "../map/MapPlaces";
import { PlaceEllipse } from "../map/PlaceEllipse";
import { MapLine, SiteMap } from "../map/SiteMap";
import { wayOf } from "../plan/routeDraft";
import { useStable } from "../ui/useStable";
import { DogPanel } from "./DogPanel";
import { IncidentPanel } from "./IncidentPanel";

/** More than anybody handles at once would only make the page slow; what is handled makes room for the next. */
const MOST_SHOWN = 100;

/** 心中有数: what is so, now. */
export function LiveView({ site }: { site: Site }) {
  const { t } = useTranslation();
  const { look, arrivals } = useLive();
  const stale = useLiveStatus().phase !== "live";
  const dogs = useDogs();
  const patrols = useActivePatrols().data ?? [];
  const known = useOpenIncidents().data;
  const open = useMemo(() => (known ?? []).filter((incident) => incident.siteId === site.siteId), [known, site]);
  const incidents = useMemo(() => open.slice(0, MOST_SHOWN), [open]);
  const [dogId, setDogId] = useParam("dog");
  const [incidentId, setIncidentId] = useParam("incident");
  const [watched, setWatched] = useState<{ dogId: string; viewId: string } | null>(null);
  const [focus, setFocus] = useState<{ point: Point; nonce: number } | null>(null);
  const [sheet, setSheet] = useState<"dogs" | "incidents">(incidentId ? "incidents" : "dogs");

  const flyTo = (point: Point) => setFocus((old) => ({ point, nonce: (old?.nonce ?? 0) + 1 }));
  const pickDog = (id: string) => {
    shownOnce.current = true;
    setDogId(id);
    const position = dogs.data?.find((dog) => dog.dogId === id)?.position;
    if (position) flyTo(position);
  };
  const chooseIncident = useStable((id: string | null) => {
    shownOnce.current = true;
    setIncidentId(id);
    if (id) look(id);
  });
  const pickIncident = useStable((incident: Incident) => {
    shownOnce.current = true;
    setIncidentId(incident.incidentId);
    setSheet("incidents");
    look(incident.incidentId);
    flyTo(incident.position);
  });

  const chosen = incidents.find((incident) => incident.incidentId === incidentId);
  const named = chosen?.position ?? dogs.data?.find((dog) => dog.dogId === dogId)?.position;
  const shownOnce = useRef(false);
  useEffect(() => {
    if (!named || shownOnce.current) return;
    shownOnce.current = true; // what the address names is shown once, when it is known
    flyTo(named);
  }, [named]);

  const running = patrols.filter((patrol) => patrol.endedAt === null);
  const shown = running.find((patrol) => patrol.dogId === dogId) ?? running[0];
  const progress = useMemo(() => new Map(shown?.checkpoints.map((c) => [c.checkpointId, c])), [shown]);
  const way = useMemo(() => wayOf(shown?.checkpoints ?? [], site.checkpoints), [shown, site]);
  const here = (dogs.data ?? []).filter((dog) => dog.position && dog.position.mapId === site.map.mapId);

  return (
    <div className="live" data-sheet={sheet}>
      <h1 className="for-ears">{t("view.live")}</h1>
      <div className="live__map">
        <SiteMap site={site} focus={focus} stale={stale}>
          <DogTrailLines mapId={site.map.mapId} chosen={dogId} />
          {shown && <MapLine id="patrol-way" points={way} dashed />}
          {chosen && <PlaceEllipse place={chosen.position} />}
          <ZoneLabels site={site} />
          <Docks site={site} />
          <Checkpoints site={site} progress={progress} />
          {!stale && <ObstaclePins dogs={here} />}
          <DogMarkers dogs={here} stale={stale} selected={dogId} onSelect={pickDog} />
          <CallPins site={site} />
          <GoHere site={site} />
          <IncidentPins incidents={incidents} selected={incidentId} arrivals={arrivals} onSelect={pickIncident} />
        </SiteMap>
        <RecallNotice site={site} />
        {watched && <CameraPanel key={watched.viewId} {...watched} site={site} dog={dogs.data?.find((dog) => dog.dogId === watched.dogId)} onClose={() => setWatched(null)} />}
      </div>
      <div className="sheet-tabs" role="group" aria-label={t("view.live")}>
        <button type="button" aria-pressed={sheet === "dogs"} onClick={() => setSheet("dogs")}>{t("dogs.title")}</button>
        <button type="button" aria-pressed={sheet === "incidents"} onClick={() => setSheet("incidents")} data-testid="sheet-incidents">
          {t("incidents.title")}
          {incidents.length > 0 && <span className="count count--alert">{open.length}</span>}
        </button>
      </div>
      <DogPanel site={site} dogs={dogs.data} patrols={patrols} stale={stale} selected={dogId} onSelect={pickDog} onWatch={(id, viewId) => setWatched({ dogId: id, viewId })} />
      <IncidentPanel site={site} incidents={incidents} more={open.length - incidents.length} selected={incidentId} onSelect={pickIncident} onChoose={chooseIncident} />
    </div>
  );
}
