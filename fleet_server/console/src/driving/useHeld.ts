import { useEffect, useRef } from "react";

import { DRIVE_KEYS, isStill, STILL, type Wish, wishOfGamepad, wishOfKeys } from "./driveWish";

const WRITING = "input, textarea, select, [contenteditable], dialog";

/** Keys and gamepads, as long as this stands. What takes the page from the driver's eyes lets all go. */
export function useHeld(hold: (wish: Wish) => void): void {
  const latest = useRef(hold);
  latest.current = hold;
  useEffect(() => {
    const held = new Set<string>();
    let padMoved = false;
    let frame = 0;
    const press = (event: KeyboardEvent) => {
      const writing = event.target instanceof Element && event.target.closest(WRITING);
      if (!(event.code in DRIVE_KEYS) || writing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopImmediatePropagation(); // the arrows choose incidents otherwise
      held.add(event.code);
      latest.current(wishOfKeys(held, event.shiftKey));
    };
    const release = (event: KeyboardEvent) => {
      if (event.key === "Shift") return latest.current(wishOfKeys(held, false));
      if (held.delete(event.code)) latest.current(wishOfKeys(held, event.shiftKey));
    };
    const letGo = () => {
      held.clear();
      padMoved = false;
      latest.current(STILL);
    };
    const look = () => {
      const pad = navigator.getGamepads?.().find((each) => each?.connected);
      const wish = pad ? wishOfGamepad(pad.axes) : STILL;
      if (document.hasFocus() && (!isStill(wish) || padMoved)) {
        padMoved = !isStill(wish);
        latest.current(wish);
      }
      frame = requestAnimationFrame(look);
    };
    const hide = () => document.hidden && letGo();
    window.addEventListener("keydown", press, true);
    window.addEventListener("keyup", release, true);
    window.addEventListener("blur", letGo);
    window.addEventListener("pagehide", letGo);
    document.addEventListener("visibilitychange", hide);
    frame = requestAnimationFrame(look);
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener("keydown", press, true);
      window.removeEventListener("keyup", release, true);
      window.removeEventListener("blur", letGo);
      window.removeEventListener("pagehide", letGo);
      document.removeEventListener("visibilitychange", hide);
      letGo();
    };
  }, []);
}
