import { useEffect } from "react";

import { isTyped } from "../ui/isTyped";

/** What the keys of the live view do: incidents are handled without a mouse, the next one under the same hand. */
export const KEYS_OF_INCIDENTS = { next: ["j", "ArrowDown"], previous: ["k", "ArrowUp"], acknowledge: ["Enter", "a"], dispatch: ["s"], resolve: ["r"], falseAlarm: ["f"], show: ["m"], look: ["v"] } as const;
export type IncidentKey = keyof typeof KEYS_OF_INCIDENTS;

/** What a key stands for; null: nothing. Keys that are typed somewhere, or pressed on a button, are left alone. */
export function meaningOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">, typing: boolean, onButton: boolean): IncidentKey | null {
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return null;
  if (onButton && event.key === "Enter") return null;
  const named = (Object.keys(KEYS_OF_INCIDENTS) as IncidentKey[]).find((name) => (KEYS_OF_INCIDENTS[name] as readonly string[]).includes(event.key));
  return named ?? null;
}

export function useIncidentKeys(act: (key: IncidentKey) => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const on = event.target instanceof HTMLElement ? event.target : null;
      const key = meaningOf(event, isTyped(event), on?.closest("button, a, summary") != null);
      if (key === null) return;
      event.preventDefault();
      act(key);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  });
}

/** The one after (or before) `id`, the first where none is chosen; null where there is none. */
export function stepFrom<T extends { incidentId: string }>(incidents: T[], id: string | null, by: 1 | -1): T | null {
  const here = incidents.findIndex((incident) => incident.incidentId === id);
  if (here < 0) return incidents[0] ?? null;
  return incidents[Math.min(incidents.length - 1, Math.max(0, here + by))] ?? null;
}
