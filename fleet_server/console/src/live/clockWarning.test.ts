import { expect, test } from "vitest";

import type { Dog } from "../api/types";
import { worldSkew, wrongClocks } from "./clockWarning";

const dogs = (...skews: (number | null)[]) => skews.map((clockSkewS, i) => ({ dogId: `dog${i + 1}`, live: true, clockSkewS }) as Dog);

test("a clock that is off is told at a real station, however many are", () => {
  expect([...wrongClocks(dogs(-8, -8.4, 0.3), false)]).toEqual(["dog1", "dog2"]);
});

test("a slow simulation is no wrong clock", () => {
  expect(wrongClocks(dogs(-8, -8.4, -7.2), true).size).toBe(0);
  expect(worldSkew(dogs(-8, -8.4, -7.2))).toBe(-8);
});

test("a clock that is wrong within a slow simulation is told", () => {
  expect([...wrongClocks(dogs(-8, 3600, -8.4), true)]).toEqual(["dog2"]);
  expect([...wrongClocks(dogs(-8, -8.2, 0), true)]).toEqual(["dog3"]);
});

test("a clock that is not measured yet is not judged", () => {
  expect(wrongClocks(dogs(null, -8, -8), true).size).toBe(0);
});
