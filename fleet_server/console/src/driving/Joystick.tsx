import { type PointerEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { STILL, type Wish, wishOfStick } from "./driveWish";

const REACH = 44; // px from the middle to where it is pushed wholly

/** Held with a finger or the mouse; let go, it is back in its middle. The keyboard has keys of its own. */
export function Joystick({ onHold, dogId }: { onHold: (wish: Wish) => void; dogId: string }) {
  const { t } = useTranslation();
  const pad = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState({ x: 0, y: 0 });

  const push = (event: PointerEvent) => {
    if (!pad.current?.hasPointerCapture(event.pointerId)) return;
    const box = pad.current.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
    const share = Math.min(1, REACH / Math.max(1e-6, Math.hypot(x, y)));
    setAt({ x: x * share, y: y * share });
    onHold(wishOfStick((x * share) / REACH, (-y * share) / REACH));
  };
  const letGo = () => {
    setAt({ x: 0, y: 0 });
    onHold(STILL);
  };
  return (
    <div
      ref={pad}
      className="joystick"
      aria-label={t("drive.joystick")}
      role="img"
      data-testid={`drive-joystick-${dogId}`}
      onPointerDown={(event) => {
        pad.current?.setPointerCapture(event.pointerId);
        push(event);
      }}
      onPointerMove={push}
      onPointerUp={letGo}
      onPointerCancel={letGo}
      onLostPointerCapture={letGo}
    >
      <i style={{ translate: `${at.x}px ${at.y}px` }} aria-hidden="true" />
    </div>
  );
}
