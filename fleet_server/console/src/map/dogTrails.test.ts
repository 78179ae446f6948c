import { describe, expect, it } from "vitest";

import type { Dog, Point } from "../api/types";
import { DogTrails, FEW, SEEN_MS } from "./dogTrails";

const NOW = 1_780_000_000_000;
const asItIs = ({ x, y }: Point): [number, number] => [x, y];
const at = (dogId: string, x: number, y = 0, mapId = "yard") => ({ dogId, position: { x, y, theta: 0, mapId } }) as Pick<Dog, "dogId" | "position">;
const lines = (trails: DogTrails, chosen: string | null = null, now = NOW) => trails.shapes("yard", chosen, now, asItIs).features;
const points = (trails: DogTrails, chosen: string | null = null, now = NOW) => lines(trails, chosen, now).flatMap(({ geometry }) => geometry.coordinates.flat());

describe("a trail", () => {
  it("is a line through where the dog was, with what is nearer than half a metre left out", () => {
    const trails = new DogTrails();
    for (const x of [0, 0.2, 0.4, 0.6, 0.8, 1.2, 2]) trails.take(at("dog1", x), NOW);
    expect(lines(trails).map(({ geometry }) => geometry.coordinates)).toEqual([[[[0, 0], [0.6, 0], [1.2, 0], [2, 0]]]]);
  });

  it("has a gap where nobody knows which way the dog came, and begins anew on another map", () => {
    const trails = new DogTrails();
    for (const x of [0, 1, 30, 31]) trails.take(at("dog1", x), NOW);
    expect(lines(trails)[0]!.geometry.coordinates).toEqual([[[0, 0], [1, 0]], [[30, 0], [31, 0]]]);
    trails.take(at("dog1", 32, 0, "cellar"), NOW);
    expect(lines(trails)).toEqual([]);
  });

  it("grows fainter with its age and is gone after ten minutes", () => {
    const trails = new DogTrails();
    for (let n = 0; n <= 10; n++) trails.take(at("dog1", n), NOW + (n / 10) * SEEN_MS);
    const ages = lines(trails, null, NOW + SEEN_MS).map(({ properties }) => properties!.age as number);
    expect(ages).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
    const [newest, oldest] = [lines(trails, null, NOW + SEEN_MS)[0]!, lines(trails, null, NOW + SEEN_MS)[4]!];
    expect([newest.geometry.coordinates[0]!.at(-1), oldest.geometry.coordinates[0]![0]]).toEqual([[10, 0], [0, 0]]);
    expect(lines(trails, null, NOW + 2 * SEEN_MS)).toEqual([]);
  });

  it("is drawn of the chosen dog alone where there are many", () => {
    const trails = new DogTrails();
    for (let dog = 0; dog < FEW; dog++) for (let n = 0; n < 30; n++) trails.take(at(`dog${dog}`, n), NOW);
    expect(points(trails, "dog7")).toHaveLength(30 * FEW);
    for (let n = 0; n < 30; n++) trails.take(at("one more", n), NOW);
    expect(lines(trails)).toEqual([]);
    expect(points(trails, "dog7")).toHaveLength(30);
  });

  it("is bounded however far a dog walks", () => {
    const trails = new DogTrails();
    for (let n = 0; n < 5000; n++) trails.take(at("dog1", n), NOW);
    expect(points(trails, "dog1").length).toBeLessThan(1000);
    expect(points(trails, "dog1").at(-1)).toEqual([4999, 0]);
  });

  it("outlives the page's reload", () => {
    const [before, after] = [new DogTrails(), new DogTrails()];
    for (const [n, x] of [0, 1, 30, 31].entries()) before.take(at("dog1", x), NOW - SEEN_MS / 2 + n);
    after.restore(before.kept(NOW));
    after.take(at("dog1", 32), NOW);
    expect(points(after, "dog1")).toEqual([[31, 0], [32, 0], [0, 0], [1, 0], [30, 0], [31, 0]]);
    expect(before.kept(NOW + SEEN_MS)).toBe('[["dog1","yard",[]]]');
  });
});
