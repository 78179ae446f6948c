import { useEffect, useState } from "react";

import { stationNow } from "./stationTime";

/** The station's clock, milliseconds, looked at every `every` milliseconds. */
export function useNow(every = 1000): number {
  const [now, setNow] = useState(stationNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(stationNow()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
