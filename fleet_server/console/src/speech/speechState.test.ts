import { expect, it } from "vitest";

import type { Dog } from "../api/types";
import { en } from "../i18n/en";
import { HEARD_WITHIN_MS, isSpeaking, speechState } from "./speechState";

const dog = (...sentences: Dog["sentences"]) => ({ sentences }) as Dog;
const sentence = (status: Dog["sentences"][number]["status"], result = "", sentenceId = "a") => ({ sentenceId, status, result });
const WORDS: Record<string, string> = en.speech.state;

it("waits for a dog that has not heard it, and then says that it has not", () => {
  const other = dog(sentence("RUNNING", "", "b"));
  expect(speechState(other, "a", HEARD_WITHIN_MS)).toEqual({ key: "SENT", detail: "", good: undefined });
  expect(speechState(other, "a", HEARD_WITHIN_MS + 1)).toEqual({ key: "UNHEARD", detail: "", good: false });
  expect(isSpeaking(other)).toBe(true);
});

it("says what came of it, in the dog's own words where there are no others", () => {
  expect(speechState(dog(sentence("RUNNING")), "a", 0).key).toBe("RUNNING");
  expect(speechState(dog(sentence("FINISHED", "SPOKEN")), "a", 0)).toEqual({ key: "SPOKEN", detail: "", good: true });
  expect(speechState(dog(sentence("FINISHED", "WRITTEN")), "a", 0), "nobody heard it").toEqual({ key: "WRITTEN", detail: "", good: false });
  expect(speechState(dog(sentence("FAILED", "NO_ESPEAK")), "a", 0)).toEqual({ key: "NO_ESPEAK", detail: "", good: false });
  const strange = speechState(dog(sentence("FAILED", "interrupted by a restart")), "a", 0);
  expect(strange).toEqual({ key: "FAILED", detail: "interrupted by a restart", good: false });
  expect(isSpeaking(dog(sentence("FAILED", "NO_ESPEAK")))).toBe(false);
});

it("has words for every state that it tells", () => {
  for (const status of ["WAITING", "RUNNING", "FINISHED", "FAILED"] as const)
    for (const result of ["", "SPOKEN", "WRITTEN", "REPLACED", "whatever"]) expect(WORDS).toHaveProperty(speechState(dog(sentence(status, result)), "a", 0).key);
});
