import { expect, it } from "vitest";

import type { DogError } from "../api/types";
import { dogState, URGENCY } from "./dogState";

const warning: DogError = { errorType: "wayBlocked", errorLevel: "WARNING", errorDescription: "", errorReferences: [] };
const fatal: DogError = { ...warning, errorType: "fallen", errorLevel: "FATAL" };
const dog = (errors: DogError[] = [], emergencyStop: string | null = "NONE", live = true) => ({ errors, emergencyStop, live });

it("shows what needs a person before what does not, and nothing of a dog that is not live", () => {
  expect(dogState(dog(), false)).toBe("well");
  expect(dogState(dog([], null), false)).toBe("well");
  expect(dogState(dog([warning]), false)).toBe("warned");
  expect(dogState(dog([warning], "MANUAL"), false)).toBe("stopped");
  expect(dogState(dog([warning, fatal], "MANUAL"), false)).toBe("fault");
  expect(dogState(dog([fatal], "MANUAL", false), false)).toBe("gone");
  expect(dogState(dog([fatal]), true)).toBe("gone");
  expect(URGENCY.fault).toBe(Math.max(...Object.values(URGENCY)));
});
