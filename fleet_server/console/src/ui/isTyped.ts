/** Whether a key goes into a field, or to what has the keyboard for itself: a dialog, tabs, the map. */
export function isTyped(event: KeyboardEvent): boolean {
  const on = event.target instanceof HTMLElement ? event.target : null;
  return on?.closest("input, textarea, select, dialog, [role=tablist], .maplibregl-canvas") != null || document.querySelector("dialog[open]") !== null;
}
