import { Download, FileText, Printer } from "lucide-react";
import { useTranslation } from "react-i18next";

import { ROOT } from "../api/httpClient";
import { useMay } from "../api/rights";
import type { Site } from "../api/types";
import { reportQuery, type Span, type SpanChoice } from "./ledgerSpan";

const TABLES = ["patrols", "visits", "incidents"] as const;
const FORMATS = ["csv", "parquet"] as const;

/** The shift report in both languages, to read and on paper; and what goes out as files, for who may export. */
export function LedgerDownloads({ site, choice, span }: { site: Site; choice: SpanChoice; span: Span }) {
  const { t } = useTranslation();
  const may = useMay();
  return (
    <div className="downloads">
      <span className="downloads__group">
        <strong>{t("account.report")}</strong>
        {(["zh", "en"] as const).map((language) => (
          <span key={language} className="downloads__pair">
            <a className="button" href={`${ROOT}/ledger/shift-report.html?${reportQuery(site.siteId, choice, span, language)}`} target="_blank" rel="noreferrer" data-testid={`report-${language}`}>
              <FileText size={14} aria-hidden="true" /> {t(`account.language.${language}`)}
            </a>
            <a className="button" href={`${ROOT}/ledger/shift-report.pdf?${reportQuery(site.siteId, choice, span, language)}`} target="_blank" rel="noreferrer" data-testid={`report-pdf-${language}`} aria-label={t("account.pdfOf", { language: t(`account.language.${language}`) })}>
              <Printer size={14} aria-hidden="true" /> PDF
            </a>
          </span>
        ))}
      </span>
      {may("export") && (
        <details className="downloads__export">
          <summary className="button" data-testid="exports"><Download size={14} aria-hidden="true" /> {t("account.export")}</summary>
          <div>
            <p>{t("account.exportHint")}</p>
            {TABLES.map((what) => (
              <p key={what}>
                <span>{t(`account.table.${what}`)}</span>
                {FORMATS.map((format) => (
                  <a key={format} className="link-button" href={`${ROOT}/ledger/exports/${what}?${new URLSearchParams({ siteId: site.siteId, ...span, format })}`} download data-testid={`export-${what}-${format}`}>
                    {format === "csv" ? "CSV" : "Parquet"}
                  </a>
                ))}
              </p>
            ))}
            <p>
              <span>{t("account.map")}</span>
              <a className="link-button" href={`${ROOT}/ledger/geojson?${new URLSearchParams({ siteId: site.siteId, day: localDay(span.since, site.timezone) })}`} download data-testid="export-geojson">
                GeoJSON {localDay(span.since, site.timezone)}
              </a>
            </p>
          </div>
        </details>
      )}
    </div>
  );
}

/** The day on the site's calendar, as 2026-11-26. */
const localDay = (iso: string, timeZone: string) => new Intl.DateTimeFormat("sv-SE", { timeZone }).format(new Date(iso));
