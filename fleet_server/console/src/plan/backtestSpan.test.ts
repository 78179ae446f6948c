import { describe, expect, it } from "vitest";

import { awayIn, backtestSpan, midnightBefore } from "./backtestSpan";

const at = (iso: string) => Date.parse(iso);

describe("the span that a plan is tried on", () => {
  it("is yesterday by the site's clock, whatever the browser's", () => {
    expect(backtestSpan("yesterday", "Asia/Shanghai", at("2026-11-27T17:30:00Z"))).toEqual({ since: "2026-11-26T16:00:00.000Z", until: "2026-11-27T16:00:00.000Z" });
    expect(backtestSpan("yesterday", "America/Lima", at("2026-11-27T03:00:00Z"))).toEqual({ since: "2026-11-25T05:00:00.000Z", until: "2026-11-26T05:00:00.000Z" });
  });

  it("is 23 or 25 hours long where the clocks changed", () => {
    expect(backtestSpan("yesterday", "Europe/Berlin", at("2027-03-29T12:00:00Z"))).toEqual({ since: "2027-03-27T23:00:00.000Z", until: "2027-03-28T22:00:00.000Z" });
    expect(backtestSpan("yesterday", "Europe/Berlin", at("2026-10-26T12:00:00Z"))).toEqual({ since: "2026-10-24T22:00:00.000Z", until: "2026-10-25T23:00:00.000Z" });
  });

  it("begins at midnight at every hour of such a day, and has that name at every moment of ten minutes", () => {
    for (let hour = 0; hour < 25; hour++) {
      expect(midnightBefore(at("2026-10-24T22:00:00Z") + hour * 3_600_000 + 1234, "Europe/Berlin")).toBe(at("2026-10-24T22:00:00Z"));
      if (hour < 23) expect(midnightBefore(at("2027-03-27T23:00:00Z") + hour * 3_600_000 + 999, "Europe/Berlin")).toBe(at("2027-03-27T23:00:00Z"));
    }
    expect(backtestSpan("7d", "UTC", at("2026-11-27T12:01:00Z"))).toEqual(backtestSpan("7d", "UTC", at("2026-11-27T12:09:59Z")));
  });

  it("says by how long a round misses in words that one reads", () => {
    expect(awayIn(-20)).toEqual({ unit: "minutes", n: 1 });
    expect(awayIn(119 * 60)).toEqual({ unit: "minutes", n: 119 });
    expect(awayIn(-10 * 3600)).toEqual({ unit: "hours", n: 10 });
    expect(awayIn(3 * 86400)).toEqual({ unit: "days", n: 3 });
  });
});
