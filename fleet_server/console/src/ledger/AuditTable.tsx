import type { i18n } from "i18next";
import { ScrollText, Search, ShieldAlert, ShieldCheck } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { useParam } from "../app/address";
import { useAudit, useAuditVerification } from "../api/queries";
import type { AuditEntry, Site } from "../api/types";
import { RequestFailure } from "../ui/RequestFailure";
import { Notice, Waiting } from "../ui/Notice";
import { dayAndClock } from "../ui/timeFormat";

const TYPING_MS = 350; // after the last key, before the log is asked

export function AuditTable({ site }: { site: Site }) {
  const { t, i18n } = useTranslation();
  const [words, setWords] = useParam("words");
  const [deed, setDeed] = useParam("deed");
  return (
    <>
      <VerifiedMark site={site} />
      <div className="filter" role="search">
        <SearchField words={words ?? ""} setWords={setWords} />
        <select className="chip" aria-label={t("ledger.action")} value={deed ?? ""} onChange={(event) => setDeed(event.target.value || null)} data-testid="audit-deed">
          <option value="">{t("ledger.allDeeds")}</option>
          {deeds(i18n).map(([action, name]) => <option key={action} value={action}>{name}</option>)}
        </select>
      </div>
      <Entries site={site} words={words ?? ""} deed={deed ?? ""} />
    </>
  );
}

/** What is typed is asked for once the typing pauses. */
function SearchField({ words, setWords }: { words: string; setWords: (words: string | null) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(words);
  useEffect(() => {
    const timer = window.setTimeout(() => setWords(typed.trim() || null), TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [typed, setWords]);
  return (
    <label className="search">
      <Search size={15} aria-hidden />
      <input type="search" maxLength={100} value={typed} onChange={(event) => setTyped(event.target.value)} placeholder={t("ledger.auditSearch")} aria-label={t("ledger.auditSearch")} data-testid="audit-search" />
    </label>
  );
}

/** Whether the log is as it was written. */
function VerifiedMark({ site }: { site: Site }) {
  const { t } = useTranslation();
  const found = useAuditVerification();
  if (found.isPending) return <p className="ledger__hint">{t("ledger.verifying")}</p>;
  if (found.isError) return <RequestFailure error={found.error} retry={() => void found.refetch()} />;
  const { brokenAt, what, why, entries, heads, verifiedAt } = found.data;
  const at = dayAndClock(verifiedAt, site.timezone);
  if (brokenAt !== null && what !== null)
    return (
      <p className="verified verified--broken" role="alert" data-testid="audit-verified" data-broken={brokenAt} title={why}>
        <ShieldAlert size={16} aria-hidden /> {t("ledger.broken", { n: brokenAt, what: t(`ledger.tampering.${what}`), at })}
      </p>
    );
  return (
    <p className="verified" data-testid="audit-verified">
      <ShieldCheck size={16} aria-hidden /> {t("ledger.verified", { n: entries, at })} {t(heads ? "ledger.headsFit" : "ledger.noHeads", { n: heads })}
    </p>
  );
}

function Entries({ site, words, deed }: { site: Site; words: string; deed: string }) {
  const { t } = useTranslation();
  const audit = useAudit(words, deed);
  if (audit.isPending) return <Waiting rows={6} label={t("common.loading")} />;
  if (audit.isError) return <RequestFailure error={audit.error} retry={() => void audit.refetch()} />;
  const entries = audit.data.pages.flat();
  if (entries.length === 0) {
    const hint = words || deed ? t("ledger.noIncidentsHint") : t("ledger.auditHint");
    return <Notice icon={<ScrollText size={22} />} title={t(words || deed ? "ledger.noAuditMatch" : "ledger.noAudit")} hint={hint} />;
  }
  return (
    <>
      <p className="ledger__hint">{t(audit.hasNextPage ? "ledger.newest" : "ledger.total", { n: entries.length })} · {t("ledger.auditHint")}</p>
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
          {entries.map((entry) => <Row key={entry.id} entry={entry} site={site} />)}
        </tbody>
      </table>
      {audit.hasNextPage && (
        <button type="button" className="button" disabled={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()} data-testid="audit-more">
          {t(audit.isFetchingNextPage ? "common.loading" : "ledger.older")}
        </button>
      )}
    </>
  );
}

function Row({ entry, site }: { entry: AuditEntry; site: Site }) {
  const { t } = useTranslation();
  return (
    <tr data-testid="audit-row">
      <td data-label={t("ledger.when")} className="number">{dayAndClock(entry.at, site.timezone)}</td>
      <td data-label={t("ledger.actor")}>{entry.actor}</td>
      <td data-label={t("ledger.origin")} className="number">{entry.address}</td>
      <td data-label={t("ledger.action")} title={entry.action}>{t(`deed.${entry.action}`, { defaultValue: entry.action })}</td>
      <td data-label={t("ledger.target")} className="table__code table__code--target" title={entry.target ?? undefined} data-target={entry.target}>{short(entry.target)}</td>
      <td data-label={t("ledger.detail")} className="table__code table__code--long" title={detailsOf(entry)}>{detailsOf(entry)}</td>
      <td data-label={t("ledger.hash")} className="table__code" title={entry.hash}>{entry.hash.slice(0, 10)}</td>
    </tr>
  );
}

/** All deeds that have words, as [action, name], by their names. */
function deeds(i18n: i18n): [string, string][] {
  const rooms = i18n.getResource(i18n.language, "translation", "deed") as Record<string, Record<string, string>>;
  const all = Object.entries(rooms).flatMap(([room, names]) => Object.entries(names).map(([name, said]): [string, string] => [`${room}.${name}`, said]));
  return all.sort((a, b) => a[1].localeCompare(b[1]));
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
