import { useCallback, useSyncExternalStore } from "react";

export const VIEWS = ["live", "ledger", "plan", "fleet"] as const;
export type View = (typeof VIEWS)[number];

/** What belongs to no view and is kept from one to the next. */
const KEPT = ["site"];
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("popstate", listener);
  };
}

const path = () => window.location.pathname.split("/").slice(1);
const params = () => new URLSearchParams(window.location.search);

function currentView(): View {
  return VIEWS.find((view) => view === path()[0]) ?? "live";
}

/** The view is the first part of the path, so that reload, back and a link that is sent to a colleague show the same. */
export function useView(): View {
  return useSyncExternalStore(subscribe, currentView);
}

/** The tab of a view is the second part of the path; the first of `tabs` where none of them is named. */
export function useTab<T extends string>(tabs: readonly T[]): T {
  return useSyncExternalStore(subscribe, () => tabs.find((tab) => tab === path()[1]) ?? tabs[0]!);
}

/** A choice that the address names, and how to change it without a new entry in the history. */
export function useParam(name: string): [string | null, (value: string | null) => void] {
  const value = useSyncExternalStore(subscribe, () => params().get(name));
  const set = useCallback((next: string | null) => setParam(name, next), [name]);
  return [value, set];
}

function setParam(name: string, value: string | null): void {
  const next = params();
  if (value === null) next.delete(name);
  else next.set(name, value);
  window.history.replaceState(null, "", address(window.location.pathname, next));
  tell();
}

/** Open a view, and in it a tab and choices. */
export function goTo(view: View, tab?: string, choices: Record<string, string> = {}): void {
  const next = new URLSearchParams(choices);
  for (const name of KEPT) {
    const value = params().get(name);
    if (value !== null) next.set(name, value);
  }
  const to = address(`/${view}${tab ? `/${tab}` : ""}`, next);
  if (to !== window.location.pathname + window.location.search) window.history.pushState(null, "", to);
  tell();
}

const LEFT = "xiaotian.left";

/** Before this page is left for a provider's, which always leads back to "/". */
export function keepAddress(): void {
  const kept = params();
  kept.delete("signIn"); // what was said of the last way there
  window.sessionStorage.setItem(LEFT, address(window.location.pathname, kept));
}

/** When it is back: what was asked for before, and what the way back has said. */
export function restoreAddress(): void {
  const left = window.sessionStorage.getItem(LEFT);
  if (left === null || window.location.pathname !== "/") return;
  window.sessionStorage.removeItem(LEFT);
  const to = new URL(left, window.location.origin);
  for (const [name, value] of params()) to.searchParams.set(name, value);
  window.history.replaceState(null, "", address(to.pathname, to.searchParams));
}

const address = (pathname: string, search: URLSearchParams) => pathname + (search.size > 0 ? `?${search}` : "");

function tell(): void {
  for (const listener of listeners) listener();
}
