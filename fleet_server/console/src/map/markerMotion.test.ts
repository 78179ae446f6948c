import { expect, it } from "vitest";

import { arrived, glideTo, rest, sample, turn } from "./markerMotion";

const HERE = { x: 0, y: 0, theta: 0 };

it("is drawn half way at half time", () => {
  const glide = glideTo(rest(HERE, 0), { x: 1, y: 0, theta: 1 }, 200);
  expect(sample(glide, 300)).toEqual({ x: 0.5, y: 0, theta: 0.5 });
});

it("never runs ahead of what was reported", () => {
  const glide = glideTo(rest(HERE, 0), { x: 1, y: 0, theta: 0 }, 200);
  expect(sample(glide, 60_000)).toEqual({ x: 1, y: 0, theta: 0 });
  expect(arrived(glide, 400)).toBe(true);
});

it("goes on from where it is drawn when a report comes early", () => {
  const first = glideTo(rest(HERE, 0), { x: 1, y: 0, theta: 0 }, 200);
  const second = glideTo(first, { x: 2, y: 0, theta: 0 }, 300);
  expect(sample(second, 300).x).toBeCloseTo(0.5);
});

it("is put at once where it is when it was far away", () => {
  const glide = glideTo(rest(HERE, 0), { x: 30, y: 0, theta: 0 }, 200);
  expect(sample(glide, 200).x).toBe(30);
});

it("turns the shorter way round", () => {
  expect(turn(3, -3)).toBeCloseTo(2 * Math.PI - 6);
  expect(turn(-3, 3)).toBeCloseTo(6 - 2 * Math.PI);
});
