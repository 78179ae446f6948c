import { expect, it } from "vitest";

import { type CameraPlace, groundInPicture } from "./cameraProjection";

/** Half a metre above the ground at x 2, y 1, looking north along y. */
const camera: CameraPlace = { x: 2, y: 1, z: 0.5, rotation: [0, -1, 0, 1, 0, 0, 0, 0, 1], fx: 0.5, fy: 0.6, cx: 0.5, cy: 0.5 };

it("shows the ground ahead below the horizon, what is east of it to the right", () => {
  const [left, right] = groundInPicture(camera, [{ x: 1, y: 5 }, { x: 4, y: 5 }, { x: 2, y: 9 }]);
  expect(left).toEqual([0.5 - (0.5 * 1) / 4, 0.5 + (0.6 * 0.5) / 4]);
  expect(right).toEqual([0.5 + (0.5 * 2) / 4, 0.5 + (0.6 * 0.5) / 4]);
});

it("shows nothing of what lies behind, and of a zone that reaches behind what lies ahead", () => {
  expect(groundInPicture(camera, [{ x: 0, y: -5 }, { x: 4, y: -5 }, { x: 2, y: -1 }])).toEqual([]);
  const cut = groundInPicture(camera, [{ x: 0, y: -5 }, { x: 4, y: -5 }, { x: 4, y: 9 }, { x: 0, y: 9 }]);
  expect(cut).toHaveLength(4);
  for (const [, down] of cut) expect(down).toBeGreaterThan(0.5);
});
