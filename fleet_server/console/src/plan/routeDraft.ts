import type { Checkpoint, Point, Route, RouteBody, Text } from "../api/types";
import { lengthOf } from "../map/geoReference";

/** A stop being edited; `key` stays with it through reordering. */
export interface DraftStop {
  key: number;
  checkpointId: string;
  photo: boolean;
  /** Whether the dog looks if all is as it remembers. */
  compare: boolean;
  /** Whether it turns once about itself. */
  around: boolean;
  /** Seconds to stand and look; 0 is none. */
  dwell: number;
  /** Where the dog looks, radians counter-clockwise from the map's x axis; null: as its checkpoint has it. */
  theta: number | null;
  /** What the dog does where it cannot get there; null: as the route has it. */
  blocked: BlockedPolicy | null;
}

/** A route being drawn. `routeId` is null until the server has it. */
export interface Draft {
  routeId: string | null;
  /** Of what is changed; null until the server has it. */
  version: string | null;
  name: Text;
  stops: DraftStop[];
  /** What the dog does when the station is out of reach; the minutes are kept while another choice is looked at. */
  linkLoss: { policy: LinkLoss; minutes: number };
  /** What it does where a way stays blocked; the tries are kept while another choice is looked at. */
  blocked: { policy: BlockedPolicy; tries: number };
  lowBattery: LowBattery;
  nextKey: number;
}

export type BlockedPolicy = Route["onBlocked"]["policy"];
export type LowBattery = Route["onLowBattery"]["policy"];

export const BLOCKED: readonly BlockedPolicy[] = ["skip", "wait", "home"];
export const LOW_BATTERY: readonly LowBattery[] = ["resume", "end"];
export const TRIES = 2;
export const MOST_TRIES = 20;

export type LinkLoss = Route["onLinkLoss"]["policy"];

export const LINK_LOSS: readonly LinkLoss[] = ["carryOnThenHome", "carryOn", "home", "stand"];
export const LINK_LOSS_MINUTES = 30;
export const LINK_LOSS_MOST_MINUTES = 24 * 60;

type BodyStop = RouteBody["stops"][number];

export const DWELL_MAX_S = 600;

export const emptyDraft = (): Draft => ({ routeId: null, version: null, name: { zh: "", en: "" }, stops: [], linkLoss: { policy: "carryOnThenHome", minutes: LINK_LOSS_MINUTES }, blocked: { policy: "skip", tries: TRIES }, lowBattery: "resume", nextKey: 1 });

export function draftOf(route: Route): Draft {
  return {
    routeId: route.routeId,
    version: route.version,
    name: { ...route.name },
    stops: route.stops.map((stop, i) => ({
      key: i + 1,
      checkpointId: stop.checkpointId,
      photo: stop.actions.some((a) => a.type === "takePhoto"),
      compare: stop.actions.some((a) => a.type === "compareToReference"),
      around: stop.actions.some((a) => a.type === "lookAround"),
      dwell: stop.actions.find((a) => a.type === "dwell")?.seconds ?? 0,
      theta: stop.theta ?? null,
      blocked: stop.onBlocked?.policy ?? null,
    })),
    blocked: { policy: route.onBlocked.policy, tries: route.onBlocked.tries ?? TRIES },
    lowBattery: route.onLowBattery.policy,
    linkLoss: { policy: route.onLinkLoss.policy, minutes: route.onLinkLoss.minutes ?? LINK_LOSS_MINUTES },
    nextKey: route.stops.length + 1,
  };
}

/** Another stop before the one that has the place `at` now, from 0. The same checkpoint twice in a row is one stop. */
export function insertStop(draft: Draft, at: number, checkpointId: string): Draft {
  if (draft.stops[at - 1]?.checkpointId === checkpointId || draft.stops[at]?.checkpointId === checkpointId) return draft;
  const stop = { key: draft.nextKey, checkpointId, photo: true, compare: false, around: false, dwell: 0, theta: null, blocked: null };
  return { ...draft, stops: draft.stops.toSpliced(at, 0, stop), nextKey: draft.nextKey + 1 };
}

export function removeStop(draft: Draft, key: number): Draft {
  return { ...draft, stops: draft.stops.filter((stop) => stop.key !== key) };
}

/** The stop `key` at the place `at`, from 0, or as near to it as the list goes. */
export function placeStop(draft: Draft, key: number, at: number): Draft {
  const from = draft.stops.findIndex((stop) => stop.key === key);
  const to = Math.min(draft.stops.length - 1, Math.max(0, at));
  if (from < 0 || from === to) return draft;
  const stops = [...draft.stops];
  const [stop] = stops.splice(from, 1);
  stops.splice(to, 0, stop!);
  return { ...draft, stops };
}

export function changeStop(draft: Draft, key: number, change: Partial<Pick<DraftStop, "photo" | "compare" | "around" | "dwell" | "theta" | "blocked">>): Draft {
  return { ...draft, stops: draft.stops.map((stop) => (stop.key === key ? { ...stop, ...change } : stop)) };
}

/** What is missing before it can be saved, as keys of `plan.missing`. */
export function missing(draft: Draft): ("name" | "stops")[] {
  const gaps: ("name" | "stops")[] = [];
  if (!draft.name.zh.trim() && !draft.name.en.trim()) gaps.push("name");
  if (draft.stops.length < 1) gaps.push("stops");
  return gaps;
}

/** The route as the server takes it; a name given in one language serves for both. */
export function routeOf(draft: Draft, siteId: string): RouteBody {
  const zh = draft.name.zh.trim() || draft.name.en.trim();
  const en = draft.name.en.trim() || draft.name.zh.trim();
  const rules = { onLinkLoss: linkLossOf(draft), onBlocked: blockedOf(draft.blocked.policy, draft), onLowBattery: { policy: draft.lowBattery } };
  return { siteId, name: { zh, en }, stops: draft.stops.map((stop) => stopOf(stop, draft)), ...rules };
}

function blockedOf(policy: BlockedPolicy, { blocked: { tries } }: Draft): NonNullable<RouteBody["onBlocked"]> {
  return policy === "wait" ? { policy } : { policy, tries };
}

function linkLossOf({ linkLoss: { policy, minutes } }: Draft): RouteBody["onLinkLoss"] {
  return policy === "carryOnThenHome" ? { policy, minutes } : { policy };
}

function stopOf(stop: DraftStop, draft: Draft): BodyStop {
  const actions: BodyStop["actions"] = [];
  if (stop.photo) actions.push({ type: "takePhoto" });
  if (stop.compare) actions.push({ type: "compareToReference" });
  if (stop.around) actions.push({ type: "lookAround" });
  if (stop.dwell > 0) actions.push({ type: "dwell", seconds: stop.dwell });
  const theta = stop.theta === null ? {} : { theta: stop.theta };
  return { checkpointId: stop.checkpointId, actions, ...theta, ...(stop.blocked ? { onBlocked: blockedOf(stop.blocked, draft) } : {}) };
}

/** Whether saving the one would change what the other says. */
export const isSameRoute = (one: Draft, other: Draft): boolean => JSON.stringify(routeOf(one, "")) === JSON.stringify(routeOf(other, ""));

/** The id of what has none yet. */
export const DRAFT_ID = "draft";

/** The route as it can be tried before it has a name; null: there is nothing yet to be tried. */
export function triedOf(draft: Draft, siteId: string): { route: { routeId: string; stops: BodyStop[] } } | null {
  return draft.stops.length > 0 ? { route: { routeId: draft.routeId ?? DRAFT_ID, stops: routeOf(draft, siteId).stops } } : null;
}

/** The places of the stops, in order; a checkpoint that the site no longer has is left out. */
export function wayOf(stops: { checkpointId: string }[], checkpoints: Checkpoint[]): Point[] {
  const places = new Map(checkpoints.map((c) => [c.checkpointId, c.pose]));
  return stops.flatMap((stop) => places.get(stop.checkpointId) ?? []);
}

export function metresOf(stops: { checkpointId: string }[], checkpoints: Checkpoint[]): number {
  return lengthOf(wayOf(stops, checkpoints));
}

/** The middle of the way from each stop to the next: on `corners`, the way as it is walked, where that is known. */
export function middlesOf(places: Point[], corners: Point[] = []): Point[] {
  let from = corners.findIndex((corner) => isAt(corner, places[0]));
  return places.slice(1).map((place, i) => {
    const to = from < 0 ? -1 : corners.findIndex((corner, at) => at > from && isAt(corner, place));
    const leg = to < 0 ? [places[i]!, place] : corners.slice(from, to + 1);
    if (to >= 0) from = to;
    return alongOf(leg, lengthOf(leg) / 2);
  });
}

const isAt = (one: Point, other: Point | undefined) => other !== undefined && Math.hypot(one.x - other.x, one.y - other.y) < 1e-6;

/** Where one is that has walked `metres` along `way`. */
function alongOf(way: Point[], metres: number): Point {
  let left = metres;
  for (let i = 1; i < way.length; i++) {
    const [a, b] = [way[i - 1]!, way[i]!];
    const leg = Math.hypot(b.x - a.x, b.y - a.y);
    if (leg >= left && leg > 0) return { x: a.x + (left / leg) * (b.x - a.x), y: a.y + (left / leg) * (b.y - a.y) };
    left -= leg;
  }
  return way.at(-1)!;
}
