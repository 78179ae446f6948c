import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Site } from "../api/types";
import { AuditTable } from "./AuditTable";
import { IncidentTable } from "./IncidentTable";
import { PatrolTable } from "./PatrolTable";

const BOOKS = ["patrols", "incidents", "audit"] as const;
type Book = (typeof BOOKS)[number];

/** 案头有账: what was done, and what came of it. */
export function LedgerView({ site }: { site: Site }) {
  const { t } = useTranslation();
  const [book, open] = useState<Book>("patrols");
  return (
    <div className="ledger">
      <h1 className="for-ears">{t("view.ledger")}</h1>
      <div className="ledger__tabs" role="tablist" aria-label={t("ledger.tabs")} onKeyDown={(event) => step(event.key, book, open)}>
        {BOOKS.map((name) => (
          <button key={name} type="button" role="tab" id={`tab-${name}`} aria-selected={name === book} aria-controls="book" tabIndex={name === book ? 0 : -1} onClick={() => open(name)} data-testid={`ledger-${name}`}>
            {t(`ledger.${name}`)}
          </button>
        ))}
      </div>
      <section id="book" role="tabpanel" aria-labelledby={`tab-${book}`} className="ledger__book">
        {book === "patrols" && <PatrolTable site={site} />}
        {book === "incidents" && <IncidentTable site={site} />}
        {book === "audit" && <AuditTable site={site} />}
      </section>
    </div>
  );
}

/** Arrow keys move between tabs, as the ARIA practices ask. */
function step(key: string, book: Book, open: (book: Book) => void): void {
  const by = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
  if (!by) return;
  const next = BOOKS[(BOOKS.indexOf(book) + by + BOOKS.length) % BOOKS.length]!;
  open(next);
  document.getElementById(`tab-${next}`)?.focus();
}
