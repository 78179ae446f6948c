import { useSyncExternalStore } from "react";

export type Theme = "dark" | "light";

const KEY = "xiaotian.theme";
const listeners = new Set<() => void>();
const kept = (): Theme => (localStorage.getItem(KEY) === "light" ? "light" : "dark");
document.documentElement.dataset.theme = kept();

export function setTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  document.documentElement.dataset.theme = theme;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Dark unless the operator chose otherwise: a control room is, at night. */
export const useTheme = (): Theme => useSyncExternalStore(subscribe, kept);
