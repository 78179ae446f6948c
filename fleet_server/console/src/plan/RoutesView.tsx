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
import { DeletedRoutes } from "./DeletedRoutes";
import { type Draft, DRAFT_ID, draftOf, emptyDraft, insertStop, triedOf, wayOf } from "./routeDraft";
import { RouteDraftLayer } from "./RouteDraftLayer";
import { RouteEditor } from "./RouteEditor";
import { RouteRow } from "./RouteRow";
import type { LookedRoute } from "./RouteVersions";
import { useRouteDraft } from "./useRouteDraft";
import { useUndoKeys } from "./useUndoKeys";

/** The routes: drawn on the map, changed, and given to dogs. */
export function RoutesView({ site }: { site: Site }) {
  const { t } = useTranslation();
  const may = useMay();
  const routes = useRoutes();
  const stale = useLiveStatus().phase !== "live";
  const dogs = (useDogs().data ?? []).filter((dog) => dog.position?.mapId === site.map.mapId);
  const hand = useRouteDraft(site.siteId);
  const { draft, change } = hand;
  const [insertAt, insertHere] = useState<number | null>(null);
  const [chosen, choose] = useState<number | null>(null);
  const [looked, look] = useState<LookedRoute | null>(null);
  const [shownId, show] = useParam("route");
  const [assigning, assign] = useState<Route | null>(null);
  const [deleting, remove] = useState<Route | null>(null);

  const own = routes.data?.filter((route) => route.siteId === site.siteId);
  const shown = own?.find((route) => route.routeId === shownId);
  const stops = looked?.then.stops ?? draft?.stops ?? shown?.stops;
  const tried = useBacktest(site.siteId, backtestSpan("7d", site.timezone, useNow(60_000)), draft ? triedOf(draft, site.siteId) : shown ? {} : null);
  const walked = tried.current && !looked ? tried.data?.ways.find((each) => each.routeId === (draft ? (draft.routeId ?? DRAFT_ID) : shownId)) : undefined;
  const way = useMemo(() => walked?.corners ?? wayOf(stops ?? [], site.checkpoints), [walked, stops, site]);
  const numbers = useMemo(() => orderNumbers(stops ?? []), [stops]);
  const rest = () => (insertHere(null), choose(null), look(null));
  const open = (next: Draft) => (rest(), hand.open(next));
  const close = () => (rest(), hand.close());
  const pick = (checkpointId: string) => {
    if (!draft) return;
    const place = Math.min(insertAt ?? draft.stops.length, draft.stops.length);
    const next = insertStop(draft, place, checkpointId);
    change(next);
    if (insertAt !== null && next !== draft) insertHere(place + 1);
  };

  useUndoKeys({ hand, edits: draft !== null, other: (event) => event.key === "Escape" && (insertAt !== null || chosen !== null) && rest() });
  const hint = looked ? t("sitePlan.looking", { n: looked.number }) : !draft ? !shown && t("plan.pick") : insertAt !== null ? t("plan.insertHint", { n: insertAt + 1 }) : draft.stops.length === 0 && t("plan.noStops");

  return (
    <div className="plan">
      <aside className="panel panel--plan">
        {draft ? (
          <RouteEditor
            site={site}
            hand={hand}
            draft={draft}
            onPick={pick}
            insertAt={insertAt}
            onInsertHere={insertHere}
            chosen={chosen}
            onChoose={choose}
            looked={looked}
            onLook={look}
            onClose={close}
            onSaved={(route) => {
              close();
              show(route.routeId);
            }}
          />
        ) : (
          <>
            <header className="panel__head">
              <h2>{t("plan.routes")}</h2>
              {may("plan") && (
                <button type="button" className="button button--primary" onClick={() => open(emptyDraft())} data-testid="route-new">
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
                  way={route.routeId === shownId ? walked : undefined}
                  open={route.routeId === shownId}
                  onOpen={() => show(route.routeId === shownId ? null : route.routeId)}
                  onAssign={() => assign(route)}
                  onEdit={() => open(draftOf(route))}
                  onDelete={() => remove(route)}
                />
              ))}
              {may("plan") && <DeletedRoutes site={site} onTaken={(now) => show(now.routeId)} />}
            </div>
          </>
        )}
      </aside>
      <div className="plan__map">
        <SiteMap site={site} stale={stale}>
          <MapLine id="route-way" points={way} />
          <ZoneLabels site={site} />
          <Docks site={site} />
          <Checkpoints site={site} numbers={numbers} onPick={draft && !looked ? pick : undefined} />
          {draft && !looked && <RouteDraftLayer site={site} draft={draft} corners={walked?.corners} chosen={chosen} onInsertHere={insertHere} change={change} />}
          <DogMarkers dogs={dogs} stale={stale} selected={null} onSelect={() => undefined} />
        </SiteMap>
        {hint && <p className="map-hint" role="status">{hint}</p>}
      </div>
      {assigning && <AssignDialog route={assigning} way={assigning.routeId === shownId ? walked : undefined} onClose={() => assign(null)} />}
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
