import { Eye, VideoOff, X } from "lucide-react";
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";

import type { Dog, Site } from "../api/types";
import { CameraFeed, type Feed } from "./cameraFeed";
import { CameraOverlay } from "./CameraOverlay";

/** From this age on a picture is not what is so now, and must not look like it. */
const OLD_S = 1;
const LOOK_EVERY_MS = 200;

/** What is drawn over the picture, remembered: `boxes` and `zones`. */
const KEY = "xiaotian.camera-over";

interface Props {
  site: Site;
  dogId: string;
  dog: Dog | undefined;
  viewId: string;
  onClose: () => void;
}

/** A dog's camera over the map: what it shows, how old that is, and who else watches. Closing it ends the view. */
export function CameraPanel({ site, dogId, dog, viewId, onClose }: Props) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const camera = useMemo(() => new CameraFeed(viewId, (...picture) => paint(canvas.current, ...picture)), [viewId]);
  useEffect(() => {
    camera.open();
    return () => camera.close();
  }, [camera]);
  const feed = useSyncExternalStore(camera.subscribe, camera.current);
  const age = useAge(camera);
  const old = feed.state !== "playing" || (age ?? 0) > OLD_S;
  const watching = ["waiting", "playing", "withheld"].includes(feed.state);
  const word = wordOf(feed, age, t);
  const [over, setOver] = useState<string[]>(() => (localStorage.getItem(KEY) ?? "boxes").split(" "));
  const toggle = (what: string) => {
    const next = over.includes(what) ? over.filter((each) => each !== what) : [...over, what];
    localStorage.setItem(KEY, next.join(" "));
    setOver(next);
  };
  return (
    <section className={`camera${old && feed.capturedAt !== null ? " is-old" : ""}`} aria-label={t("camera.title", { dog: dogId })} data-testid="camera" data-state={feed.state} data-reason={feed.reason ?? ""} data-frames={feed.frames} data-age={age?.toFixed(3) ?? ""} data-old={old} data-by={feed.by}>
      <header className="camera__head">
        <strong>{t("camera.title", { dog: dogId })}</strong>
        <span className="camera__age">{feed.state === "playing" && age !== null && t("camera.age", { s: age.toFixed(1) })}</span>
        <button type="button" className="button camera__stop" onClick={onClose} data-testid="camera-stop">
          <X size={14} aria-hidden="true" /> {t("camera.stop")}
        </button>
      </header>
      <div className="camera__picture">
        <canvas ref={canvas} width={640} height={480} role="img" aria-label={t("camera.alt", { dog: dogId })} data-testid="camera-canvas" />
        {feed.note && feed.state === "playing" && <CameraOverlay note={feed.note} site={site} shape={(canvas.current?.height ?? 3) / (canvas.current?.width ?? 4)} boxes={over.includes("boxes")} zones={over.includes("zones")} />}
        {word && (
          <p className="camera__word" role="status" data-testid="camera-word">
            <VideoOff size={16} aria-hidden="true" /> {word}
          </p>
        )}
      </div>
      <footer className="camera__foot">
        {watching && whoWatch(dog) && (
          <>
            <Eye size={13} aria-hidden="true" />
            <span data-testid="camera-watchers">{t("camera.watchers", { who: whoWatch(dog) })}</span>
          </>
        )}
        <small>{t("camera.onRecord")}</small>
        {feed.state === "playing" && (
          <small className="camera__by" title={t(`camera.by.${feed.by}`)} data-testid="camera-by">
            {t(`camera.byName.${feed.by}`)}
          </small>
        )}
        <span className="camera__toggles" role="group" aria-label={t("camera.over")}>
          {(["boxes", "zones"] as const).map((what) => (
            <button key={what} type="button" className="chip" aria-pressed={over.includes(what)} onClick={() => toggle(what)} data-testid={`camera-${what}`}>
              {t(`camera.draw.${what}`)}
            </button>
          ))}
        </span>
      </footer>
    </section>
  );
}

/** Each person once, though they watch on two screens. */
export const whoWatch = (dog: Dog | undefined): string => [...new Set(dog?.watchers.map((watcher) => watcher.username))].join(", ");

function useAge(camera: CameraFeed): number | null {
  const [age, setAge] = useState<number | null>(null);
  useEffect(() => {
    const timer = setInterval(() => setAge(camera.age()), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [camera]);
  return age;
}

/** What stands over the picture; nothing while it is of now. */
function wordOf(feed: Feed, age: number | null, t: ReturnType<typeof useTranslation>["t"]): string {
  if (feed.state === "ended") return t(`camera.end.${feed.reason}`, { defaultValue: t("camera.end.REFUSED") });
  if (feed.state === "withheld") return t("camera.withheld");
  if (feed.state === "lost") return t("camera.lost");
  if (feed.state === "undecodable") return t("camera.undecodable");
  if (feed.state === "waiting") return t("camera.waiting");
  return age !== null && age > OLD_S ? t("camera.old", { s: age.toFixed(1) }) : "";
}

function paint(canvas: HTMLCanvasElement | null, picture: CanvasImageSource, width: number, height: number): void {
  if (!canvas) return;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  canvas.getContext("2d")?.drawImage(picture, 0, 0);
}
