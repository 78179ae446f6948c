import { Zap } from "lucide-react";
import { useTranslation } from "react-i18next";

const LOW = 20;
const MIDDLE = 45;

export function Battery({ charge, charging }: { charge: number | null | undefined; charging: boolean }) {
  const { t } = useTranslation();
  if (charge == null) return <span className="battery battery--unknown">{t("dogs.batteryUnknown")}</span>;
  const n = Math.round(charge);
  const level = n < LOW ? "low" : n < MIDDLE ? "middle" : "good";
  return (
    <span className={`battery battery--${level}`} role="img" aria-label={t("dogs.battery", { n }) + (charging ? `, ${t("dogs.charging")}` : "")}>
      <span className="battery__case" aria-hidden="true">
        <span className="battery__fill" style={{ width: `${Math.max(4, Math.min(100, n))}%` }} />
      </span>
      {charging && <Zap size={12} aria-hidden="true" />}
      <span className="battery__number" aria-hidden="true">{n}%</span>
    </span>
  );
}
