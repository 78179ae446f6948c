import { expect, it } from "vitest";

import { meaningOf, stepFrom } from "./incidentKeys";

const key = (name: string, ctrlKey = false) => ({ key: name, ctrlKey, metaKey: false, altKey: false });

it("hears its keys only where nothing is typed", () => {
  expect(meaningOf(key("j"), false, false)).toBe("next");
  expect(meaningOf(key("j"), true, false)).toBeNull();
  expect(meaningOf(key("a", true), false, false)).toBeNull();
  expect(meaningOf(key("x"), false, false)).toBeNull();
});

it("leaves Enter to the button that has the focus", () => {
  expect(meaningOf(key("Enter"), false, true)).toBeNull();
  expect(meaningOf(key("Enter"), false, false)).toBe("acknowledge");
});

it("steps through the incidents and stops at the ends", () => {
  const all = ["a", "b", "c"].map((incidentId) => ({ incidentId }));
  expect(stepFrom(all, null, 1)?.incidentId).toBe("a");
  expect(stepFrom(all, "gone", -1)?.incidentId).toBe("a");
  expect(stepFrom(all, "a", 1)?.incidentId).toBe("b");
  expect(stepFrom(all, "c", 1)?.incidentId).toBe("c");
  expect(stepFrom(all, "a", -1)?.incidentId).toBe("a");
  expect(stepFrom([], null, 1)).toBeNull();
});
