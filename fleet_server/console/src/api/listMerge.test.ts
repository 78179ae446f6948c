import { expect, it } from "vitest";

import { backOff } from "./liveSocket";
import { laidOver, newestFirst, upsert } from "./listMerge";

const id = (item: { id: string }) => item.id;

it("replaces what is known and adds what is new", () => {
  const merged = upsert([{ id: "a", n: 1 }, { id: "b", n: 1 }], [{ id: "b", n: 2 }, { id: "c", n: 1 }], id);
  expect(merged).toEqual([{ id: "a", n: 1 }, { id: "b", n: 2 }, { id: "c", n: 1 }]);
});

it("keeps the very object of what did not change", () => {
  const known = [{ id: "a" }];
  expect(upsert(known, [{ id: "b" }], id)[0]).toBe(known[0]);
});

it("lays parts over what is known, and leaves the rest the very same", () => {
  const known = [{ id: "a", x: 1, n: 1 }, { id: "b", x: 1, n: 1 }];
  const merged = laidOver(known, [{ id: "b", x: 2 }, { id: "c", x: 2 }], id);
  expect(merged).toEqual([known[0], { id: "b", x: 2, n: 1 }]);
  expect(merged[0]).toBe(known[0]);
});

it("starts from nothing", () => {
  expect(upsert(undefined, [{ id: "a" }], id)).toEqual([{ id: "a" }]);
});

it("puts the newest first whatever the offset says", () => {
  const at = (t: string) => ({ t });
  const sorted = newestFirst([at("2026-01-01T08:30:00+08:00"), at("2026-01-01T00:45:00Z")], (i) => i.t);
  expect(sorted[0]!.t).toBe("2026-01-01T00:45:00Z");
});

it("waits longer after each failure, and never longer than it should", () => {
  expect([0, 1, 2].map((n) => backOff(n, 0))).toEqual([500, 1000, 2000]);
  expect(backOff(40, 1)).toBeLessThanOrEqual(13_334);
});
