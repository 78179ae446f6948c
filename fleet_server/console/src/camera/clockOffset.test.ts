import { expect, it } from "vitest";

import { ClockOffset } from "./clockOffset";

it("knows nothing before an answer, and then believes the quickest", () => {
  const clock = new ClockOffset();
  expect(clock.there(3)).toBeNull();
  clock.hear(1000.9, 0, 2); // the answer took long on its way back
  clock.hear(1002.05, 2, 2.1);
  clock.hear(1005, 3, 6);
  expect(clock.there(10)).toBeCloseTo(1010, 6);
});
