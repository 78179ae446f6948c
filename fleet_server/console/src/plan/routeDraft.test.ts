import { expect, it } from "vitest";

import type { Checkpoint, Route } from "../api/types";
import { addStop, changeStop, draftOf, emptyDraft, metresOf, missing, moveStop, removeStop, routeOf } from "./routeDraft";

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
  expect(order(moveStop(draft, 3, -1))).toBe("a c b");
  expect(order(moveStop(draft, 1, 1))).toBe("b a c");
  expect(moveStop(draft, 1, -1)).toBe(draft);
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
      { checkpointId: "b", actions: [], onBlocked: { policy: "wait" } },
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
