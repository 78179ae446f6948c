import { useTranslation } from "react-i18next";

import type { Site } from "../api/types";
import { named } from "../i18n";
import { groundInPicture } from "./cameraProjection";
import type { FrameNote } from "./cameraFeed";

const WIDTH = 640;

interface Props {
  note: FrameNote;
  site: Site;
  /** Height of the picture by its width. */
  shape: number;
  boxes: boolean;
  zones: boolean;
}

/** Over a picture: what the dog found in it, and the site's zones where they lie on the ground. */
export function CameraOverlay({ note, site, shape, boxes, zones }: Props) {
  const { t } = useTranslation();
  const camera = note.camera;
  const tall = WIDTH * shape;
  return (
    <svg className="camera__over" viewBox={`0 0 ${WIDTH} ${tall}`} aria-hidden="true" data-testid="camera-overlay">
      {zones &&
        camera &&
        site.zones
          .filter((zone) => zone.kind !== "watched")
          .map((zone) => {
            const corners = groundInPicture(camera, zone.polygon);
            const at = middleInside(corners);
            return corners.length < 3 ? null : (
              <g key={zone.zoneId} className={`camera__zone zone-${zone.kind}`} data-testid={`camera-zone-${zone.zoneId}`}>
                <polygon points={corners.map(([x, y]) => `${x * WIDTH},${y * tall}`).join(" ")} />
                {at && <text x={at[0] * WIDTH} y={at[1] * tall}>{named(zone.name)}</text>}
              </g>
            );
          })}
      {boxes &&
        note.seen.map(({ label, score, box: [left, top, right, bottom] }, at) => (
          <g key={at} className={`camera__thing is-${label}`} data-testid={`camera-box-${label}`}>
            <rect x={left * WIDTH} y={top * tall} width={(right - left) * WIDTH} height={(bottom - top) * tall} />
            <text x={left * WIDTH + 3} y={top * tall > 18 ? top * tall - 5 : top * tall + 15}>
              {t(`camera.things.${label}`, { defaultValue: label })} {score.toFixed(2)}
            </text>
          </g>
        ))}
    </svg>
  );
}

/** Where a zone's name stands: the middle of its corners, drawn into the picture; null where all of it lies beside. */
function middleInside(corners: [number, number][]): [number, number] | null {
  const inside = corners.map(([x, y]) => [Math.min(Math.max(x, 0.02), 0.98), Math.min(Math.max(y, 0.02), 0.98)] as [number, number]);
  const spread = (axis: 0 | 1) => Math.max(...inside.map((c) => c[axis])) - Math.min(...inside.map((c) => c[axis]));
  if (inside.length < 3 || spread(0) < 0.1 || spread(1) < 0.02) return null;
  return [0, 1].map((axis) => inside.reduce((sum, corner) => sum + corner[axis]!, 0) / inside.length) as [number, number];
}
