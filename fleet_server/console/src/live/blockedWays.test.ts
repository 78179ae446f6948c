import { expect, it } from "vitest";

import type { Dog, DogError } from "../api/types";
import { blockedOf, waysBlocked } from "./blockedWays";

const error = (about: Record<string, string>, errorType = "wayBlocked"): DogError => ({
  errorType,
  errorLevel: "WARNING",
  errorDescription: null,
  errorHint: null,
  errorReferences: Object.entries(about).map(([referenceKey, referenceValue]) => ({ referenceKey, referenceValue })),
});
const SEEN = { nodeId: "gate", tries: "2", x: "12.40", y: "1.40", length: "1.80", width: "0.60" };

it("reads what stands in the way and where", () => {
  expect(blockedOf(error(SEEN))).toEqual({ nodeId: "gate", tries: 2, seen: { x: 12.4, y: 1.4, length: 1.8, width: 0.6 } });
});

it("makes nothing up where the dog saw nothing, or another make tells less", () => {
  expect(blockedOf(error({ nodeId: "gate", x: "1.0" }))).toEqual({ nodeId: "gate", tries: 0, seen: null });
  expect(blockedOf({ ...error({}), errorReferences: [] })).toEqual({ nodeId: "", tries: 0, seen: null });
  expect(blockedOf(error(SEEN, "fallen"))).toBeNull();
});

it("puts on the map what live dogs see in their way", () => {
  const dog = (dogId: string, live: boolean, errors: DogError[]) => ({ dogId, live, errors }) as unknown as Dog;
  const all = waysBlocked([dog("a", true, [error(SEEN)]), dog("b", false, [error(SEEN)]), dog("c", true, [error({})])]);
  expect(all.map((one) => one.dogId)).toEqual(["a"]);
});
