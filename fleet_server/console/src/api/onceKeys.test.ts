import { expect, it } from "vitest";

import { answered, onceKey } from "./onceKeys";

it("keeps a key until there is an answer, one for each thing that is asked", () => {
  const first = onceKey("POST /patrols a");
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(onceKey("POST /patrols a")).toBe(first);
  expect(onceKey("POST /patrols b")).not.toBe(first);
  answered("POST /patrols a");
  expect(onceKey("POST /patrols a")).not.toBe(first);
});
