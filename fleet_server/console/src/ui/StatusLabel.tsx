import { useTranslation } from "react-i18next";

/** A status in words with a dot of its colour. */
export function StatusLabel({ kind, status }: { kind: "patrol" | "incident"; status: string }) {
  const { t } = useTranslation();
  const words = kind === "patrol" ? "patrols.status" : "incidents.status";
  return (
    <span className={`status status--${status.toLowerCase()}`}>
      <i aria-hidden="true" />
      {t(`${words}.${status}`, { defaultValue: status })}
    </span>
  );
}
