import { expect, test } from "vitest";

import type { Dog } from "../api/types";
import { stopState } from "./stopState";

const dog = (emergencyStop: string | null, stop?: boolean) =>
  ({ emergencyStop, stopRequest: stop === undefined ? null : { stop, since: "2026-01-01T00:00:00Z", by: "li" } }) as Dog;

test("only the dog itself confirms a stop", () => {
  expect(stopState(dog("NONE"), true)).toBe("none");
  expect(stopState(dog(null), true)).toBe("none");
  expect(stopState(dog("NONE", true), true)).toBe("asked");
  expect(stopState(dog("REMOTE"), true)).toBe("stopped");
  expect(stopState(dog("MANUAL"), true)).toBe("stopped");
});

test("a dog that is out of reach has not heard, whatever it said before", () => {
  expect(stopState(dog("NONE", true), false)).toBe("unheard");
  expect(stopState(dog("REMOTE", true), false)).toBe("unheard");
});

test("a release is open until the dog walks again", () => {
  expect(stopState(dog("REMOTE", false), true)).toBe("releasing");
  expect(stopState(dog("NONE", false), true)).toBe("none");
});
