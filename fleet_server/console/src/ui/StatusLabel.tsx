import { useTranslation } from "react-i18next";

/** A status in words with a dot of its colour. */
export function StatusLabel({ kind, status }: { kind: "patrol" | "incident" | "round"; status: string }) {
  const { t } = useTranslation();
  const words = { patrol: "patrols.status", incident: "incidents.status", round: "schedules.status" }[kind];
  return (
    <span className={`status status--${status.toLowerCase()}`}>
      <i aria-hidden="true" />
      {t(`${words}.${status}`, { defaultValue: status })}
    </span>
  );
}
