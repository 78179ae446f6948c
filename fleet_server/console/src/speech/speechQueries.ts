import { call } from "../api/httpClient";
import { KEYS, useChange } from "../api/queries";
import type { SentenceTaken } from "../api/types";

export type SpokenLanguage = "zh" | "en";
/** Characters that a dog speaks at once (protocol/speech.py). */
export const LONGEST_SENTENCE = 200;

interface Wish {
  dogId: string;
  text: string;
  language: SpokenLanguage;
}

/** Has a dog speak a sentence; what comes of it stands in the dog's `sentences` under the id that comes back. */
export const useSpeak = () =>
  useChange(
    ({ dogId, ...sentence }: Wish) => call<SentenceTaken>("POST", `/dogs/${encodeURIComponent(dogId)}/sentences`, sentence, { once: true }),
    KEYS.audit,
  );
