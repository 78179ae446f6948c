/** The station's clock, which may be another than this browser's: a simulated station has its own date. */
let ahead = 0;
const listeners = new Set<() => void>();

/** The station said `now` (ISO 8601) just now. */
export function hearStationTime(now: string): void {
  ahead = Date.parse(now) - Date.now();
  for (const listener of listeners) listener();
}

/** `listener` is called whenever the station has said its time, as long as the page is open. */
export const onStationTime = (listener: () => void): void => void listeners.add(listener);

/** The station's time, milliseconds since the epoch. */
export const stationNow = (): number => Date.now() + ahead;
