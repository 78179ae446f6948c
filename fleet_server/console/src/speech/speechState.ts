import type { Dog } from "../api/types";

/** The ends for which there are words; `SpeechEnd` of protocol/speech.py. */
const ENDS = ["SPOKEN", "WRITTEN", "NO_ESPEAK", "NO_PLAYER", "FAULT", "REPLACED", "TOO_LONG", "NO_LOUDSPEAKER", "NO_ANSWER"];
/** The server says a sentence for 20 s; a state that shows it may come a little later. */
export const HEARD_WITHIN_MS = 25_000;

export interface SpeechState {
  /** A key of the words under `speech.state`. */
  key: string;
  /** What the dog said itself, where there are no words for it. */
  detail: string;
  /** Whether it was heard there; undefined while that is open. */
  good: boolean | undefined;
}

/** How a sentence stands that was asked for so long ago. */
export function speechState(dog: Dog, sentenceId: string, sinceMs: number): SpeechState {
  const sentence = dog.sentences.find((each) => each.sentenceId === sentenceId);
  if (sentence === undefined) return { key: sinceMs > HEARD_WITHIN_MS ? "UNHEARD" : "SENT", detail: "", good: sinceMs > HEARD_WITHIN_MS ? false : undefined };
  const ended = sentence.status === "FINISHED" || sentence.status === "FAILED";
  if (!ended) return { key: "RUNNING", detail: "", good: undefined };
  if (ENDS.includes(sentence.result)) return { key: sentence.result, detail: "", good: sentence.result === "SPOKEN" };
  return { key: sentence.status, detail: sentence.result, good: sentence.status === "FINISHED" };
}

/** Whether it speaks now. */
export const isSpeaking = (dog: Dog): boolean => dog.sentences.some((each) => each.status === "RUNNING");
