import type { Point, Site, Text } from "../api/types";

export interface Landmark {
  name: Text;
  metres: number;
}

/** The checkpoint or dock that lies nearest to a place: how people say where something is that lies in no zone. */
export function landmarkOf(place: Point, site: Site): Landmark | null {
  const places = [...site.checkpoints, ...site.docks];
  const far = places.map(({ name, pose }) => ({ name, metres: Math.hypot(pose.x - place.x, pose.y - place.y) }));
  return far.reduce<Landmark | null>((best, one) => (best && best.metres <= one.metres ? best : one), null);
}
