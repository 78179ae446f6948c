import { useCallback, useRef } from "react";

/** The same function as long as the component lives, which does what `latest` does: for children that are memoized. */
export function useStable<Args extends unknown[], Out>(latest: (...args: Args) => Out): (...args: Args) => Out {
  const kept = useRef(latest);
  kept.current = latest;
  return useCallback((...args: Args) => kept.current(...args), []);
}
