/** Every step of a draft, so that each can be undone and done again. */
export interface UndoHistory<D> {
  past: readonly D[];
  present: D;
  future: readonly D[];
  /** Steps of one name that follow each other, as of one drag or one field that is typed in, are one. */
  step: string | null;
}

export const historyOf = <D>(present: D): UndoHistory<D> => ({ past: [], present, future: [], step: null });

/** The draft after a step; one that changes nothing is none. */
export function changed<D>(history: UndoHistory<D>, present: D, step: string | null = null): UndoHistory<D> {
  if (present === history.present) return history;
  const goesOn = step !== null && step === history.step;
  return { past: goesOn ? history.past : [...history.past, history.present], present, future: [], step };
}

export function undone<D>({ past, present, future, ...rest }: UndoHistory<D>): UndoHistory<D> {
  if (past.length === 0) return { past, present, future, ...rest };
  return { past: past.slice(0, -1), present: past.at(-1)!, future: [present, ...future], step: null };
}

export function redone<D>({ past, present, future, ...rest }: UndoHistory<D>): UndoHistory<D> {
  if (future.length === 0) return { past, present, future, ...rest };
  return { past: [...past, present], present: future[0]!, future: future.slice(1), step: null };
}
