import { useTranslation } from "react-i18next";

import { useParam } from "../app/address";
import type { Coverage, LedgerSummary, Site } from "../api/types";
import { named } from "../i18n";
import { Checkpoints, Docks } from "../map/MapPlaces";
import { SiteMap } from "../map/SiteMap";
import { roundReason } from "../schedules/roundReason";
import { Waiting } from "../ui/Notice";
import { RequestFailure } from "../ui/RequestFailure";
import { useNow } from "../ui/useNow";
import { HeatLayer } from "./HeatLayer";
import { HourBars, lasting } from "./HourBars";
import { LedgerDownloads } from "./LedgerDownloads";
import { useCoverage, useShifts, useSummary } from "./ledgerQueries";
import { readSpan, spanOf } from "./ledgerSpan";
import { SpanPicker } from "./SpanPicker";

/** What a span of time came to: figures, how well places were watched, rounds kept; the shift report and exports. */
export function OverviewPage({ site }: { site: Site }) {
  const { t } = useTranslation();
  const [asked, ask] = useParam("span");
  const choice = readSpan(asked);
  const shifts = useShifts(site.siteId);
  const span = spanOf(choice, shifts.data ?? [], useNow());
  const summary = useSummary(site.siteId, span);
  const coverage = useCoverage(site.siteId, span);
  const failed = [shifts, summary, coverage].find((query) => query.isError);
  return (
    <div className="account" data-testid="ledger-account">
      <div className="account__bar">
        <SpanPicker choice={choice} shifts={shifts.data ?? []} choose={ask} />
        {span && <LedgerDownloads site={site} choice={choice} span={span} />}
      </div>
      {failed && <RequestFailure error={failed.error!} retry={() => void failed.refetch()} />}
      {!span && shifts.data && <p className="ledger__hint">{t("account.noShift")}</p>}
      {(summary.isLoading || coverage.isLoading) && !failed && <Waiting rows={6} label={t("common.loading")} />}
      {summary.data && <Tiles summary={summary.data} />}
      {coverage.data && <Watched site={site} coverage={coverage.data} />}
      {summary.data && <Rounds summary={summary.data} />}
      {summary.data && <Dogs summary={summary.data} />}
    </div>
  );
}

function Tiles({ summary }: { summary: LedgerSummary }) {
  const { t } = useTranslation();
  const sum = (of: (dog: LedgerSummary["dogs"][number]) => number) => summary.dogs.reduce((n, dog) => n + of(dog), 0);
  const answered = summary.incidents.reduce((n, kind) => n + kind.acknowledged, 0);
  const waited = summary.incidents.reduce((n, kind) => n + (kind.answeredS ?? 0) * kind.acknowledged, 0);
  const due = summary.rounds.reduce((n, round) => n + Object.values(round.outcomes).reduce((a, b) => a + b, 0), 0);
  const kept = summary.rounds.reduce((n, round) => n + (round.outcomes.KEPT ?? 0), 0);
  const tiles: [string, string, string][] = [
    ["patrols", `${sum((dog) => dog.completed)} / ${sum((dog) => dog.patrols)}`, t("account.tile.completed")],
    ["distance", t("account.km", { n: (sum((dog) => dog.walkedM) / 1000).toFixed(1) }), lasting(sum((dog) => dog.seconds))],
    ["checkpoints", `${sum((dog) => dog.reached)} / ${sum((dog) => dog.checkpoints)}`, t("account.tile.trouble", { late: sum((dog) => dog.late), skipped: sum((dog) => dog.skipped) })],
    ["incidents", String(summary.incidents.reduce((n, kind) => n + kind.incidents, 0)), t("account.tile.open", { n: summary.incidents.reduce((n, kind) => n + kind.open, 0) })],
    ["answered", lasting(answered ? waited / answered : null), t("account.tile.acknowledged", { n: answered })],
    ["rounds", due ? `${kept} / ${due}` : "–", t("account.tile.inTime")],
    ["idle", lasting(summary.watched.meanS), t("account.tile.worst", { s: lasting(summary.watched.worstS) })],
  ];
  return (
    <dl className="tiles" data-testid="ledger-tiles">
      {tiles.map(([name, value, note]) => (
        <div key={name}>
          <dt>{t(`account.tile.${name}`)}</dt>
          <dd className="number" data-testid={`tile-${name}`}>{value}</dd>
          <dd className="tiles__note">{note}</dd>
        </div>
      ))}
    </dl>
  );
}

function Watched({ site, coverage }: { site: Site; coverage: Coverage }) {
  const { t } = useTranslation();
  const names = new Map(site.checkpoints.map((checkpoint) => [checkpoint.checkpointId, checkpoint.name]));
  const places = [...coverage.places].sort((a, b) => (b.worstS ?? 0) - (a.worstS ?? 0));
  return (
    <section className="account__watched" aria-label={t("account.watched")}>
      <div>
        <h2>{t("account.watched")}</h2>
        <div className="account__map" data-testid="coverage-map" data-cells={coverage.cells.length}>
          <SiteMap site={site}>
            <HeatLayer cells={coverage.cells} />
            <Docks site={site} />
            <Checkpoints site={site} />
          </SiteMap>
        </div>
        <p className="ledger__hint">{t("account.heatHint", { tracks: coverage.tracks, patrols: coverage.patrols })}</p>
      </div>
      <div>
        <h2>{t("account.byHour")}</h2>
        <HourBars hours={coverage.hours} />
        <h2>{t("account.byPlace")}</h2>
        <table className="table" data-testid="place-table">
          <thead>
            <tr>
              <th>{t("account.place")}</th>
              <th>{t("account.visits")}</th>
              <th>{t("account.mean")}</th>
              <th>{t("account.worst")}</th>
            </tr>
          </thead>
          <tbody>
            {places.map((place) => (
              <tr key={place.checkpointId} data-testid="place-row">
                <td data-label={t("account.place")}><strong>{named(names.get(place.checkpointId) ?? { zh: place.checkpointId, en: place.checkpointId })}</strong></td>
                <td data-label={t("account.visits")} className="number">{place.visits}</td>
                <td data-label={t("account.mean")} className="number">{lasting(place.meanS)}</td>
                <td data-label={t("account.worst")} className="number">{lasting(place.worstS)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const OUTCOMES = ["KEPT", "LATE", "UNFINISHED", "MISSED", "WAITING"] as const;

function Rounds({ summary }: { summary: LedgerSummary }) {
  const { t } = useTranslation();
  if (summary.rounds.length === 0) return null;
  return (
    <section>
      <h2>{t("account.rounds")}</h2>
      <table className="table" data-testid="compliance-table">
        <thead>
          <tr>
            <th>{t("schedules.one")}</th>
            {OUTCOMES.map((outcome) => <th key={outcome}>{t(`account.outcome.${outcome}`)}</th>)}
            <th>{t("account.promise")}</th>
            <th>{t("ledger.reason")}</th>
          </tr>
        </thead>
        <tbody>
          {summary.rounds.map((round) => (
            <tr key={round.scheduleId}>
              <td data-label={t("schedules.one")}><strong>{named(round.name)}</strong></td>
              {OUTCOMES.map((outcome) => <td key={outcome} data-label={t(`account.outcome.${outcome}`)} className="number">{round.outcomes[outcome] ?? 0}</td>)}
              <td data-label={t("account.promise")} className="number">
                {round.promise ? `${(100 * round.promise.kept).toFixed(1)} %` : "–"}
                {round.promise && round.promise.breaches > 0 && <small>{t("account.breaches", { n: round.promise.breaches, s: lasting(round.promise.longestS) })}</small>}
              </td>
              <td data-label={t("ledger.reason")}>{round.reasons.map((each) => <small key={each.reason}>{each.rounds} × {roundReason(each.reason)}</small>)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Dogs({ summary }: { summary: LedgerSummary }) {
  const { t } = useTranslation();
  if (summary.dogs.length === 0) return null;
  const columns = ["patrols", "distance", "time", "battery", "checkpoints", "late", "skipped"] as const;
  return (
    <section>
      <h2>{t("account.byDog")}</h2>
      <table className="table" data-testid="dog-sums">
        <thead>
          <tr>
            <th>{t("ledger.dog")}</th>
            {columns.map((name) => <th key={name}>{t(`account.column.${name}`)}</th>)}
          </tr>
        </thead>
        <tbody>
          {summary.dogs.map((dog) => {
            const values = [`${dog.completed} / ${dog.patrols}`, t("account.km", { n: (dog.walkedM / 1000).toFixed(2) }), lasting(dog.seconds), `${dog.chargeUsedPct.toFixed(0)} %`, `${dog.reached} / ${dog.checkpoints}`, dog.late, dog.skipped];
            return (
              <tr key={dog.dogId}>
                <td data-label={t("ledger.dog")}><strong>{dog.dogId}</strong></td>
                {columns.map((name, n) => <td key={name} data-label={t(`account.column.${name}`)} className="number">{values[n]}</td>)}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
