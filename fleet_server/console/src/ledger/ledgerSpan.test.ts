import { expect, test } from "vitest";

import { readSpan, reportQuery, spanName, spanOf } from "./ledgerSpan";

const SHIFT = { name: "night", day: "2026-11-26", since: "2026-11-26T12:00:00Z", until: "2026-11-27T00:00:00Z", running: false };

test("what the address names comes back as it was", () => {
  for (const name of ["24h", "7d", "30d", "night@2026-11-26"]) expect(spanName(readSpan(name))).toBe(name);
});

test("an address that names nothing shows the last day", () => {
  for (const name of [null, "", "9y", "night@", "@2026-11-26", "toString"]) expect(spanName(readSpan(name))).toBe("24h");
});

test("a span until now ends within five minutes, and a shift is as long as the station says", () => {
  const now = Date.parse("2026-11-27T03:04:05Z");
  expect(spanOf({ lately: "24h" }, [], now)).toEqual({ since: "2026-11-26T03:05:00.000Z", until: "2026-11-27T03:05:00.000Z" });
  expect(spanOf(readSpan("night@2026-11-26"), [SHIFT], now)).toEqual({ since: SHIFT.since, until: SHIFT.until });
  expect(spanOf(readSpan("night@2026-11-20"), [SHIFT], now)).toBeNull();
});

test("a report is asked for by its shift where there is one", () => {
  const span = { since: SHIFT.since, until: SHIFT.until };
  expect(reportQuery("yard", readSpan("night@2026-11-26"), span, "zh")).toBe("siteId=yard&language=zh&shift=night&day=2026-11-26");
  expect(reportQuery("yard", readSpan("24h"), span, "en")).toContain("since=2026-11-26T12%3A00%3A00Z");
});
