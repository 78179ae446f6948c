import type { Dog, DogError, Point } from "../api/types";

/** A way that is blocked: whereto it leads, and what stands in it as far as the dog can tell. Metres on the map. */
export interface Blocked {
  nodeId: string;
  tries: number;
  seen: (Point & { length: number; width: number }) | null;
}

/** What an error is about, by name. */
export function aboutOf(error: DogError): Record<string, string> {
  return Object.fromEntries((error.errorReferences ?? []).map((each) => [each.referenceKey, each.referenceValue]));
}

/** The blocked way that an error tells of; null where it tells of something else. */
export function blockedOf(error: DogError): Blocked | null {
  if (error.errorType !== "wayBlocked") return null;
  const about = aboutOf(error);
  const [x, y, length, width] = [about.x, about.y, about.length, about.width].map((text) => Number(text ?? NaN)) as [number, number, number, number];
  const seen = [x, y, length, width].every(Number.isFinite) ? { x, y, length, width } : null;
  return { nodeId: about.nodeId ?? "", tries: Number(about.tries ?? 0) || 0, seen };
}

/** All that stands in dogs' ways, for the map. */
export function waysBlocked(dogs: Dog[]): { dogId: string; blocked: Blocked }[] {
  return dogs.filter((dog) => dog.live).flatMap((dog) => dog.errors.flatMap((error) => {
    const blocked = blockedOf(error);
    return blocked?.seen ? [{ dogId: dog.dogId, blocked }] : [];
  }));
}
