import { ScrollText } from "lucide-react";
import { useTranslation } from "react-i18next";

import { useAudit } from "../api/queries";
import type { AuditEntry, Site } from "../api/types";
import { RequestFailure } from "../ui/RequestFailure";
import { Notice, Waiting } from "../ui/Notice";
import { dayAndClock } from "../ui/timeFormat";

export function AuditTable({ site }: { site: Site }) {
  const { t } = useTranslation();
  const audit = useAudit();
  if (audit.isPending) return <Waiting rows={6} label={t("common.loading")} />;
  if (audit.isError) return <RequestFailure error={audit.error} retry={() => void audit.refetch()} />;
  if (audit.data.length === 0) return <Notice icon={<ScrollText size={22} />} title={t("ledger.noAudit")} hint={t("ledger.auditHint")} />;
  return (
    <>
      <p className="ledger__hint">{t("ledger.total", { n: audit.data.length })} · {t("ledger.auditHint")}</p>
      <table className="table" data-testid="audit-table">
        <thead>
          <tr>
            <th>{t("ledger.when")}</th>
            <th>{t("ledger.actor")}</th>
            <th>{t("ledger.origin")}</th>
            <th>{t("ledger.action")}</th>
            <th>{t("ledger.target")}</th>
            <th>{t("ledger.detail")}</th>
            <th>{t("ledger.hash")}</th>
          </tr>
        </thead>
        <tbody>
          {audit.data.map((entry) => (
            <tr key={entry.id} data-testid="audit-row">
              <td data-label={t("ledger.when")} className="number">{dayAndClock(entry.at, site.timezone)}</td>
              <td data-label={t("ledger.actor")}>{entry.actor}</td>
              <td data-label={t("ledger.origin")} className="number">{entry.address}</td>
              <td data-label={t("ledger.action")} title={entry.action}>{t(`deed.${entry.action}`, { defaultValue: entry.action })}</td>
              <td data-label={t("ledger.target")} className="table__code table__code--target" title={entry.target ?? undefined} data-target={entry.target}>{short(entry.target)}</td>
              <td data-label={t("ledger.detail")} className="table__code table__code--long" title={detailsOf(entry)}>{detailsOf(entry)}</td>
              <td data-label={t("ledger.hash")} className="table__code" title={entry.hash}>{entry.hash.slice(0, 10)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** A UUID by its beginning; names stay whole. */
function short(target: string | null): string {
  return (target ?? "").replace(/\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f-]{22}\b/g, "$1");
}

/** What belongs to the deed, as name: value. */
function detailsOf(entry: AuditEntry): string {
  return Object.entries(entry.details)
    .map(([name, value]) => `${name}: ${short(typeof value === "string" ? value : JSON.stringify(value))}`)
    .join("  ");
}
