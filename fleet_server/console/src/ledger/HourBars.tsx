import { useTranslation } from "react-i18next";

import type { Coverage } from "../api/types";
import { duration } from "../ui/timeFormat";

/** Idleness by hour of the site's day: the bar is the worst, its lower part the mean. */
export function HourBars({ hours }: { hours: Coverage["hours"] }) {
  const { t } = useTranslation();
  const most = Math.max(1, ...hours.map((hour) => hour.worstS ?? 0));
  const share = (seconds: number | null) => `${(100 * (seconds ?? 0)) / most}%`;
  return (
    <ol className="hours" aria-label={t("account.byHour")}>
      {hours.map((hour, n) => {
        const words = hour.meanS === null ? t("account.noTime", { h: n }) : t("account.hour", { h: n, visits: hour.visits, mean: lasting(hour.meanS), worst: lasting(hour.worstS) });
        return (
          <li key={n} title={words}>
            <span className="for-ears">{words}</span>
            <span className="hours__bar" aria-hidden="true">
              <i className="hours__worst" style={{ height: share(hour.worstS) }} />
              <i className="hours__mean" style={{ height: share(hour.meanS) }} />
            </span>
            <b aria-hidden="true">{n % 3 === 0 ? n : ""}</b>
          </li>
        );
      })}
    </ol>
  );
}

export const lasting = (seconds: number | null): string => (seconds === null ? "–" : duration(seconds * 1000));
