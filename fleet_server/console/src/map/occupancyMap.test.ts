import { expect, it } from "vitest";

import { BUILDING, classify, OPEN, OUTSIDE, THING, WALL } from "./occupancyMap";

const SIZE = 120;
const RESOLUTION = 0.25;

/** A map of 30 x 30 m, free inside a margin of unknown; boxes in cells: left, top, right, bottom, grey. */
function drawn(...boxes: [number, number, number, number, number][]): Uint8Array {
  const grey = new Uint8Array(SIZE * SIZE).fill(205);
  for (const [left, top, right, bottom, value] of [[4, 4, 115, 115, 254], ...boxes] as typeof boxes)
    for (let y = top; y <= bottom; y++) grey.fill(value, y * SIZE + left, y * SIZE + right + 1);
  return classify(grey, SIZE, SIZE, RESOLUTION);
}
const at = (classes: Uint8Array, x: number, y: number) => classes[y * SIZE + x];

it("tells the world beyond the site from open ground", () => {
  const classes = drawn();
  expect(at(classes, 1, 1)).toBe(OUTSIDE);
  expect(at(classes, 60, 60)).toBe(OPEN);
});

it("sees a building where walls enclose what was never seen", () => {
  const classes = drawn([20, 20, 60, 50, 0], [22, 22, 58, 48, 205]);
  expect(at(classes, 40, 35)).toBe(BUILDING);
});

it("tells a thin wall and a car from a building", () => {
  const classes = drawn([10, 100, 110, 101, 0], [20, 60, 27, 77, 0]);
  expect(at(classes, 60, 100)).toBe(WALL);
  expect(at(classes, 23, 68)).toBe(THING);
});

it("leaves a wall a wall where it meets a building", () => {
  const classes = drawn([20, 20, 60, 50, 0], [61, 35, 110, 36, 0]);
  expect(at(classes, 40, 35)).toBe(BUILDING);
  expect(at(classes, 95, 35)).toBe(WALL);
});
