import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { useLiveStatus } from "../api/LiveProvider";
import { useMay } from "../api/rights";
import type { Point, Site, ZoneKind } from "../api/types";
import { ZoneLabels } from "../map/MapPlaces";
import { SiteMap } from "../map/SiteMap";
import { useNarrow } from "../ui/useNarrow";
import { EscalationRow } from "./EscalationRow";
import { EvidenceKeyRow } from "./EvidenceKeyRow";
import { addPlace, closeZone, type Item, LEAST_CORNERS, nameless, type PlaceKind, removeItem, type SiteDraft, siteDraftOf, whereIs, zoneUnder } from "./siteDraft";
import { DrawLayer, MapClicks, SiteDraftLayer } from "./SiteDraftLayer";
import { SiteDogs } from "./SiteDogs";
import { SiteList } from "./SiteList";
import { SiteMapRow } from "./SiteMapRow";
import { SiteProblems } from "./SiteProblems";
import { useSiteProblems } from "./siteQueries";
import { SiteSave } from "./SiteSave";
import { SiteSentences } from "./SiteSentences";
import { SiteVersions } from "./SiteVersions";
import { UndoButtons } from "./UndoButtons";
import { useSiteDraft } from "./useSiteDraft";
import { useUndoKeys } from "./useUndoKeys";

/** What the next click on the map does; null: it chooses. */
export type Pen = { zone: ZoneKind; corners: Point[] } | { place: PlaceKind } | null;

/** The site itself: its zones, checkpoints and docks, drawn on the map. */
export function SitePlan({ site }: { site: Site }) {
  const { t } = useTranslation();
  const may = useMay()("plan");
  const narrow = useNarrow();
  const stale = useLiveStatus().phase !== "live";
  const hand = useSiteDraft(site);
  const [chosen, choose] = useState<Item | null>(null);
  const [pen, take] = useState<Pen>(null);
  const [focus, fly] = useState<{ point: Point; nonce: number } | null>(null);
  const [looked, look] = useState<{ version: number; draft: SiteDraft; then: Site } | null>(null);
  const edits = may && !narrow && !looked;
  const draft = looked?.draft ?? hand.draft;
  const { problems, error, current } = useSiteProblems(site.siteId, may && hand.dirty ? hand.draft : null);
  const onMap = looked?.then ?? site;
  const ground = useMemo(() => ({ ...onMap, zones: [] }), [onMap.siteId, onMap.map, onMap.origin]); // the zones of the draft are drawn on it
  const shown = useMemo(() => ({ ...site, zones: draft.zones.map(({ id, kind, name, polygon, hours, maxSpeed }) => ({ zoneId: id, kind, name, polygon, hours, maxSpeed })) }), [site, draft.zones]);
  const jump = (item: Item | null, place: Point | null) => {
    if (item) choose(item);
    const point = place ?? (item && whereIs(hand.draft, item));
    if (point) fly({ point, nonce: Date.now() });
  };
  const drawn = pen && "zone" in pen ? pen : null;
  const close = () => {
    if (!drawn || drawn.corners.length < LEAST_CORNERS) return;
    const id = freshId("zone");
    hand.change((old) => closeZone(old, id, drawn.zone, drawn.corners));
    take(null);
    choose({ list: "zones", id });
  };
  const click = (at: Point) => {
    if (drawn) return take({ ...drawn, corners: [...drawn.corners, at] });
    if (pen && "place" in pen) {
      const id = freshId(pen.place === "docks" ? "dock" : "checkpoint");
      hand.change((old) => addPlace(old, pen.place, id, at));
      choose({ list: pen.place, id });
      return take(null);
    }
    const zone = zoneUnder(draft, at);
    choose(zone ? { list: "zones", id: zone.id } : null);
  };
  const remove = (item: Item) => (hand.change((old) => removeItem(old, item)), choose(null));
  const lift = () => (drawn && drawn.corners.length > 0 ? take({ ...drawn, corners: drawn.corners.slice(0, -1) }) : hand.undo());

  const press = (event: KeyboardEvent) => {
    const typed = event.target instanceof Element && event.target.closest("input, textarea, select, button");
    if (event.key === "Escape") return pen ? take(null) : choose(null);
    if (event.key === "Enter" && drawn && !typed) return close();
    if (event.key === "Backspace" && drawn && !typed) return lift();
    return false;
  };
  useUndoKeys({ hand, edits, other: press, undo: lift });

  return (
    <div className={`plan site-plan${pen ? " is-drawing" : ""}`} data-testid="site-plan" data-dirty={hand.dirty}>
      <aside className="panel panel--plan">
        <header className="panel__head">
          <h2>{t("sitePlan.title")}</h2>
          {edits && (
            <span>
              <UndoButtons hand={hand} of="site" />
            </span>
          )}
        </header>
        <div className="panel__body">
          <SiteMapRow site={onMap} edits={edits} dirty={hand.dirty} />
          {narrow && may && <p className="site-plan__note">{t("sitePlan.larger")}</p>}
          <SiteList site={site} draft={draft} chosen={chosen} onChoose={(item) => jump(item, null)} onLeave={() => choose(null)} pen={pen} onPen={take} change={edits ? hand.change : null} onRemove={remove} />
          <SiteSentences draft={draft} change={edits ? hand.change : null} />
          <EscalationRow site={site} />
          <EvidenceKeyRow site={site} />
          <SiteDogs site={site} />
          {may && !narrow && (
            <SiteVersions
              site={site}
              looked={looked?.version ?? null}
              onLook={(version, then) => (take(null), choose(null), look(then && { version, draft: siteDraftOf(then), then }))}
              dirty={hand.dirty}
              onTaken={(now) => (hand.open(now), look(null))}
            />
          )}
        </div>
        {edits && hand.dirty && <SiteProblems draft={hand.draft} problems={problems} error={error} checking={!current} onJump={jump} />}
        {edits && hand.dirty && <SiteSave site={site} hand={hand} held={nameless(hand.draft).length > 0 || (current && problems.length > 0)} onOpen={() => (choose(null), take(null))} />}
      </aside>
      <div className="plan__map">
        <SiteMap site={ground} stale={stale} focus={focus}>
          <ZoneLabels site={shown} />
          <SiteDraftLayer draft={draft} chosen={chosen} onChoose={choose} problems={edits && hand.dirty ? problems : []} change={edits ? hand.change : null} />
          {edits && drawn ? <DrawLayer corners={drawn.corners} onClick={click} onClose={close} /> : <MapClicks onClick={click} />}
        </SiteMap>
        {edits && pen && <p className="map-hint" role="status">{t(drawn ? "sitePlan.drawHint" : "sitePlan.placeHint")}</p>}
        {looked && <p className="map-hint" role="status">{t("sitePlan.looking", { n: looked.version })}</p>}
      </div>
    </div>
  );
}

/** An id that nothing had before, also nothing that was removed: what was told of that would be told of the new one. */
function freshId(kind: string): string {
  const digits = crypto.getRandomValues(new Uint8Array(4));
  return `${kind}_${Array.from(digits, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
