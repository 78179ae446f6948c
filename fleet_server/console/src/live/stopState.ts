import type { Dog } from "../api/types";

/**
 * How a dog stands to its emergency stop. `stopped` is confirmed by the dog itself; `asked` and `releasing` are what
 * was said to it and it has not confirmed; `unheard` is `asked` of a dog that cannot be reached now.
 */
export type StopState = "none" | "asked" | "unheard" | "stopped" | "releasing";

/** `live`: the dog and the link to the server both are; what was confirmed before that is no confirmation now. */
export function stopState(dog: Dog, live: boolean): StopState {
  const stopped = dog.emergencyStop != null && dog.emergencyStop !== "NONE";
  if (dog.stopRequest?.stop) return live ? "asked" : "unheard";
  if (stopped) return dog.stopRequest ? "releasing" : "stopped";
  return "none";
}
