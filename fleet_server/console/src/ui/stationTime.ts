/** The station's clock, which may be another than this browser's: a simulated station has its own date. */
let ahead = 0;

/** The station said `now` (ISO 8601) just now. */
export function hearStationTime(now: string): void {
  ahead = Date.parse(now) - Date.now();
}

/** The station's time, milliseconds since the epoch. */
export const stationNow = (): number => Date.now() + ahead;
