import { describe, expect, it } from "vitest";

import { STILL, wishOfGamepad, wishOfKeys, wishOfStick } from "./driveWish";

const keys = (...codes: string[]) => wishOfKeys(new Set(codes), false);

describe("what a driver wants", () => {
  it("is nothing where nothing is held, and where opposite keys are", () => {
    expect(keys()).toEqual(STILL);
    expect(keys("KeyW", "ArrowDown", "KeyA", "KeyD")).toEqual(STILL);
    expect(wishOfStick(0.1, -0.1)).toEqual(STILL);
    expect(wishOfGamepad([0.05, Number.NaN, 0])).toEqual(STILL);
    expect(wishOfGamepad([])).toEqual(STILL);
  });

  it("is forward for W, up and a stick pushed away, to the left for Q, and a turn to the left for A", () => {
    expect(keys("KeyW")).toEqual({ vx: 0.6, vy: 0, omega: 0 });
    expect(keys("ArrowUp")).toEqual(keys("KeyW"));
    expect(wishOfStick(0, 1).vx).toBe(0.6);
    expect(wishOfGamepad([0, -1, 0]).vx).toBe(0.6);
    expect(keys("KeyQ").vy).toBeGreaterThan(0);
    expect(keys("KeyA").omega).toBeGreaterThan(0);
    expect(wishOfStick(-1, 0).omega).toBeGreaterThan(0);
  });

  it("is half as fast where it is to be gentle", () => {
    expect(wishOfKeys(new Set(["KeyW"]), true).vx).toBe(0.3);
  });

  it("never leaves what the wire allows, whatever is pushed", () => {
    for (let n = 0; n < 500; n++) {
      const push = () => (Math.random() - 0.5) * 10;
      for (const wish of [wishOfGamepad([push(), push(), push()]), wishOfStick(push(), push())]) {
        expect(Math.hypot(wish.vx, wish.vy)).toBeLessThanOrEqual(0.8);
        expect(Math.abs(wish.omega)).toBeLessThanOrEqual(1);
      }
    }
  });
});
