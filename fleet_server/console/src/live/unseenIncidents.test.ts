import { expect, it } from "vitest";

import type { Incident } from "../api/types";
import { callingOf } from "./unseenIncidents";

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const incident = (incidentId: string, received: number, escalated?: number) => ({ incidentId, receivedAt: at(received), escalatedAt: escalated === undefined ? null : at(escalated) }) as Incident;

it("calls for what came while the link was broken, and not for what was known", () => {
  expect(callingOf([incident("b", 2), incident("a", 1)], [incident("a", 1)], null)).toEqual(["b"]);
});

it("calls again for what was escalated, once", () => {
  const escalated = incident("a", 1, 9);
  expect(callingOf([escalated], [incident("a", 1)], null)).toEqual(["a"]);
  expect(callingOf([escalated], [escalated], null)).toEqual([]);
});

it("goes on calling after a reload for what nobody looked at, and for what came meanwhile", () => {
  const open = [incident("came", 8), incident("looked at", 2), incident("not looked at", 1)];
  expect(callingOf(open, undefined, { ids: ["not looked at", "acknowledged since"], until: Date.parse(at(2)) })).toEqual(["came", "not looked at"]);
});

it("is silent about what was open before the page was", () => {
  expect(callingOf([incident("a", 1)], undefined, null)).toEqual([]);
});
