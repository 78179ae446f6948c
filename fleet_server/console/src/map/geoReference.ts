import type { Origin, Point, Pose, SiteMap } from "../api/types";

/** WGS 84: equatorial radius in metres and first eccentricity squared. */
const A = 6378137.0;
const E2 = 6.69437999014e-3;
const RAD = Math.PI / 180;

export type LngLat = [number, number];

/** The site's map frame (metres, x east, y north when the heading is 0) against longitude and latitude. */
export interface MapFrame {
  toLngLat(point: Point): LngLat;
  toMap(lngLat: LngLat): Point;
}

/**
 * The tangent plane at the site's origin. Exact to centimetres within a kilometre, which is all a site spans.
 * `headingDeg` turns the map's y axis clockwise from true north. Radii of curvature: Snyder, Map Projections, 4-18 and 4-20.
 */
export function mapFrame(origin: Origin): MapFrame {
  const phi = origin.latitudeDeg * RAD;
  const w = Math.sqrt(1 - E2 * Math.sin(phi) ** 2);
  const metresPerLat = ((A * (1 - E2)) / w ** 3) * RAD;
  const metresPerLng = (A / w) * Math.cos(phi) * RAD;
  const cos = Math.cos(origin.headingDeg * RAD);
  const sin = Math.sin(origin.headingDeg * RAD);
  return {
    toLngLat: ({ x, y }) => [
      origin.longitudeDeg + (x * cos + y * sin) / metresPerLng,
      origin.latitudeDeg + (y * cos - x * sin) / metresPerLat,
    ],
    toMap: ([lng, lat]) => {
      const east = (lng - origin.longitudeDeg) * metresPerLng;
      const north = (lat - origin.latitudeDeg) * metresPerLat;
      return { x: east * cos - north * sin, y: east * sin + north * cos };
    },
  };
}

/** A point of the picture in metres, from its lower left corner, as a point of the frame `map`. */
function fromPicture(origin: Pose, right: number, up: number): Point {
  const cos = Math.cos(origin.theta);
  const sin = Math.sin(origin.theta);
  return { x: origin.x + right * cos - up * sin, y: origin.y + right * sin + up * cos };
}

/** The picture's corners in MapLibre's order: top left, top right, bottom right, bottom left. */
export function pictureCorners(map: SiteMap): [Point, Point, Point, Point] {
  const width = map.width * map.resolution;
  const height = map.height * map.resolution;
  const at = (right: number, up: number) => fromPicture(map.origin, right, up);
  return [at(0, height), at(width, height), at(width, 0), at(0, 0)];
}

/** Degrees clockwise from the map's y axis, as a screen turns things, of a heading counter-clockwise from x. */
export function screenTurnDeg(theta: number): number {
  return 90 - theta / RAD;
}

/** Metres along straight lines through `points`. */
export function lengthOf(points: Point[]): number {
  return points.slice(1).reduce((sum, p, i) => sum + Math.hypot(p.x - points[i]!.x, p.y - points[i]!.y), 0);
}

/** The mean of the corners: where a zone's name stands. */
export function middle(polygon: Point[]): Point {
  const n = polygon.length;
  return { x: polygon.reduce((s, p) => s + p.x, 0) / n, y: polygon.reduce((s, p) => s + p.y, 0) / n };
}

/** The middle of the longest edge; of several as long, of the lowest: the sides of a yard are as long, and what stands before its buildings is named there already. */
export function longestEdgeMiddle(polygon: Point[]): Point {
  const edges = polygon.map((a, i) => ({ a, b: polygon[(i + 1) % polygon.length]! }));
  const length = ({ a, b }: (typeof edges)[number]) => Math.round(100 * Math.hypot(b.x - a.x, b.y - a.y));
  const { a, b } = edges.reduce((best, edge) => (length(edge) > length(best) || (length(edge) === length(best) && edge.a.y + edge.b.y < best.a.y + best.b.y) ? edge : best));
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

/** Of a map as MapLibre shows it: its zoom 0 shows the equator in 512 pixels. */
export function metresPerPixel(map: { getCenter(): { lat: number }; getZoom(): number }): number {
  return (40_075_017 * Math.cos(map.getCenter().lat * RAD)) / (512 * 2 ** map.getZoom());
}
