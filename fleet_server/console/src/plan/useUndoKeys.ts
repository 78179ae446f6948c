import { useEffect } from "react";

interface Props {
  hand: { undo: () => void; redo: () => void };
  /** Something is edited; if not, all keys are left alone. */
  edits: boolean;
  /** Another key; it answers false where it has left it alone. */
  other: (event: KeyboardEvent) => void | false;
  /** What Ctrl+Z does, where that is more than undoing the last step. */
  undo?: () => void;
}

/** An editor's keys wherever the focus is: Ctrl+Z, or Cmd+Z, undoes; with Shift, or Ctrl+Y, it is done again. */
export function useUndoKeys({ hand, edits, other, undo = hand.undo }: Props): void {
  useEffect(() => {
    const handle = (event: KeyboardEvent) => {
      const key = event.ctrlKey || event.metaKey ? event.key.toLowerCase() : "";
      if (key === "y" || (key === "z" && event.shiftKey)) return hand.redo();
      return key === "z" ? undo() : other(event);
    };
    const press = (event: KeyboardEvent) => {
      if (!edits || document.querySelector("dialog[open]") || event.defaultPrevented) return;
      if (handle(event) !== false) event.preventDefault();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
}
