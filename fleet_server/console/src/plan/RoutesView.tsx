import { Waypoints } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { useParam } from "../app/address";
import { useLiveStatus } from "../api/LiveProvider";
import { useDogs, useRoutes } from "../api/queries";
import { useMay } from "../api/rights";
import type { Route, Site } from "../api/types";
import { DogMarkers } from "../map/DogMarkers";
import { Checkpoints, Docks, ZoneLabels } from "../map/MapPlaces";
import { MapLine, SiteMap } from "../map/SiteMap";
import { RequestFailure } from "../ui/RequestFailure";
import { Notice, Waiting } from "../ui/Notice";
import { useNow } from "../ui/useNow";
import { AssignDialog } from "./AssignDialog";
import { useBacktest } from "./backtestQueries";
import { backtestSpan } from "./backtestSpan";
import { DeleteDialog } from "./DeleteDialog";
import { addStop, type Draft, DRAFT_ID, draftOf, emptyDraft, triedOf, wayOf } from "./routeDraft";
import { RouteEditor } from "./RouteEditor";
import { RouteRow } from "./RouteRow";

/** The routes: drawn on the map, changed, and given to dogs. */
export function RoutesView({ site }: { site: Site }) {
  const { t } = useTranslation();
  const may = useMay();
  const routes = useRoutes();
  const stale = useLiveStatus().phase !== "live";
  const dogs = (useDogs().data ?? []).filter((dog) => dog.position?.mapId === site.map.mapId);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [shownId, show] = useParam("route");
  const [assigning, assign] = useState<Route | null>(null);
  const [deleting, remove] = useState<Route | null>(null);

  const own = routes.data?.filter((route) => route.siteId === site.siteId);
  const shown = own?.find((route) => route.routeId === shownId);
  const stops = draft?.stops ?? shown?.stops;
  const tried = useBacktest(site.siteId, backtestSpan("7d", site.timezone, useNow(60_000)), draft ? triedOf(draft, site.siteId) : shown ? {} : null);
  const walked = tried.current ? tried.data?.ways.find((each) => each.routeId === (draft ? (draft.routeId ?? DRAFT_ID) : shownId)) : undefined;
  const way = useMemo(() => walked?.corners ?? wayOf(stops ?? [], site.checkpoints), [walked, stops, site]);
  const numbers = useMemo(() => orderNumbers(stops ?? []), [stops]);

  return (
    <div className="plan">
      <aside className="panel panel--plan">
        {draft ? (
          <RouteEditor
            site={site}
            draft={draft}
            onChange={setDraft}
            onClose={() => setDraft(null)}
            onSaved={(route) => {
              setDraft(null);
              show(route.routeId);
            }}
          />
        ) : (
          <>
            <header className="panel__head">
              <h2>{t("plan.routes")}</h2>
              {may("plan") && (
                <button type="button" className="button button--primary" onClick={() => setDraft(emptyDraft())} data-testid="route-new">
                  {t("plan.create")}
                </button>
              )}
            </header>
            <div className="panel__body">
              {routes.isPending && <Waiting label={t("common.loading")} />}
              {routes.isError && <RequestFailure error={routes.error} retry={() => void routes.refetch()} />}
              {own?.length === 0 && <Notice icon={<Waypoints size={22} />} title={t("plan.empty")} hint={t("plan.emptyHint")} />}
              {own?.map((route) => (
                <RouteRow
                  key={route.routeId}
                  route={route}
                  site={site}
                  open={route.routeId === shownId}
                  onOpen={() => show(route.routeId === shownId ? null : route.routeId)}
                  onAssign={() => assign(route)}
                  onEdit={() => setDraft(draftOf(route))}
                  onDelete={() => remove(route)}
                />
              ))}
            </div>
          </>
        )}
      </aside>
      <div className="plan__map">
        <SiteMap site={site} stale={stale}>
          <MapLine id="route-way" points={way} />
          <ZoneLabels site={site} />
          <Docks site={site} />
          <Checkpoints site={site} numbers={numbers} onPick={draft ? (id) => setDraft((old) => old && addStop(old, id)) : undefined} />
          <DogMarkers dogs={dogs} stale={stale} selected={null} onSelect={() => undefined} />
        </SiteMap>
        {(draft ? draft.stops.length === 0 : !shown) && <p className="map-hint">{draft ? t("plan.noStops") : t("plan.pick")}</p>}
      </div>
      {assigning && <AssignDialog route={assigning} onClose={() => assign(null)} />}
      {deleting && <DeleteDialog route={deleting} onClose={() => remove(null)} />}
    </div>
  );
}

/** Checkpoint to the places it has in the order of the round, from 1. */
function orderNumbers(stops: { checkpointId: string }[]): Map<string, number[]> {
  const numbers = new Map<string, number[]>();
  stops.forEach(({ checkpointId }, i) => numbers.set(checkpointId, [...(numbers.get(checkpointId) ?? []), i + 1]));
  return numbers;
}
