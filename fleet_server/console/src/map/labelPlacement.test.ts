import { describe, expect, it } from "vitest";

import { type Box, type Label, overlap, placeLabels } from "./labelPlacement";

const FRAME: Box = { left: 0, top: 0, right: 800, bottom: 600 };

/** Mulberry32: the same numbers each time. */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function crowd(seed: number, n: number): Label[] {
  const next = random(seed);
  return Array.from({ length: n }, (_, i) => ({
    id: `label${i}`, x: next() * 800, y: next() * 600, width: 20 + next() * 90, height: 14 + next() * 30, priority: Math.floor(next() * 4), clearance: next() < 0.3 ? 0 : 6 + next() * 8,
  }));
}

const boxOf = (label: Label, at: { dx: number; dy: number }): Box => ({
  left: label.x + at.dx - label.width / 2, right: label.x + at.dx + label.width / 2, top: label.y + at.dy - label.height / 2, bottom: label.y + at.dy + label.height / 2,
});

const signOf = ({ x, y, clearance: c }: Label): Box => ({ left: x - c, right: x + c, top: y - c, bottom: y + c });

describe("labels", () => {
  it("never lie on each other, on another's sign or over the map's edge, in any of a hundred crowds", () => {
    for (let seed = 1; seed <= 100; seed++) {
      const labels = crowd(seed, 60);
      const placed = placeLabels(labels, FRAME, new Map());
      const shown = labels.flatMap((label) => { const at = placed.get(label.id); return at ? [{ label, box: boxOf(label, at) }] : []; });
      expect(shown.length, `seed ${seed}`).toBeGreaterThan(15);
      const wrong = shown.flatMap(({ label, box }, i) => [
        ...(box.left >= 0 && box.top >= 0 && box.right <= 800 && box.bottom <= 600 ? [] : [`${label.id} over the edge`]),
        ...shown.slice(i + 1).filter((other) => overlap(box, other.box)).map((other) => `${label.id} on ${other.label.id}`),
        ...labels.filter((sign) => sign.id !== label.id && sign.clearance > 0 && overlap(box, signOf(sign))).map((sign) => `${label.id} on the sign of ${sign.id}`),
      ]);
      expect(wrong, `seed ${seed}`).toEqual([]);
    }
  });

  it("give way to those of a higher priority, and stay where they stood while that is free", () => {
    const label = (id: string, priority: number, x: number): Label => ({ id, x, y: 300, width: 60, height: 20, priority, clearance: 0 });
    const placed = placeLabels([label("zone", 3, 400), label("dog", 0, 400)], FRAME, new Map());
    expect(placed.get("dog")).toEqual({ dx: 0, dy: 0 });
    expect(placed.get("zone")?.dy).not.toBe(0);
    const kept = placeLabels([label("zone", 3, 400)], FRAME, placed);
    expect(kept.get("zone")).toEqual(placed.get("zone"));
  });

  it("lie on others' signs where they insist and there is no other place, and on words never", () => {
    const label = (id: string, x: number, y: number, insists = false): Label => ({ id, x, y, width: 50, height: 18, priority: insists ? 0 : 1, clearance: 13, insists });
    for (let seed = 1; seed <= 50; seed++) {
      const next = random(seed);
      const pack = Array.from({ length: 200 }, (_, i) => label(`dog${i}`, 300 + next() * 200, 200 + next() * 200, i < 6));
      const placed = placeLabels(pack, FRAME, new Map());
      const shown = pack.flatMap((one) => { const at = placed.get(one.id); return at ? [{ one, box: boxOf(one, at) }] : []; });
      expect(placed.get("dog0"), `seed ${seed}`).not.toBeNull();
      expect(shown.flatMap(({ box }, i) => shown.slice(i + 1).filter((other) => overlap(box, other.box))), `seed ${seed}`).toEqual([]);
      expect(shown.filter(({ one, box }) => !one.insists && pack.some((sign) => sign.id !== one.id && overlap(box, signOf(sign)))), `seed ${seed}`).toEqual([]);
    }
  });
});
