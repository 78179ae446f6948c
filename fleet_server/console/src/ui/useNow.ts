import { useSyncExternalStore } from "react";

import { onStationTime, stationNow } from "./stationTime";

/** One clock for all who look as often, so that a hundred cards are one piece of work for the page. */
export class Ticker {
  private now = stationNow();
  private timer = 0;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly every: number) {
    // Who looks once a minute would otherwise have the browser's date so long.
    onStationTime(this.tick);
  }

  readonly current = (): number => {
    if (this.listeners.size === 0 && Math.abs(stationNow() - this.now) >= this.every) this.now = stationNow();
    return this.now;
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    this.timer ||= window.setInterval(this.tick, this.every);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      window.clearInterval(this.timer);
      this.timer = 0;
    };
  };

  private readonly tick = (): void => {
    this.now = stationNow();
    for (const listener of this.listeners) listener();
  };
}

const tickers = new Map<number, Ticker>();

/** The station's clock, milliseconds, looked at every `every` milliseconds. */
export function useNow(every = 1000): number {
  const ticker = tickers.get(every) ?? new Ticker(every);
  tickers.set(every, ticker);
  return useSyncExternalStore(ticker.subscribe, ticker.current);
}
