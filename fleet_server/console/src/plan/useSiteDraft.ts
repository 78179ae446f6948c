import { useEffect, useState } from "react";

import { useSession } from "../api/queries";
import type { Site } from "../api/types";
import { isSame, type SiteDraft, siteDraftOf } from "./siteDraft";
import { changed, historyOf, redone, undone, type UndoHistory } from "./undoHistory";
import { keepDraft, keptDraft } from "./unsavedDrafts";

interface Kept {
  /** Of the site that was opened; what is saved replaces no other. */
  version: string;
  saved: SiteDraft;
  history: UndoHistory<SiteDraft>;
}

function opened(site: Site): Kept {
  const saved = siteDraftOf(site);
  return { version: String(site.version), saved, history: historyOf(saved) };
}

/** The draft of a site with its undo; where nothing is drawn it is the site as it is saved. */
export function useSiteDraft(site: Site) {
  const key = `${useSession().data?.username ?? ""}/${site.siteId}`;
  const [kept, set] = useState(() => keptDraft<Kept>(key) ?? opened(site));
  const { history, saved, version } = kept;
  const draft = history.present;
  const dirty = !isSame(draft, saved);
  useEffect(() => keepDraft(key, dirty ? kept : null), [key, dirty, kept]);
  useEffect(() => {
    if (!dirty && site.version > Number(version)) set(opened(site));
  }, [dirty, site, version]);
  const step = (move: (history: UndoHistory<SiteDraft>) => UndoHistory<SiteDraft>) => set((old) => ({ ...old, history: move(old.history) }));
  return {
    draft,
    version,
    dirty,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    /** Steps of one `name` in a row are undone as one. */
    change: (turn: (draft: SiteDraft) => SiteDraft, name?: string) => step((old) => changed(old, turn(old.present), name)),
    undo: () => step(undone),
    redo: () => step(redone),
    open: (site: Site) => set(opened(site)),
    /** Back to what is saved; a step as any other, so it can be undone. */
    discard: () => set((old) => ({ ...old, history: changed(old.history, old.saved) })),
    /** What another has saved, or what was drawn here on top of it. */
    replace: (next: SiteDraft, onVersion: string) => set((old) => ({ ...old, version: onVersion, history: changed(old.history, next) })),
  };
}

export type DraftInHand = ReturnType<typeof useSiteDraft>;
