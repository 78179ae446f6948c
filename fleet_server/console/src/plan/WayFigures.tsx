import { useTranslation } from "react-i18next";

import type { Way } from "../api/types";

/** A way as it is walked, in metres, minutes and charge. */
export function WayFigures({ way }: { way: Way }) {
  const { t } = useTranslation();
  return <span data-testid="way-figures">{t("review.way", { m: Math.round(way.lengthM), n: Math.max(1, Math.round(way.lastsS / 60)), pct: Math.max(1, Math.round(way.usesPct)) })}</span>;
}
