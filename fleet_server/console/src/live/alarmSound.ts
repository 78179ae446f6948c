/** Two soft notes when an incident arrives, unless they were switched off. Made here: no file, no network. */

const KEY = "xiaotian.sound";
/** A browser that lets a page sound says so within this, milliseconds; one that does not never says a word. */
const PATIENCE_MS = 3_000;
const NOTES_MS = 700;

let context: AudioContext | null = null;
/** Null while the browser has not been asked, or has not answered. */
let allowed: boolean | null = null;
let resting = 0;
const listeners = new Set<() => void>();

export const soundOn = (): boolean => localStorage.getItem(KEY) !== "off";

/** Whether the browser keeps the sound back: it does until somebody has clicked into the page or pressed a key there. */
export const soundBlocked = (): boolean => soundOn() && allowed === false;

export function onSound(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function setSound(on: boolean): void {
  localStorage.setItem(KEY, on ? "on" : "off");
  tell();
  if (on) chime();
}

export function chime(): void {
  void sounding().then((ctx) => {
    if (!ctx) return;
    note(ctx, 880, 0);
    note(ctx, 1174.7, 0.16);
  });
}

/** Ask the browser without a sound, when the page opens and after each click or key until it lets the page sound. */
export function askForSound(): void {
  if (allowed !== true) void sounding();
}

/** The audio output at work, for as long as the notes last: at rest it would keep the processor busy. Null: not now. */
async function sounding(): Promise<AudioContext | null> {
  if (!soundOn() || !("AudioContext" in window)) return null;
  context ??= new AudioContext();
  const { state } = context;
  window.clearTimeout(resting);
  const late = window.setTimeout(() => answer(false), PATIENCE_MS);
  if (state !== "running") await context.resume().catch(() => undefined);
  window.clearTimeout(late);
  answer(context.state === "running");
  resting = window.setTimeout(() => void context?.suspend(), NOTES_MS);
  return allowed ? context : null;
}

function answer(now: boolean): void {
  if (allowed === now) return;
  allowed = now;
  tell();
}

function tell(): void {
  for (const listener of listeners) listener();
}

function note(ctx: AudioContext, hertz: number, after: number): void {
  const start = ctx.currentTime + after;
  const tone = ctx.createOscillator();
  const gain = ctx.createGain();
  tone.frequency.value = hertz;
  gain.gain.setValueAtTime(0.0001, start);
  gain.gain.exponentialRampToValueAtTime(0.14, start + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.45);
  tone.connect(gain).connect(ctx.destination);
  tone.start(start);
  tone.stop(start + 0.5);
}
