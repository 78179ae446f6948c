import { Unplug } from "lucide-react";
import { useTranslation } from "react-i18next";

import { useLive, useLiveStatus } from "../api/LiveProvider";
import { moment } from "../ui/timeFormat";
import { useNow } from "../ui/useNow";

/** A lamp in the frame: whether the screen is live. */
export function LiveConnection() {
  const { t } = useTranslation();
  const { phase } = useLiveStatus();
  return (
    <span className={`lamp lamp--${phase}`} role="status" data-testid="link-state" data-phase={phase}>
      <i aria-hidden="true" />
      {t(`frame.${phase}`)}
    </span>
  );
}

/** The plain word over the whole width when it is not. */
export function LinkLost({ zone }: { zone: string | undefined }) {
  const { t } = useTranslation();
  const { link } = useLive();
  const status = useLiveStatus();
  const now = useNow();
  if (status.phase !== "lost") return null;
  const wait = Math.ceil(((status.retryAt ?? now) - now) / 1000);
  return (
    <div className="link-lost" role="alert" data-testid="link-lost">
      <Unplug size={18} aria-hidden="true" />
      <p>
        <strong>{t("frame.lostTitle")}</strong>{" "}
        {status.heard ? t("frame.lostBody", { at: moment(new Date(status.heard).toISOString(), zone, now) }) : t("frame.lostBodyNever")}
      </p>
      <span className="link-lost__wait">{wait > 0 ? t("frame.retryIn", { seconds: wait }) : t("frame.retrying")}</span>
      <button type="button" className="button" onClick={link.retryNow}>{t("frame.retryNow")}</button>
    </div>
  );
}
