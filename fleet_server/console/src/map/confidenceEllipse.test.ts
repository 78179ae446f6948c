import { expect, it } from "vitest";

import { confidenceEllipse, DEVIATIONS_95, ringOf } from "./confidenceEllipse";

const place = (xx: number, xy: number, yy: number) => ({ x: 3, y: -2, deviation: null, covariance: { xx, xy, yy } });

/** The same numbers in every run: mulberry32. */
function chance(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

it("is none where the dog said no covariance", () => {
  expect(confidenceEllipse({ x: 1, y: 2, deviation: 0.5, covariance: null })).toBeNull();
});

it("lies along the axes of the map where these are its own, and turns with what they have in common", () => {
  expect(confidenceEllipse(place(4, 0, 1))).toEqual({ long: 2 * DEVIATIONS_95, short: DEVIATIONS_95, turn: 0 });
  expect(confidenceEllipse(place(1, 0, 4))!.turn).toBeCloseTo(Math.PI / 2);
  expect(confidenceEllipse(place(1, 0.5, 1))!.turn).toBeCloseTo(Math.PI / 4);
  expect(confidenceEllipse(place(1, -0.5, 1))!.turn).toBeCloseTo(-Math.PI / 4);
});

it("is a line where the place is sure one way, rounded or not, and a point where it is sure both ways", () => {
  expect(confidenceEllipse(place(1, 1.0000001, 1))!.short).toBe(0);
  expect(confidenceEllipse(place(0, 0, 0))).toEqual({ long: 0, short: 0, turn: 0 });
});

it("has every corner at one distance in deviations, and 95 of 100 places that are drawn by the covariance within it", () => {
  const random = chance(7);
  let within = 0;
  for (let trial = 0; trial < 400; trial++) {
    const [a, b, c] = [0.05 + 3 * random(), 4 * random() - 2, 0.05 + 3 * random()]; // its lower triangular root: a 0 / b c
    const covariance = { xx: a * a, xy: a * b, yy: b * b + c * c };
    const distance = (x: number, y: number) => Math.hypot(x / a, (y - (b * x) / a) / c);
    const seen = { x: 10 * random(), y: 10 * random(), deviation: null, covariance };
    const ring = ringOf(seen, confidenceEllipse(seen)!);
    expect(ring.at(-1)).toEqual(ring[0]);
    for (const corner of ring) expect(distance(corner.x - seen.x, corner.y - seen.y)).toBeCloseTo(DEVIATIONS_95, 6);
    for (let drawn = 0; drawn < 50; drawn++) {
      const [far, angle] = [Math.sqrt(-2 * Math.log(1 - random())), 2 * Math.PI * random()];
      const [u, v] = [far * Math.cos(angle), far * Math.sin(angle)];
      if (distance(a * u, b * u + c * v) <= DEVIATIONS_95) within++;
    }
  }
  expect(within / 20_000).toBeCloseTo(0.95, 2);
});
