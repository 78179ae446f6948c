import { expect, it } from "vitest";

import type { Site } from "../api/types";
import { landmarkOf } from "./nearestLandmark";

const spot = (en: string, x: number, y: number) => ({ name: { zh: en, en }, pose: { x, y, theta: 0 } });
const SITE = { checkpoints: [spot("gate", 0, 0), spot("lot", 10, 0)], docks: [spot("dock", 4, 3)] } as unknown as Site;

it("names what lies nearest, docks too, and how far it is", () => {
  expect(landmarkOf({ x: 4, y: 0 }, SITE)).toEqual({ name: { zh: "dock", en: "dock" }, metres: 3 });
  expect(landmarkOf({ x: 9, y: 0 }, SITE)?.name.en).toBe("lot");
});

it("knows nothing on a site without places", () => {
  expect(landmarkOf({ x: 0, y: 0 }, { checkpoints: [], docks: [] } as unknown as Site)).toBeNull();
});
