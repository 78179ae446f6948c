import type { Marker as GlMarker, Map as GlMap } from "maplibre-gl";

import type { Pose } from "../api/types";
import { type MapFrame, metresPerPixel, screenTurnDeg } from "./geoReference";
import { arrived, type Glide, glideTo, rest, sample, turn } from "./markerMotion";

/** What is drawn of a dog, and where it was drawn last. */
interface Drawn {
  marker: GlMarker;
  arrow: SVGGElement;
  glide: Glide;
  at: Pose;
}

/** Less than this is not seen to move: so many pixels, or radians. */
const STEP_PX = 0.5;
const STEP_RAD = 0.05;

const isSame = (a: Pose, b: Pose) => a.x === b.x && a.y === b.y && a.theta === b.theta;

/** So many are drawn at every turn of the screen; of more all together ten times a second, for each turn that differs costs the whole map. */
const FEW = 30;
const MANY_EVERY_MS = 100;

/** Moves all dogs of one map in one turn of the screen, and each only as often as it is seen to move. */
export class DogMotion {
  private readonly dogs = new Map<string, Drawn>();
  private request = 0;
  private drawnAt = 0;

  constructor(
    private readonly map: GlMap,
    private readonly frame: MapFrame,
  ) {}

  /** Take a dog's marker in, at `pose`; what is returned takes it out again. */
  add(dogId: string, pose: Pose, marker: GlMarker, arrow: SVGGElement): () => void {
    const drawn: Drawn = { marker, arrow, glide: rest(pose, performance.now()), at: pose };
    this.dogs.set(dogId, drawn);
    this.draw(drawn, pose);
    return () => void this.dogs.delete(dogId);
  }

  /** Where a dog is; whether that is news. */
  report(dogId: string, pose: Pose): boolean {
    const drawn = this.dogs.get(dogId);
    if (!drawn || isSame(drawn.glide.to, pose)) return false;
    drawn.glide = glideTo(drawn.glide, pose, performance.now());
    const sign = drawn.marker.getElement().firstElementChild as HTMLElement;
    [sign.dataset.x, sign.dataset.y] = [pose.x.toFixed(2), pose.y.toFixed(2)]; // for who looks by a program
    this.request ||= requestAnimationFrame(this.step);
    return true;
  }

  stop(): void {
    cancelAnimationFrame(this.request);
    this.request = 0;
  }

  private readonly step = (): void => {
    this.request = 0;
    const now = performance.now();
    if (this.dogs.size > FEW && now - this.drawnAt < MANY_EVERY_MS) {
      this.request = requestAnimationFrame(this.step);
      return;
    }
    this.drawnAt = now;
    const seen = STEP_PX * metresPerPixel(this.map);
    let underWay = false;
    for (const drawn of this.dogs.values()) {
      const pose = sample(drawn.glide, now);
      const there = arrived(drawn.glide, now);
      underWay ||= !there;
      const { at } = drawn;
      const little = Math.hypot(pose.x - at.x, pose.y - at.y) < seen && Math.abs(turn(at.theta, pose.theta)) < STEP_RAD;
      if (there ? !isSame(at, pose) : !little) this.draw(drawn, pose);
    }
    if (underWay) this.request = requestAnimationFrame(this.step);
  };

  private draw(drawn: Drawn, pose: Pose): void {
    drawn.at = pose;
    drawn.marker.setLngLat(this.frame.toLngLat(pose));
    drawn.arrow.setAttribute("transform", `rotate(${screenTurnDeg(pose.theta)} 22 22)`);
  }
}
