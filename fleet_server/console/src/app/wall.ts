import { useEffect } from "react";

import { useParam } from "./address";

/** A wall of screens: nothing to press and larger to read; the address says so, so that it outlives a restart. Esc ends it. */
export function useWall(): [boolean, (on: boolean) => void] {
  const [value, set] = useParam("wall");
  const on = value !== null;
  const turn = (next: boolean) => {
    set(next ? "1" : null);
    if (next) void document.documentElement.requestFullscreen?.().catch(() => undefined);
    else if (document.fullscreenElement) void document.exitFullscreen();
  };
  useEffect(() => {
    if (!on) return;
    const stayLit = () => document.visibilityState === "visible" && void navigator.wakeLock?.request().catch(() => undefined);
    stayLit();
    document.addEventListener("visibilitychange", stayLit); // a hidden page loses it
    return () => document.removeEventListener("visibilitychange", stayLit);
  }, [on]);
  useEffect(() => {
    if (!on) return;
    const end = (event: KeyboardEvent) => event.key === "Escape" && turn(false);
    document.addEventListener("keydown", end);
    return () => document.removeEventListener("keydown", end);
  });
  return [on, turn];
}
