import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";

import { DriveSocket } from "./driveSocket";
import { isStill, type Wish } from "./driveWish";
import { reasonKeys } from "./gateReason";
import { Joystick } from "./Joystick";
import { useHeld } from "./useHeld";

/** Held to move: keys, stick and gamepad, what is held, what goes to the legs, and why not more. */
export function DriveControls({ dogId, onOver }: { dogId: string; onOver: () => void }) {
  const { t } = useTranslation();
  const [socket] = useState(() => new DriveSocket(dogId));
  const status = useSyncExternalStore(socket.subscribe, socket.current);
  const hold = useCallback((wish: Wish) => socket.hold(wish), [socket]);
  useEffect(() => {
    socket.start();
    return () => socket.stop();
  }, [socket]);
  useEffect(() => {
    if (status.phase === "over") onOver();
  }, [status.phase, onOver]);
  useHeld(hold);

  const { told, wish } = status;
  const ready = status.phase === "open" && told !== null && !status.silent;
  const held = !isStill(wish);
  const why = told && (held || told.reasons.includes("EMERGENCY_STOP")) ? reasonKeys(told.reasons) : [];
  return (
    <div className="drive" data-testid={`drive-${dogId}`} data-ready={ready} data-held={held}>
      <Joystick dogId={dogId} onHold={hold} />
      <dl className="drive__speeds number">
        <div><dt>{t("drive.held")}</dt><dd data-testid={`drive-held-${dogId}`}>{held ? t("drive.speed", words(wish)) : t("drive.nothing")}</dd></div>
        <div><dt>{t("drive.passed")}</dt><dd data-testid={`drive-passed-${dogId}`}>{told ? t("drive.speed", words(told.passed)) : "—"}</dd></div>
      </dl>
      <p className={`drive__why${ready && why.length > 0 ? " is-limited" : ""}`} role="status" data-testid={`drive-why-${dogId}`}>
        {ready ? why.map((key) => t(`drive.reason.${key}`)).join(t("drive.and")) : t(status.phase === "open" ? "drive.silent" : "drive.connecting")}
      </p>
      <p className="drive__keys">{t("drive.keys")}</p>
    </div>
  );
}

function words(wish: Wish): { v: string; side: string; turn: string } {
  const degrees = Math.round((wish.omega * 180) / Math.PI);
  return { v: wish.vx.toFixed(2), side: wish.vy.toFixed(2), turn: String(degrees) };
}
