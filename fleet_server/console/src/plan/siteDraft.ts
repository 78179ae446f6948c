import type { Point, Pose, Site, SiteSentence, Text, Zone, ZoneKind } from "../api/types";
import { middle } from "../map/geoReference";

export type Hours = { start: string; end: string };

/** By the rule's name its limits by theirs, as the server has them; what is absent is not looked out for. */
export type Rules = Record<string, Record<string, number>>;

export interface DraftZone {
  id: string;
  kind: string;
  name: Text;
  /** Metres in the frame `map`; closed by itself: the last corner is not the first. */
  polygon: Point[];
  /** None: always. */
  hours: Hours[];
  /** Metres a second; of a slow zone alone. */
  maxSpeed: number | null;
  /** Of a watched zone: what dogs look out for, with its limits. */
  rules: Rules | null;
}

/** A checkpoint or a dock. */
export interface DraftPlace {
  id: string;
  name: Text;
  pose: Pose;
}

/** What is spoken through a dog there; a language that is left empty is not offered. */
export interface DraftSentence extends Text {
  /** Of this draft alone: by it a sentence is the same while it is moved. */
  id: string;
}

/** A site's zones, places and sentences while they are drawn. */
export interface SiteDraft {
  zones: DraftZone[];
  checkpoints: DraftPlace[];
  docks: DraftPlace[];
  sentences: DraftSentence[];
}

export type PlaceKind = "checkpoints" | "docks";
/** One thing of the draft. */
export type Item = { list: "zones" | PlaceKind; id: string };

export const DRAWN_KINDS: ZoneKind[] = ["restricted", "no_go", "slow", "privacy", "watched"];
/** What dogs can look out for in a watched zone, with the limits that a new rule begins with: those of protocol/rules.py. */
export const RULES: Rules = {
  loitering: { afterS: 60 },
  crowd: { people: 5, withinM: 4, afterS: 5 },
  vehicleParked: { afterS: 10 },
  bagLeft: { afterS: 10, aloneM: 4 },
  fire: { afterS: 2, smokeAfterS: 4 },
};
/** What a new watched zone begins with. */
const FIRST_RULE: Rules = { loitering: RULES.loitering! };
/** What a new slow zone begins with, m/s: a walk that startles nobody. */
export const SLOW_M_S = 0.5;
/** A polygon has no fewer corners. */
export const LEAST_CORNERS = 3;
/** As the server has it (protocol/speech.py). */
export const MOST_SENTENCES = 20;
/** What is finer is the hand's noise. */
const GRAIN_M = 0.01;

export interface SiteEdit {
  zones: { zoneId: string; kind: string; name: Text; polygon: Point[]; hours?: Hours[]; maxSpeed?: number; rules?: Rules }[];
  checkpoints: { checkpointId: string; name: Text; pose: Pose }[];
  docks: { dockId: string; name: Text; pose: Pose }[];
  sentences: SiteSentence[];
}

export function siteDraftOf(site: Site): SiteDraft {
  return {
    zones: site.zones.map(({ zoneId, kind, name, polygon, hours, maxSpeed, rules }: Zone) => ({ id: zoneId, kind, name, polygon, hours: hours ?? [], maxSpeed: maxSpeed ?? null, rules: (rules as Rules | undefined) ?? null })),
    checkpoints: site.checkpoints.map(({ checkpointId, name, pose }) => ({ id: checkpointId, name, pose })),
    docks: site.docks.map(({ dockId, name, pose }) => ({ id: dockId, name, pose })),
    sentences: (site.sentences ?? []).map(({ zh, en }, i) => ({ id: `saved ${i}`, zh: zh ?? "", en: en ?? "" })),
  };
}

/** As the server takes it; a name given in one language serves for both, and until one is given the id, so that the rest can be checked. */
export function siteEditOf(draft: SiteDraft): SiteEdit {
  return {
    zones: draft.zones.map(({ id, kind, name, polygon, hours, maxSpeed, rules }) => ({
      zoneId: id,
      kind,
      name: bothOf(name, id),
      polygon,
      ...(hours.length > 0 ? { hours } : {}),
      ...(kind === "slow" && maxSpeed !== null ? { maxSpeed } : {}),
      ...(kind === "watched" && rules !== null ? { rules } : {}),
    })),
    checkpoints: draft.checkpoints.map(({ id, name, pose }) => ({ checkpointId: id, name: bothOf(name, id), pose })),
    docks: draft.docks.map(({ id, name, pose }) => ({ dockId: id, name: bothOf(name, id), pose })),
    sentences: draft.sentences.map(({ zh, en }) => ({ ...(zh.trim() ? { zh: zh.trim() } : {}), ...(en.trim() ? { en: en.trim() } : {}) })),
  };
}

function bothOf(name: Text, id: string): Text {
  const zh = name.zh.trim() || name.en.trim() || id;
  return { zh, en: name.en.trim() || zh };
}

/** Whether saving the one would change what the other says. */
export const isSame = (one: SiteDraft, other: SiteDraft): boolean => JSON.stringify(siteEditOf(one)) === JSON.stringify(siteEditOf(other));

const round = (metres: number) => Math.round(metres / GRAIN_M) * GRAIN_M;
/** To the centimetre, with no more digits than that. */
export const grain = ({ x, y }: Point): Point => ({ x: Number(round(x).toFixed(2)), y: Number(round(y).toFixed(2)) });

export const zoneOf = (draft: SiteDraft, id: string) => draft.zones.find((zone) => zone.id === id);
export const placeOf = (draft: SiteDraft, list: PlaceKind, id: string) => draft[list].find((place) => place.id === id);

export function changeZone(draft: SiteDraft, id: string, change: Partial<Omit<DraftZone, "id">>): SiteDraft {
  return { ...draft, zones: draft.zones.map((zone) => (zone.id === id ? { ...zone, ...change } : zone)) };
}

export function changePlace(draft: SiteDraft, list: PlaceKind, id: string, change: Partial<Omit<DraftPlace, "id">>): SiteDraft {
  return { ...draft, [list]: draft[list].map((place) => (place.id === id ? { ...place, ...change } : place)) };
}

/** Another kind takes along what belongs to it, and leaves what does not. */
export function changeKind(draft: SiteDraft, id: string, kind: string): SiteDraft {
  const zone = zoneOf(draft, id);
  if (!zone) return draft;
  return changeZone(draft, id, { kind, maxSpeed: kind === "slow" ? (zone.maxSpeed ?? SLOW_M_S) : null, rules: kind === "watched" ? (zone.rules ?? FIRST_RULE) : null });
}

/** A new zone of the corners that were clicked; of too few corners nothing becomes. */
export function closeZone(draft: SiteDraft, id: string, kind: ZoneKind, corners: Point[]): SiteDraft {
  const polygon = corners.map(grain).filter((corner, i, all) => i === 0 || !isAt(corner, all[i - 1]!));
  if (polygon.length > 1 && isAt(polygon[0]!, polygon.at(-1)!)) polygon.pop();
  if (polygon.length < LEAST_CORNERS) return draft;
  const zone: DraftZone = { id, kind, name: { zh: "", en: "" }, polygon, hours: [], maxSpeed: kind === "slow" ? SLOW_M_S : null, rules: kind === "watched" ? FIRST_RULE : null };
  return { ...draft, zones: [...draft.zones, zone] };
}

const isAt = (a: Point, b: Point) => a.x === b.x && a.y === b.y;

export function moveCorner(draft: SiteDraft, id: string, corner: number, to: Point): SiteDraft {
  const zone = zoneOf(draft, id);
  if (!zone?.polygon[corner]) return draft;
  return changeZone(draft, id, { polygon: zone.polygon.map((each, i) => (i === corner ? grain(to) : each)) });
}

/** A corner between `corner` and the next, at `at` or half way; the next after the last is the first. */
export function insertCorner(draft: SiteDraft, id: string, corner: number, at?: Point): SiteDraft {
  const zone = zoneOf(draft, id);
  if (!zone?.polygon[corner]) return draft;
  const polygon = [...zone.polygon];
  polygon.splice(corner + 1, 0, grain(at ?? halfWay(polygon, corner)));
  return changeZone(draft, id, { polygon });
}

/** Half way from a corner to the next. */
export function halfWay(polygon: Point[], corner: number): Point {
  const [a, b] = [polygon[corner]!, polygon[(corner + 1) % polygon.length]!];
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

/** One corner fewer; a triangle stays one. */
export function removeCorner(draft: SiteDraft, id: string, corner: number): SiteDraft {
  const zone = zoneOf(draft, id);
  if (!zone || zone.polygon.length <= LEAST_CORNERS) return draft;
  return changeZone(draft, id, { polygon: zone.polygon.filter((_, i) => i !== corner) });
}

export function addPlace(draft: SiteDraft, list: PlaceKind, id: string, at: Point): SiteDraft {
  return { ...draft, [list]: [...draft[list], { id, name: { zh: "", en: "" }, pose: { ...grain(at), theta: 0 } }] };
}

export function movePlace(draft: SiteDraft, list: PlaceKind, id: string, to: Point): SiteDraft {
  const place = placeOf(draft, list, id);
  return place ? changePlace(draft, list, id, { pose: { ...grain(to), theta: place.pose.theta } }) : draft;
}

/** It looks towards `towards`, to the degree. */
export function turnPlace(draft: SiteDraft, list: PlaceKind, id: string, towards: Point): SiteDraft {
  const place = placeOf(draft, list, id);
  if (!place || isAt(place.pose, towards)) return draft;
  const theta = Math.atan2(towards.y - place.pose.y, towards.x - place.pose.x);
  return changePlace(draft, list, id, { pose: { ...place.pose, theta: radOf(degOf(theta)) } });
}

/** Degrees counter-clockwise from the map's x axis, whole, of radians. */
export const degOf = (theta: number): number => Math.round((theta * 180) / Math.PI);
/** Radians within a turn, -pi to pi, of degrees. */
export const radOf = (deg: number): number => Number((((((deg + 180) % 360) + 360) % 360 - 180) * (Math.PI / 180)).toFixed(4));

export function addSentence(draft: SiteDraft, id: string): SiteDraft {
  return draft.sentences.length < MOST_SENTENCES ? { ...draft, sentences: [...draft.sentences, { id, zh: "", en: "" }] } : draft;
}

export function changeSentence(draft: SiteDraft, id: string, change: Partial<Text>): SiteDraft {
  return { ...draft, sentences: draft.sentences.map((each) => (each.id === id ? { ...each, ...change } : each)) };
}

export function removeSentence(draft: SiteDraft, id: string): SiteDraft {
  return { ...draft, sentences: draft.sentences.filter((each) => each.id !== id) };
}

/** Before what stands above it, or after what stands below it. */
export function moveSentence(draft: SiteDraft, id: string, by: 1 | -1): SiteDraft {
  const from = draft.sentences.findIndex((each) => each.id === id);
  const sentences = [...draft.sentences];
  const [moved] = sentences.splice(from, 1);
  if (!moved || from + by < 0 || from + by > sentences.length) return draft;
  sentences.splice(from + by, 0, moved);
  return { ...draft, sentences };
}

/** Which sentence a JSON pointer of a problem names, from 1; null: none. */
export function sentenceAt(pointer: string): number | null {
  const [, index] = /^\/sentences\/(\d+)/.exec(pointer) ?? [];
  return index === undefined ? null : Number(index) + 1;
}

export function removeItem(draft: SiteDraft, { list, id }: Item): SiteDraft {
  return { ...draft, [list]: (draft[list] as { id: string }[]).filter((each) => each.id !== id) };
}

/** The zone under a point: of several the smallest, for one that is drawn within another could not be had otherwise. */
export function zoneUnder(draft: SiteDraft, point: Point): DraftZone | undefined {
  return draft.zones.filter(({ polygon }) => isInside(polygon, point)).sort((a, b) => areaOf(a.polygon) - areaOf(b.polygon))[0];
}

/** By how often a ray to the right crosses the edges. */
function isInside(polygon: Point[], { x, y }: Point): boolean {
  return polygon.reduce((inside, a, i) => {
    const b = polygon[(i + 1) % polygon.length]!;
    return a.y > y !== b.y > y && x < a.x + ((b.x - a.x) * (y - a.y)) / (b.y - a.y) ? !inside : inside;
  }, false);
}

function areaOf(polygon: Point[]): number {
  return Math.abs(polygon.reduce((sum, a, i) => sum + a.x * polygon[(i + 1) % polygon.length]!.y - polygon[(i + 1) % polygon.length]!.x * a.y, 0)) / 2;
}

/** The thing that a JSON pointer of a problem names, such as `/zones/2/polygon`; null: the site as a whole. */
export function itemAt(draft: SiteDraft, pointer: string): Item | null {
  const [, list, index] = /^\/(zones|checkpoints|docks)\/(\d+)/.exec(pointer) ?? [];
  if (!list) return null;
  const id = draft[list as Item["list"]][Number(index)]?.id;
  return id === undefined ? null : { list: list as Item["list"], id };
}

/** Where it is: a zone in the middle of its corners. */
export function whereIs(draft: SiteDraft, { list, id }: Item): Point | null {
  const zone = list === "zones" ? zoneOf(draft, id) : undefined;
  if (list === "zones") return zone ? middle(zone.polygon) : null;
  return placeOf(draft, list, id)?.pose ?? null;
}

/** What is missing before it can be saved: those without a name. */
export function nameless(draft: SiteDraft): Item[] {
  const without = (list: Item["list"]) => draft[list].filter(({ name }) => !name.zh.trim() && !name.en.trim()).map(({ id }) => ({ list, id }));
  return [...without("zones"), ...without("checkpoints"), ...without("docks")];
}
