import { useTranslation } from "react-i18next";

import { useMay } from "../api/rights";
import type { Site } from "../api/types";
import { useTab } from "../app/address";
import { DogHistory } from "../history/DogHistory";
import { Tabs } from "../ui/Tabs";
import { AuditTable } from "./AuditTable";
import { IncidentTable } from "./IncidentTable";
import { OverviewPage } from "./OverviewPage";
import { PatrolTable } from "./PatrolTable";
import { RoundTable } from "./RoundTable";

const BOOKS = ["patrols", "overview", "rounds", "incidents", "dogs", "audit"] as const;

/** 案头有账: what was done, and what came of it. */
export function LedgerView({ site }: { site: Site }) {
  const { t } = useTranslation();
  const may = useMay();
  const books = BOOKS.filter((name) => name !== "audit" || may("audit"));
  const book = useTab(books);
  return (
    <div className="ledger">
      <h1 className="for-ears">{t("view.ledger")}</h1>
      <Tabs view="ledger" tabs={books} tab={book} label={t("ledger.tabs")} words={(name) => t(`ledger.${name}`)} panel="book" />
      <section id="book" role="tabpanel" aria-labelledby={`tab-${book}`} className="ledger__book" tabIndex={0}>
        {book === "patrols" && <PatrolTable site={site} />}
        {book === "overview" && <OverviewPage site={site} />}
        {book === "rounds" && <RoundTable site={site} />}
        {book === "incidents" && <IncidentTable site={site} />}
        {book === "dogs" && <DogHistory site={site} />}
        {book === "audit" && <AuditTable site={site} />}
      </section>
    </div>
  );
}
