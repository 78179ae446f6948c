import type { Incident, Point } from "../api/types";

/** How many deviations hold 95 % of a normal distribution over two dimensions: the root of -2 ln 0.05. */
export const DEVIATIONS_95 = Math.sqrt(-2 * Math.log(0.05));
const CORNERS = 72;

/** Half axes in metres, the longer first, which lies `turn` radians counter-clockwise from the map's x. */
export interface Ellipse {
  long: number;
  short: number;
  turn: number;
}

/** What holds a place with 95 % by its covariance; null where the dog did not say one. */
export function confidenceEllipse(place: Incident["position"]): Ellipse | null {
  if (!place.covariance) return null;
  const { xx, xy, yy } = place.covariance;
  const middle = (xx + yy) / 2;
  const spread = Math.hypot((xx - yy) / 2, xy);
  const half = (variance: number) => DEVIATIONS_95 * Math.sqrt(Math.max(variance, 0)); // rounding may leave less than none
  return { long: half(middle + spread), short: half(middle - spread), turn: Math.atan2(2 * xy, xx - yy) / 2 };
}

/** The ellipse round `centre` as a ring of points on the map, the first again at its end. */
export function ringOf(centre: Point, { long, short, turn }: Ellipse): Point[] {
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  return Array.from({ length: CORNERS + 1 }, (_, n) => {
    const angle = ((n % CORNERS) * 2 * Math.PI) / CORNERS;
    const [along, across] = [long * Math.cos(angle), short * Math.sin(angle)];
    return { x: centre.x + along * cos - across * sin, y: centre.y + along * sin + across * cos };
  });
}
