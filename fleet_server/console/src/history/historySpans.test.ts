import { describe, expect, it } from "vitest";

import type { DogHistory, HistorySample } from "../api/types";
import { gapsOf, historyQuery, LOOKS, type Look, readLook, spansOf, summaryOf } from "./historySpans";

const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
const NOW = 1_780_000_000; // a multiple of no span

function sample(at: number, more: Partial<HistorySample> = {}): HistorySample {
  return { at: iso(at), live: 1, battery: 80, batteryLeast: 79, x: null, y: null, mapId: null, walkedM: 10, speedMost: 0.5, errors: [], ...more };
}

function history(since: number, until: number, spanS: number, samples: HistorySample[]): DogHistory {
  return { dogId: "dog1", since: iso(since), until: iso(until), spanS, samples };
}

/** As the server does: telemetry_history.api.span_for. */
const spanFor = (seconds: number, points: number, step: number) => step * Math.max(1, Math.ceil(Math.floor(seconds) / (step * Math.max(points - 1, 1))));

describe("what is asked for", () => {
  it("comes in the spans that are meant, whenever it is asked", () => {
    for (const look of Object.keys(LOOKS) as Look[])
      for (let now = NOW; now < NOW + 2 * LOOKS[look].spanS; now += 7) {
        const asked = new URLSearchParams(historyQuery(look, now * 1000));
        const since = Date.parse(asked.get("since")!) / 1000;
        expect(since % LOOKS[look].spanS).toBe(0);
        expect(now - since).toBeGreaterThanOrEqual(LOOKS[look].hours * 3600);
        expect(spanFor(now - since, Number(asked.get("points")), look === "month" ? 900 : 60)).toBe(LOOKS[look].spanS);
      }
  });

  it("is a day where the address says nothing that is known", () => {
    expect([readLook(null), readLook("month"), readLook("toString")]).toEqual(["day", "month", "day"]);
  });
});

describe("spans", () => {
  it("are gaps where there is no sample, and the minute that is not kept yet is none", () => {
    const begin = Math.floor(NOW / 60) * 60;
    const found = spansOf(history(begin - 600, begin + 10, 60, [sample(begin - 600), sample(begin - 300)]));
    expect(found.map(({ at }) => begin - at)).toEqual([600, 540, 480, 420, 360, 300, 240, 180, 120]);
    expect(gapsOf(found, 60)).toEqual([[begin - 540, begin - 300], [begin - 240, begin - 60]]);
  });

  it("hold the last sample however early it came", () => {
    const begin = Math.floor(NOW / 60) * 60;
    expect(spansOf(history(begin - 60, begin + 1, 60, [sample(begin - 60)])).map(({ sample }) => sample !== null)).toEqual([true]);
  });

  it("are told in a few figures", () => {
    const begin = Math.floor(NOW / 60) * 60;
    const samples = [sample(begin, { battery: 90 }), sample(begin + 60, { battery: null, batteryLeast: null, live: 0.5 }), sample(begin + 240, { battery: 70, batteryLeast: 66 })];
    const spans = spansOf(history(begin, begin + 300, 60, samples));
    expect(summaryOf(spans, 60)).toEqual({ battery: { first: 90, last: 70, least: 66 }, walkedM: 30, live: 0.5, gaps: 1, gapsS: 120 });
    expect(summaryOf(spansOf(history(begin, begin + 300, 60, [])), 60)).toBeNull();
  });
});
