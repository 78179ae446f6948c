import type { Dog } from "../api/types";

/** Seconds from which a dog's clock is worth a word. */
const OFF_S = 2;

/** Whether a clock that is ahead by `skew` seconds would mislead its reader. */
export const isOff = (skew: number | null | undefined) => Math.abs(skew ?? 0) > OFF_S;

/**
 * The dogs whose clock would mislead its reader. A simulated world that is slow has all its dogs behind by the same:
 * there a dog's clock is wrong where it is not that of the others.
 */
export function wrongClocks(dogs: Dog[], simulated: boolean): ReadonlySet<string> {
  const common = simulated ? worldSkew(dogs) : 0;
  return new Set(dogs.filter((dog) => dog.clockSkewS != null && isOff(dog.clockSkewS - common)).map((dog) => dog.dogId));
}

/** By how many seconds the simulated world is ahead of the station: the median of the dogs that are live. */
export function worldSkew(dogs: Dog[]): number {
  const skews = dogs.flatMap((dog) => (dog.live && dog.clockSkewS != null ? [dog.clockSkewS] : [])).sort((a, b) => a - b);
  return skews[Math.floor((skews.length - 1) / 2)] ?? 0;
}
