import { expect, it } from "vitest";

import type { Checkpoint, Route } from "../api/types";
import { changeStop, type Draft, draftOf, emptyDraft, insertStop, isSameRoute, metresOf, middlesOf, missing, placeStop, removeStop, routeOf } from "./routeDraft";

const addStop = (draft: Draft, id: string) => insertStop(draft, draft.stops.length, id);
const drawn = (...ids: string[]) => ids.reduce(addStop, emptyDraft());
const order = (draft: ReturnType<typeof drawn>) => draft.stops.map((stop) => stop.checkpointId).join(" ");

it("puts clicked checkpoints in the order of the clicks", () => {
  expect(order(drawn("gate", "west", "gate"))).toBe("gate west gate");
});

it("takes two clicks on one checkpoint as one stop", () => {
  expect(order(drawn("gate", "gate", "west"))).toBe("gate west");
});

it("moves a stop up and down, no farther than the ends", () => {
  const draft = drawn("a", "b", "c");
  expect(order(placeStop(draft, 3, 1))).toBe("a c b");
  expect(order(placeStop(draft, 3, -7))).toBe("c a b");
  expect(order(placeStop(draft, 1, 9))).toBe("b c a");
  expect(placeStop(draft, 1, -1)).toBe(draft);
});

it("puts a stop between two, and none beside itself", () => {
  const draft = drawn("a", "b", "c");
  expect(order(insertStop(draft, 1, "d"))).toBe("a d b c");
  expect(order(insertStop(draft, 0, "d"))).toBe("d a b c");
  expect(insertStop(draft, 1, "a")).toBe(draft);
  expect(insertStop(draft, 1, "b")).toBe(draft);
});

it("is the same again where a heading that was given is taken back", () => {
  const draft = drawn("a", "b");
  const turned = changeStop(draft, 2, { theta: 0 });
  expect(routeOf(turned, "s").stops.map((stop) => stop.theta)).toEqual([undefined, 0]);
  expect(isSameRoute(draft, turned)).toBe(false);
  expect(isSameRoute(draft, changeStop(turned, 2, { theta: null }))).toBe(true);
});

it("finds the middle of a leg on the way as it is walked, also where a round comes by twice", () => {
  const [a, b, corner] = [{ x: 0, y: 0 }, { x: 10, y: 10 }, { x: 10, y: 0 }];
  expect(middlesOf([a, b])).toEqual([{ x: 5, y: 5 }]);
  expect(middlesOf([a, b, a], [{ x: -5, y: 0 }, a, corner, b, b, { x: 0, y: 10 }, a])).toEqual([corner, { x: 0, y: 10 }]);
  expect(middlesOf([a, { x: 4, y: 0 }, b], [a, corner, b])).toEqual([{ x: 2, y: 0 }, corner]); // no way leads there
  expect(middlesOf([])).toEqual([]);
});

it("removes one stop of two at the same checkpoint", () => {
  expect(order(removeStop(drawn("a", "b", "a"), 1))).toBe("b a");
});

it("gives a new stop a key that no removed one had", () => {
  const draft = addStop(removeStop(drawn("a", "b"), 2), "c");
  expect(draft.stops.map((stop) => stop.key)).toEqual([1, 3]);
});

it("comes back from the server as it was sent", () => {
  const route: Route = {
    routeId: "r1",
    version: "v1",
    siteId: "yard",
    name: { zh: "夜巡", en: "Night round" },
    onLinkLoss: { policy: "stand" },
    onBlocked: { policy: "home", tries: 4 },
    onLowBattery: { policy: "end" },
    stops: [
      { checkpointId: "a", actions: [{ type: "takePhoto" }, { type: "dwell", seconds: 5 }] },
      { checkpointId: "b", actions: [{ type: "lookAround" }], theta: -1.5708, onBlocked: { policy: "wait" } },
    ],
  };
  const { routeId, version, ...body } = route;
  expect(routeOf(draftOf(route), "yard")).toEqual(body);
  expect(draftOf(route)).toMatchObject({ routeId, version });
});

it("lets a name in one language serve for both", () => {
  const draft = { ...drawn("a"), name: { zh: " 夜巡 ", en: "" } };
  expect(routeOf(draft, "yard").name).toEqual({ zh: "夜巡", en: "夜巡" });
});

it("says what is missing", () => {
  expect(missing(emptyDraft())).toEqual(["name", "stops"]);
  expect(missing({ ...drawn("a"), name: { zh: "", en: "Round" } })).toEqual([]);
});

it("asks for no work that was switched off", () => {
  const draft = changeStop(changeStop(drawn("a"), 1, { photo: false }), 1, { dwell: 0 });
  expect(routeOf(draft, "yard").stops[0]!.actions).toEqual([]);
});

it("measures the way, passing over a checkpoint that is gone", () => {
  const at = (checkpointId: string, x: number, y: number): Checkpoint => ({ checkpointId, name: { zh: "", en: "" }, pose: { x, y, theta: 0 } });
  expect(metresOf(drawn("a", "lost", "b").stops, [at("a", 0, 0), at("b", 3, 4)])).toBe(5);
});
