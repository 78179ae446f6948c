/** What is drawn and not saved, by who drew it and where: it stays while the page is open, also where another view is looked at. */
const unsaved = new Map<string, unknown>();
const ask = (event: BeforeUnloadEvent) => event.preventDefault();

export const keptDraft = <D>(key: string): D | undefined => unsaved.get(key) as D | undefined;

/** Null: it is saved, or given up. While anything is kept, the browser asks before it closes the page. */
export function keepDraft(key: string, drawn: unknown): void {
  if (drawn) unsaved.set(key, drawn);
  else unsaved.delete(key);
  if (unsaved.size > 0) window.addEventListener("beforeunload", ask);
  else window.removeEventListener("beforeunload", ask);
}
