import { VolumeX } from "lucide-react";
import { useEffect, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";

import { useLive } from "../api/LiveProvider";
import { useOpenIncidents } from "../api/queries";
import { askForSound, chime, onSound, soundBlocked } from "./alarmSound";
import { keepUnseen, lastCall } from "./unseenIncidents";

/** So often it sounds again while an open incident has not been looked at, milliseconds. */
const AGAIN_MS = 30_000;

/** What reaches somebody who does not look at the list: the count in the title, and the sound again and again. It says where the browser keeps that back. */
export function IncidentAlarm() {
  const { t } = useTranslation();
  const { arrivals } = useLive();
  const open = useOpenIncidents().data;
  const waiting = open?.some(({ incidentId }) => arrivals.has(incidentId)) ?? false;
  useTitleCount(open?.length ?? 0);
  useEffect(() => {
    if (!open) return;
    keepUnseen({ ids: open.map(({ incidentId }) => incidentId).filter((id) => arrivals.has(id)), until: open.reduce((last, incident) => Math.max(last, lastCall(incident)), 0) });
  }, [open, arrivals]);
  useEffect(() => {
    if (!waiting) return;
    const timer = window.setInterval(chime, AGAIN_MS);
    return () => window.clearInterval(timer);
  }, [waiting]);
  useEffect(() => {
    askForSound();
    for (const gesture of GESTURES) document.addEventListener(gesture, askForSound);
    return () => GESTURES.forEach((gesture) => document.removeEventListener(gesture, askForSound));
  }, []);
  if (!useSyncExternalStore(onSound, soundBlocked)) return null;
  return (
    <p className="sound-blocked" role="alert" data-testid="sound-blocked">
      <VolumeX size={17} aria-hidden="true" /> {t("frame.soundBlocked")}
    </p>
  );
}

const GESTURES = ["pointerup", "keydown"] as const;

function useTitleCount(open: number): void {
  useEffect(() => {
    const bare = document.title.replace(/^\(\d+\) /, "");
    document.title = open > 0 ? `(${open}) ${bare}` : bare;
    return () => void (document.title = bare);
  }, [open]);
}
