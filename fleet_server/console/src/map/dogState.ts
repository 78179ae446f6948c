import type { Dog } from "../api/types";

/** How a dog is, as the map shows it: each has a colour and a shape of its own. */
export type DogState = "well" | "warned" | "stopped" | "fault" | "gone";

/** It does not go on by itself, such as one that fell. */
export const waitsForAPerson = ({ errors }: Pick<Dog, "errors">): boolean => errors.some(({ errorLevel }) => errorLevel === "FATAL");

/** The first that is true of a dog whose fault, stop or warning is known to hold now; `stale`: the link to the server is not live. */
export function dogState(dog: Pick<Dog, "live" | "errors" | "emergencyStop">, stale: boolean): DogState {
  if (!dog.live || stale) return "gone";
  if (waitsForAPerson(dog)) return "fault";
  if (dog.emergencyStop != null && dog.emergencyStop !== "NONE") return "stopped";
  return dog.errors.length > 0 ? "warned" : "well";
}

/** Which is drawn over which, and whose name goes first: what needs a person lies on top. */
export const URGENCY: Record<DogState, number> = { gone: 0, well: 1, warned: 2, stopped: 3, fault: 4 };
