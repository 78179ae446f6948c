import { useCallback, useEffect, useState } from "react";

import { useSession } from "../api/queries";
import { type Draft, isSameRoute } from "./routeDraft";
import { changed, historyOf, redone, undone, type UndoHistory } from "./undoHistory";
import { keepDraft, keptDraft } from "./unsavedDrafts";

interface Opened {
  saved: Draft;
  history: UndoHistory<Draft>;
}

/** A draft, or what becomes of the one there is; steps of one name in a row are undone as one. */
export type ChangeRoute = (next: Draft | ((old: Draft) => Draft), step?: string) => void;

/** The route that is being drawn at a site, with its undo; null: none is. */
export function useRouteDraft(siteId: string) {
  const key = `${useSession().data?.username ?? ""}/${siteId}/route`;
  const [opened, set] = useState<Opened | null>(() => keptDraft<Opened>(key) ?? null);
  const dirty = opened !== null && !isSameRoute(opened.history.present, opened.saved);
  useEffect(() => keepDraft(key, dirty ? opened : null), [key, dirty, opened]);
  const step = useCallback((move: (history: UndoHistory<Draft>) => UndoHistory<Draft>) => set((old) => old && { ...old, history: move(old.history) }), []);
  const change: ChangeRoute = useCallback((next, name) => step((old) => changed(old, typeof next === "function" ? next(old.present) : next, name)), [step]);
  return {
    draft: opened?.history.present ?? null,
    dirty,
    canUndo: (opened?.history.past.length ?? 0) > 0,
    canRedo: (opened?.history.future.length ?? 0) > 0,
    open: (draft: Draft) => set({ saved: draft, history: historyOf(draft) }),
    close: () => set(null),
    change,
    undo: () => step(undone),
    redo: () => step(redone),
  };
}

export type RouteInHand = ReturnType<typeof useRouteDraft>;
