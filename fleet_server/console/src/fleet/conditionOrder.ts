import type { Dog } from "../api/types";
import { waitsForAPerson } from "../map/dogState";

/** At a fault, not heard or weakly, with a warning, behind the site's `version` (`has`: which one each says it has), well; within each as they come. */
export function worstFirst(dogs: readonly Dog[], has: ReadonlyMap<string, number | null>, version: number): Dog[] {
  const rank = (dog: Dog) => {
    const { dogId, errors, linkQuality } = dog;
    if (waitsForAPerson(dog)) return 0;
    if (linkQuality !== "GOOD") return linkQuality === "LOST" ? 1 : 2;
    if (errors.length > 0) return 3;
    return has.has(dogId) && has.get(dogId) !== version ? 4 : 5;
  };
  return [...dogs].sort((a, b) => rank(a) - rank(b));
}
