import { useSyncExternalStore } from "react";

/** As in styles/plan.css: below this the map stands above the list. */
const NARROW = window.matchMedia("(max-width: 820px)");

function subscribe(listener: () => void): () => void {
  NARROW.addEventListener("change", listener);
  return () => NARROW.removeEventListener("change", listener);
}

/** Whether the screen is a phone's. */
export const useNarrow = (): boolean => useSyncExternalStore(subscribe, () => NARROW.matches);
