import { useSyncExternalStore } from "react";

export const VIEWS = ["live", "ledger", "plan"] as const;
export type View = (typeof VIEWS)[number];

const listeners = new Set<() => void>();

function current(): View {
  const first = window.location.pathname.split("/")[1];
  return VIEWS.find((view) => view === first) ?? "live";
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("popstate", listener);
  };
}

/** The view is the first part of the path, so that reload and back do what one expects. */
export function useView(): View {
  return useSyncExternalStore(subscribe, current);
}

export function goTo(view: View): void {
  if (current() !== view || window.location.pathname === "/") window.history.pushState(null, "", `/${view}`);
  for (const listener of listeners) listener();
}
