import { Eye, EyeOff, History } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { goTo, useParam } from "../app/address";
import { useRoutes } from "../api/queries";
import type { Backtest, Point, Site } from "../api/types";
import { named } from "../i18n";
import { IncidentPlace } from "../live/IncidentPlace";
import { kindOf } from "../live/incidentWords";
import { Checkpoints, Docks } from "../map/MapPlaces";
import { Marker } from "../map/Marker";
import { MapLine, SiteMap, useSiteMap } from "../map/SiteMap";
import { Notice, Waiting } from "../ui/Notice";
import { RequestFailure } from "../ui/RequestFailure";
import { day, dayAndMinute, minute } from "../ui/timeFormat";
import { useNow } from "../ui/useNow";
import { useBacktest } from "./backtestQueries";
import { awayIn, backtestSpan, isSeen, readShown, readSpanName, type Shown, SHOWN, shownOf, SPANS } from "./backtestSpan";

type Finding = Backtest["findings"][number];
const MOST_SHOWN = 100;

/** What the planned rounds would have seen of the incidents of the last days, and why not the others. */
export function ReviewView({ site }: { site: Site }) {
  const { t } = useTranslation();
  const [asked, ask] = useParam("span");
  const [filter, choose] = useParam("shown");
  const [chosen, pick] = useParam("incident");
  const [focus, setFocus] = useState<{ point: Point; nonce: number } | null>(null);
  const name = readSpanName(asked);
  const span = backtestSpan(name, site.timezone, useNow(60_000));
  const found = useBacktest(site.siteId, span);
  const shown = readShown(filter);
  const all = useMemo(() => shownOf(found.data?.findings ?? [], shown), [found.data, shown]);
  const rows = all.slice(0, MOST_SHOWN);
  const open = (finding: Finding) => {
    pick(finding.incidentId);
    setFocus((old) => ({ point: finding, nonce: (old?.nonce ?? 0) + 1 }));
  };
  return (
    <div className="plan review">
      <aside className="panel panel--plan" aria-labelledby="review-title">
        <header className="panel__head">
          <h2 id="review-title">{t("review.title")}</h2>
        </header>
        <div className="review__asked" role="group" aria-label={t("review.span")}>
          {SPANS.map((each) => (
            <button key={each} type="button" className="chip" aria-pressed={each === name} onClick={() => ask(each)} data-testid={`review-${each}`}>{t(`review.spans.${each}`)}</button>
          ))}
        </div>
        <div className="panel__body">
          {found.isPending && <Waiting rows={4} label={t("common.loading")} />}
          {found.isError && <RequestFailure error={found.error} retry={() => void found.refetch()} />}
          {found.data && <Sum found={found.data} shown={shown} choose={choose} />}
          {found.data && found.data.findings.length > 0 && rows.length === 0 && shown !== "all" && <p className="review__hint">{t(`review.none.${shown}`)}</p>}
          <ol className="review__list">
            {rows.map((finding) => (
              <FindingRow key={finding.incidentId} finding={finding} site={site} within={found.data!.withinM} open={finding.incidentId === chosen} onOpen={() => open(finding)} />
            ))}
          </ol>
          {all.length > rows.length && <p className="review__hint">{t("review.more", { n: all.length - rows.length })}</p>}
          {found.data && found.data.findings.length > 0 && <p className="review__hint">{t("review.honest", { m: found.data.withinM })}</p>}
        </div>
      </aside>
      <div className="plan__map">
        <SiteMap site={site} focus={focus}>
          {found.data?.ways.filter((way) => way.scheduled).map((way) => <MapLine key={way.routeId} id={`way-${way.routeId}`} points={way.corners} />)}
          <Docks site={site} />
          <Checkpoints site={site} />
          {rows.map((finding) => <Pin key={finding.incidentId} finding={finding} chosen={finding.incidentId === chosen} onOpen={() => open(finding)} />)}
        </SiteMap>
      </div>
    </div>
  );
}

/** How many of them, and what to do where there is nothing to say. */
function Sum({ found, shown, choose }: { found: Backtest; shown: Shown; choose: (name: string) => void }) {
  const { t } = useTranslation();
  const of = { all: found.findings.length, seen: found.seen, missed: found.findings.length - found.seen };
  if (of.all === 0) return <Notice icon={<History size={22} />} title={t("review.empty")} hint={t("review.emptyHint")} />;
  return (
    <>
      <p className="review__sum" data-testid="review-sum" data-seen={of.seen} data-all={of.all} data-rounds={found.rounds}>
        {t("review.sum", { seen: of.seen, all: of.all })} {found.inSpan > of.all && t("review.newest", { n: of.all, all: found.inSpan })}
        <small>{t("review.rounds", { n: found.rounds })}</small>
      </p>
      {found.rounds === 0 && (
        <Notice icon={<History size={22} />} title={t("review.noRounds")} hint={t("review.noRoundsHint")}>
          <button type="button" className="button" onClick={() => goTo("plan", "calendar")}>{t("schedules.open")}</button>
        </Notice>
      )}
      <div className="review__asked" role="group" aria-label={t("review.title")}>
        {SHOWN.map((each) => (
          <button key={each} type="button" className="chip" aria-pressed={each === shown} onClick={() => choose(each)} data-testid={`review-shown-${each}`}>{t(`review.shown.${each}`, { n: of[each] })}</button>
        ))}
      </div>
    </>
  );
}

interface RowProps {
  finding: Finding;
  site: Site;
  within: number;
  open: boolean;
  onOpen: () => void;
}

function FindingRow({ finding, site, within, open, onOpen }: RowProps) {
  const { t } = useTranslation();
  return (
    <li className={`finding${open ? " is-open" : ""}${isSeen(finding) ? " is-seen" : ""}`}>
      <button type="button" onClick={onOpen} aria-pressed={open} data-testid="finding" data-incident={finding.incidentId} data-verdict={finding.verdict}>
        <span className="finding__sign" role="img" aria-label={t(`review.verdict.${finding.verdict}`)}>{isSeen(finding) ? <Eye size={16} /> : <EyeOff size={16} />}</span>
        <span className="finding__words">
          <strong>{kindOf(finding, t)}</strong>
          <small><IncidentPlace incident={{ zoneName: finding.zoneName, position: { ...finding, deviation: null, covariance: null } }} site={site} /> · <span className="number">{between(finding.firstSeen, finding.lastSeen, site.timezone)}</span></small>
          <span><b>{t(`review.verdict.${finding.verdict}`)}</b>{t("review.colon")}<Reason finding={finding} zone={site.timezone} within={within} /></span>
        </span>
      </button>
    </li>
  );
}

/** Why, with the figures. */
function Reason({ finding, zone, within }: { finding: Finding; zone: string; within: number }) {
  const { t } = useTranslation();
  const routes = useRoutes().data;
  const route = routes?.find((each) => each.routeId === finding.routeId);
  const m = finding.distanceM == null ? "" : Math.max(1, Math.round(finding.distanceM));
  const words = { m, within, route: route ? named(route.name) : "", schedule: finding.scheduleName ? named(finding.scheduleName) : "" };
  if (finding.verdict === "NOT_PASSED") return t(finding.routeId === null ? "review.reason.noRoutes" : finding.hidden ? "review.reason.hidden" : "review.reason.NOT_PASSED", words);
  if (finding.verdict === "NO_ROUND") return t("review.reason.NO_ROUND", words);
  const when = finding.beginsAt && finding.endsAt ? between(finding.beginsAt, finding.endsAt, zone) : "";
  if (finding.verdict === "SEEN") return t("review.reason.SEEN", { ...words, when });
  const { unit, n } = awayIn(finding.offS);
  return t(finding.offS > 0 ? "review.reason.late" : "review.reason.early", { ...words, when, away: t(`review.${unit}`, { n }) });
}

/** A span of minutes, with its day said once. */
function between(from: string, to: string, zone: string): string {
  const last = day(from, zone) === day(to, zone) ? minute(to, zone) : dayAndMinute(to, zone);
  return dayAndMinute(from, zone) === dayAndMinute(to, zone) ? dayAndMinute(from, zone) : `${dayAndMinute(from, zone)}–${last}`;
}

function Pin({ finding, chosen, onOpen }: { finding: Finding; chosen: boolean; onOpen: () => void }) {
  const { t } = useTranslation();
  const { labels } = useSiteMap();
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => labels.keepClear(button.current!), [labels]);
  const label = `${kindOf(finding, t)}${t("review.colon")}${t(`review.verdict.${finding.verdict}`)}`;
  return (
    <Marker at={finding} level={chosen ? 36 : 30}>
      <button ref={button} type="button" className={`finding-pin${isSeen(finding) ? " is-seen" : ""}${chosen ? " is-selected" : ""}`} aria-label={label} title={label} onClick={onOpen} data-testid="finding-pin">
        {isSeen(finding) ? <Eye size={13} /> : <EyeOff size={13} />}
      </button>
    </Marker>
  );
}
