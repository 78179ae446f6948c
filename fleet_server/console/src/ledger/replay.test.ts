import { expect, test } from "vitest";

import { placeAt, wayUntil } from "./replay";

const WALKED = [
  { t: 2, x: 0, y: 0, charge: 90 },
  { t: 12, x: 10, y: 0, charge: 89 },
  { t: 22, x: 10, y: 5, charge: 88 },
];

test("between two points the dog is on the line, before and after all of them at the ends", () => {
  expect(placeAt(WALKED, 7)).toEqual({ x: 5, y: 0 });
  expect(placeAt(WALKED, 17)).toEqual({ x: 10, y: 2.5 });
  expect(placeAt(WALKED, 0)).toMatchObject({ x: 0, y: 0 });
  expect(placeAt(WALKED, 99)).toMatchObject({ x: 10, y: 5 });
  expect(placeAt([], 5)).toBeNull();
});

test("the way until then ends where the dog is", () => {
  expect(wayUntil(WALKED, 17)).toHaveLength(3);
  expect(wayUntil(WALKED, 17).at(-1)).toEqual({ x: 10, y: 2.5 });
  expect(wayUntil([], 17)).toEqual([]);
});
