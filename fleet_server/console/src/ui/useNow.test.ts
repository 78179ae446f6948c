import { afterEach, expect, test, vi } from "vitest";

import { hearStationTime, stationNow } from "./stationTime";
import { Ticker } from "./useNow";

afterEach(() => vi.unstubAllGlobals());

test("who looks once a minute has the station's time as soon as the station says it", () => {
  vi.stubGlobal("window", globalThis);
  const heard = vi.fn();
  const ticker = new Ticker(60_000);
  const end = ticker.subscribe(heard);
  const station = Date.now() + 3 * 86_400_000;
  hearStationTime(new Date(station).toISOString());
  expect(heard).toHaveBeenCalledOnce();
  expect(Math.abs(ticker.current() - stationNow())).toBeLessThan(60_000);
  end();
});
