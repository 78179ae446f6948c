import { expect, it } from "vitest";

import { signAt } from "./signAt";

const signs = [{ id: "a", x: 100, y: 100 }, { id: "b", x: 120, y: 100 }, { id: "c", x: 400, y: 300 }];

it("means the nearest sign within reach of the pointer, and none beyond", () => {
  expect(signAt(signs, { x: 109, y: 100 }, 22)?.id).toBe("a");
  expect(signAt(signs, { x: 111, y: 100 }, 22)?.id).toBe("b");
  expect(signAt(signs, { x: 400, y: 321 }, 22)?.id).toBe("c");
  expect(signAt(signs, { x: 400, y: 323 }, 22)).toBeNull();
  expect(signAt([], { x: 0, y: 0 }, 22)).toBeNull();
});
