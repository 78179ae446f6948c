/** Two soft notes when an incident arrives, if the operator switched them on. Made here: no file, no network. */

const KEY = "xiaotian.sound";
let context: AudioContext | null = null;

export const soundOn = (): boolean => localStorage.getItem(KEY) === "on";

/** Switched by a click, which is also what lets a browser make sounds at all. */
export function setSound(on: boolean): void {
  localStorage.setItem(KEY, on ? "on" : "off");
  if (on) chime();
}

export function chime(): void {
  if (!soundOn()) return;
  context ??= new AudioContext();
  void context.resume();
  note(context, 880, 0);
  note(context, 1174.7, 0.16);
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
