import { expect, it } from "vitest";

import type { Site } from "../api/types";
import * as draw from "./siteDraft";

const SQUARE = [{ x: 0, y: 0 }, { x: 4, y: 0 }, { x: 4, y: 4 }, { x: 0, y: 4 }];
const NAME = { zh: "院", en: "Yard" };
const SITE = {
  siteId: "yard",
  version: 7,
  zones: [
    { zoneId: "lawn", kind: "no_go", name: NAME, polygon: SQUARE, hours: null, maxSpeed: null },
    { zoneId: "all", kind: "watched", name: NAME, polygon: SQUARE, hours: [{ start: "22:00", end: "06:00" }], maxSpeed: null, rules: { fire: { afterS: 2 } } },
  ],
  checkpoints: [{ checkpointId: "gate", name: NAME, pose: { x: 1, y: 2, theta: 0.5 } }],
  docks: [{ dockId: "dock", name: NAME, pose: { x: 3, y: 2, theta: 0 } }],
  sentences: [{ zh: "请离开。", en: "Please leave." }, { zh: null, en: "Hello." }],
} as unknown as Site;
const draft = draw.siteDraftOf(SITE);
const corners = (it: draw.SiteDraft, id = "lawn") => draw.zoneOf(it, id)!.polygon;

it("comes back from the server as it was sent, rules and hours too", () => {
  expect(draw.siteEditOf(draft)).toEqual({
    zones: [{ zoneId: "lawn", kind: "no_go", name: NAME, polygon: SQUARE }, { zoneId: "all", kind: "watched", name: NAME, polygon: SQUARE, hours: [{ start: "22:00", end: "06:00" }], rules: { fire: { afterS: 2 } } }],
    checkpoints: SITE.checkpoints,
    docks: SITE.docks,
    sentences: [{ zh: "请离开。", en: "Please leave." }, { en: "Hello." }],
  });
});

it("adds, changes, moves and removes sentences, and takes no more than the server does", () => {
  const said = (it: draw.SiteDraft) => draw.siteEditOf(it).sentences;
  const [first, second] = draft.sentences.map(({ id }) => id) as [string, string];
  const more = draw.changeSentence(draw.addSentence(draft, "new"), "new", { zh: " 您好 " });
  expect(said(more).at(-1)).toEqual({ zh: "您好" });
  expect(draw.moveSentence(more, "new", -1).sentences.map(({ id }) => id)).toEqual([first, "new", second]);
  expect(draw.moveSentence(more, first, 1).sentences.map(({ id }) => id)).toEqual([second, first, "new"]);
  expect(draw.moveSentence(more, first, -1)).toBe(more);
  expect(draw.moveSentence(more, "new", 1)).toBe(more);
  expect(said(draw.removeSentence(draft, first))).toEqual([{ en: "Hello." }]);
  const full = Array.from({ length: 30 }, (_, i) => `s${i}`).reduce(draw.addSentence, draft);
  expect(full.sentences).toHaveLength(draw.MOST_SENTENCES);
  expect(draw.isSame(draft, draw.moveSentence(draft, first, 1))).toBe(false);
});

it("finds the sentence that a problem's pointer names, from 1", () => {
  expect(draw.sentenceAt("/sentences/1/zh")).toBe(2);
  expect(draw.sentenceAt("/zones/1/polygon")).toBeNull();
});

it("closes a zone of the corners that were clicked, each once, with the speed that a slow one needs", () => {
  const clicked = [{ x: 0.004, y: 0 }, { x: 5, y: 0 }, { x: 5, y: 0.001 }, { x: 5, y: 5.006 }, { x: 0, y: 0 }];
  const zone = draw.zoneOf(draw.closeZone(draft, "new", "slow", clicked), "new")!;
  expect(zone.polygon).toEqual([{ x: 0, y: 0 }, { x: 5, y: 0 }, { x: 5, y: 5.01 }]);
  expect(zone.maxSpeed).toBe(draw.SLOW_M_S);
});

it("makes nothing of fewer than three corners", () => {
  expect(draw.closeZone(draft, "new", "slow", [{ x: 0, y: 0 }, { x: 1, y: 1 }, { x: 0, y: 0 }])).toBe(draft);
});

it("moves a corner to the centimetre and leaves the others", () => {
  expect(corners(draw.moveCorner(draft, "lawn", 2, { x: 4.12345, y: -3.999 }))).toEqual([SQUARE[0], SQUARE[1], { x: 4.12, y: -4 }, SQUARE[3]]);
  expect(draw.moveCorner(draft, "lawn", 9, { x: 1, y: 1 })).toBe(draft);
});

it("puts a corner half way on every edge, on the last too, and takes each away again", () => {
  SQUARE.forEach((_, i) => {
    const more = draw.insertCorner(draft, "lawn", i);
    expect(corners(more)).toHaveLength(5);
    expect(corners(more)[i + 1]).toEqual(draw.halfWay(SQUARE, i));
    expect(corners(draw.removeCorner(more, "lawn", i + 1))).toEqual(SQUARE);
  });
});

it("lets a triangle keep its corners", () => {
  const triangle = draw.removeCorner(draft, "lawn", 0);
  expect(corners(triangle)).toHaveLength(3);
  expect(draw.removeCorner(triangle, "lawn", 0)).toBe(triangle);
});

it("keeps the heading of what is moved, and the place of what is turned", () => {
  const moved = draw.movePlace(draft, "checkpoints", "gate", { x: 8, y: 9 });
  expect(draw.placeOf(moved, "checkpoints", "gate")!.pose).toEqual({ x: 8, y: 9, theta: 0.5 });
  const turned = draw.turnPlace(moved, "checkpoints", "gate", { x: 8, y: 4 });
  expect(draw.placeOf(turned, "checkpoints", "gate")!.pose).toEqual({ x: 8, y: 9, theta: -1.5708 });
  expect(draft.checkpoints[0]!.pose).toEqual({ x: 1, y: 2, theta: 0.5 });
});

it("keeps each whole degree through radians, within one turn", () => {
  for (let deg = -720; deg <= 720; deg++) {
    const again = draw.degOf(draw.radOf(deg));
    expect((((again - deg) % 360) + 360) % 360).toBe(0);
    expect(Math.abs(again)).toBeLessThanOrEqual(180);
  }
});

it("takes the speed away with the kind that has one", () => {
  const slow = draw.changeKind(draft, "lawn", "slow");
  expect(draw.zoneOf(slow, "lawn")!.maxSpeed).toBe(draw.SLOW_M_S);
  expect(draw.zoneOf(draw.changeKind(slow, "lawn", "privacy"), "lawn")!.maxSpeed).toBeNull();
});

it("finds what a problem's pointer names", () => {
  expect(draw.itemAt(draft, "/zones/1/polygon/3")).toEqual({ list: "zones", id: "all" });
  expect(draw.itemAt(draft, "/docks/0")).toEqual({ list: "docks", id: "dock" });
  for (const strange of ["", "/zones/9", "/name", "/zonesX/0"]) expect(draw.itemAt(draft, strange)).toBeNull();
});

it("adds and removes places, says who has no name, and lets a name in one language serve for both", () => {
  const more = draw.addPlace(draft, "docks", "new", { x: 1.004, y: 1 });
  expect(draw.nameless(more)).toEqual([{ list: "docks", id: "new" }]);
  expect(draw.siteEditOf(more).docks[1]!.name).toEqual({ zh: "new", en: "new" });
  const named = draw.changePlace(more, "docks", "new", { name: { zh: " 充电 ", en: "" } });
  expect(draw.nameless(named)).toEqual([]);
  expect(draw.siteEditOf(named).docks[1]).toEqual({ dockId: "new", name: { zh: "充电", en: "充电" }, pose: { x: 1, y: 1, theta: 0 } });
  expect(draw.isSame(draw.removeItem(named, { list: "docks", id: "new" }), draft)).toBe(true);
  expect(draw.isSame(named, draft)).toBe(false);
});

it("finds the smallest zone under a point, and none beside them", () => {
  const inner = draw.closeZone(draft, "inner", "slow", [{ x: 1, y: 1 }, { x: 3, y: 1 }, { x: 1, y: 3 }]);
  expect(draw.zoneUnder(inner, { x: 1.2, y: 1.2 })?.id).toBe("inner");
  expect(draw.zoneUnder(inner, { x: 2.8, y: 2.8 })?.id).toBe("lawn");
  expect(draw.zoneUnder(inner, { x: 5, y: 1 })).toBeUndefined();
});

it("gives a zone that becomes watched something to look out for, and takes that back with the kind", () => {
  const watched = draw.changeKind(draft, "lawn", "watched");
  expect(draw.siteEditOf(watched).zones[0]).toMatchObject({ kind: "watched", rules: { loitering: { afterS: 60 } } });
  expect(draw.siteEditOf(draw.changeKind(watched, "lawn", "no_go")).zones[0]).not.toHaveProperty("rules");
  expect(draw.closeZone(draft, "new", "watched", SQUARE).zones.at(-1)!.rules).not.toBeNull();
});
