import type { Point } from "../api/types";

/** Where the camera was (protocol/camera_stream.py): metres on the map, its axes forward, left and up by rows, its pinhole in parts of the picture. */
export interface CameraPlace {
  x: number;
  y: number;
  z: number;
  rotation: number[];
  fx: number;
  fy: number;
  cx: number;
  cy: number;
}

/** Metres before the camera; what is nearer has no place in the picture. */
const NEAR_M = 0.15;

type Seen = [forward: number, left: number, up: number];

/** A polygon on the ground as the camera sees it: corners in parts of the picture, also beyond it; none where it lies behind. */
export function groundInPicture(camera: CameraPlace, polygon: Point[]): [number, number][] {
  return before(polygon.map((point) => seenFrom(camera, point))).map(([forward, left, up]) => [
    camera.cx - (camera.fx * left) / forward,
    camera.cy - (camera.fy * up) / forward,
  ]);
}

/** A point of the ground in the camera's axes: the transposed rotation turns the map's into them. */
function seenFrom(camera: CameraPlace, { x, y }: Point): Seen {
  const away = [x - camera.x, y - camera.y, -camera.z];
  return [0, 1, 2].map((axis) => away.reduce((sum, each, row) => sum + camera.rotation[3 * row + axis]! * each, 0)) as Seen;
}

/** The part of a polygon that lies before the camera (Sutherland and Hodgman, 1974, one plane). */
function before(corners: Seen[]): Seen[] {
  return corners.flatMap((corner, at) => {
    const last = corners[(at + corners.length - 1) % corners.length]!;
    const crosses = corner[0] >= NEAR_M !== last[0] >= NEAR_M;
    const share = (NEAR_M - last[0]) / (corner[0] - last[0]);
    const crossing = crosses ? [last.map((each, axis) => each + share * (corner[axis]! - each)) as Seen] : [];
    return corner[0] >= NEAR_M ? [...crossing, corner] : crossing;
  });
}
