import "../styles/history.css";

import { PawPrint } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { useDogs } from "../api/queries";
import type { DogHistory, HistorySample, Site } from "../api/types";
import { told } from "../api/vehicleError";
import { useParam } from "../app/address";
import { Notice, Waiting } from "../ui/Notice";
import { RequestFailure } from "../ui/RequestFailure";
import { dayAndMinute, duration, minute } from "../ui/timeFormat";
import { type Drawn, HistoryPlot } from "./HistoryPlot";
import { useHistory } from "./historyQueries";
import { type Look, LOOKS, readLook, spansOf, type Summary, summaryOf } from "./historySpans";

const PLOTS: Drawn[] = [
  { name: "battery", values: ({ sample }) => [sample?.battery ?? null, sample?.batteryLeast ?? null], colours: ["--accent", "--warn"], bars: false, most: 100 },
  { name: "walked", values: ({ sample }) => [sample?.walkedM ?? null], colours: ["--good"], bars: true, most: null },
  { name: "live", values: ({ sample }) => [sample ? sample.live * 100 : null], colours: ["--accent-line"], bars: true, most: 100 },
];

/** How a dog was in the last hour, day or month, as the station kept it. */
export default function DogHistoryPage({ site }: { site: Site }) {
  const { t } = useTranslation();
  const dogs = useDogs().data;
  const [named, name] = useParam("dog");
  const [asked, ask] = useParam("span");
  const look = readLook(asked);
  const dogId = named ?? dogs?.[0]?.dogId;
  if (!dogs) return <Waiting rows={4} label={t("common.loading")} />;
  if (dogId === undefined) return <Notice icon={<PawPrint size={22} />} title={t("dogs.empty")} hint={t("dogs.emptyHint")} />;
  return (
    <div className="account" data-testid="dog-history">
      <div className="filter history__bar">
        <select className="chip" aria-label={t("ledger.dog")} value={dogId} onChange={(event) => name(event.target.value)} data-testid="history-dog">
          {dogs.every((dog) => dog.dogId !== dogId) && <option>{dogId}</option>}
          {dogs.map((dog) => <option key={dog.dogId}>{dog.dogId}</option>)}
        </select>
        <span role="group" aria-label={t("account.span")} className="history__looks">
          {(Object.keys(LOOKS) as Look[]).map((each) => (
            <button key={each} type="button" className="chip" aria-pressed={each === look} onClick={() => ask(each)} data-testid={`history-${each}`}>{t(`history.look.${each}`)}</button>
          ))}
        </span>
      </div>
      <OneDog key={dogId} dogId={dogId} look={look} zone={site.timezone} />
    </div>
  );
}

function OneDog({ dogId, look, zone }: { dogId: string; look: Look; zone: string }) {
  const { t } = useTranslation();
  const history = useHistory(dogId, look);
  if (history.isPending) return <Waiting rows={4} label={t("common.loading")} />;
  if (history.isError) return <RequestFailure error={history.error} retry={() => void history.refetch()} />;
  return <History history={history.data} zone={zone} />;
}

function History({ history, zone }: { history: DogHistory; zone: string }) {
  const { t } = useTranslation();
  const { spanS } = history;
  const spans = useMemo(() => spansOf(history), [history]);
  const summary = useMemo(() => summaryOf(spans, spanS), [spans, spanS]);
  const [at, choose] = useState<number | null>(null); // the chosen span's begin: what comes after does not move it
  if (summary === null) return <Notice title={t("history.nothing")} hint={t("history.nothingHint")} />;
  const found = spans.findIndex((span) => span.at === at);
  const chosen = found >= 0 ? found : spans.findLastIndex((span) => span.sample !== null);
  const span = spans[chosen]!;
  const when = `${dayAndMinute(span.at * 1000, zone)}–${minute((span.at + spanS) * 1000, zone)}`;
  const facts = span.sample ? factsOf(span.sample, t) : [t("history.gap")];
  return (
    <>
      <p className="history__summary" data-testid="history-summary">{summaryWords(summary, t)}</p>
      <div className="history__moment" data-testid="history-moment" data-gap={span.sample === null || undefined}>
        <strong>{when}</strong>
        {facts.map((fact) => <span key={fact}>{fact}</span>)}
      </div>
      <div className="history__plots" data-since={spans[0]!.at} data-until={spans.at(-1)!.at + spanS} data-span={spanS} data-testid="history-plots">
        <input
          type="range"
          className="history__slider"
          min={0}
          max={spans.length - 1}
          value={chosen}
          aria-label={t("history.slider")}
          aria-valuetext={[when, ...facts].join(t("history.break"))}
          onChange={(event) => choose(spans[Number(event.target.value)]!.at)}
          data-testid="history-slider"
        />
        {PLOTS.map((drawn, n) => (
          <HistoryPlot
            key={drawn.name}
            drawn={drawn}
            title={t(`history.plot.${drawn.name}`, { span: spanWords(spanS, t) })}
            spans={spans}
            spanS={spanS}
            zone={zone}
            timeAxis={n === PLOTS.length - 1}
            chosen={chosen}
            choose={(place) => choose(spans[place]!.at)}
          />
        ))}
      </div>
      <p className="ledger__hint history__legend">{t("history.legend")}</p>
    </>
  );
}

type T = ReturnType<typeof useTranslation>["t"];

function factsOf({ battery, batteryLeast, walkedM, speedMost, live, errors }: HistorySample, t: T): string[] {
  return [
    battery === null ? t("dogs.batteryUnknown") : t("history.battery", { n: Math.round(battery), least: Math.round(batteryLeast ?? battery) }),
    t("history.walked", { m: Math.round(walkedM), v: speedMost.toFixed(2) }),
    t("history.live", { n: Math.round(live * 100) }),
    ...errors.map((type) => told({ type, detail: "" }).words),
  ];
}

function summaryWords({ battery, walkedM, live, gaps, gapsS }: Summary, t: T): string {
  const round = Math.round;
  return [
    battery === null ? t("dogs.batteryUnknown") : t("history.sum.battery", { first: round(battery.first), last: round(battery.last), least: round(battery.least) }),
    t("history.sum.walked", { km: (walkedM / 1000).toFixed(2) }),
    t("history.sum.live", { n: round(live * 100) }),
    gaps > 0 ? t("history.sum.gaps", { n: gaps, time: duration(gapsS * 1000) }) : t("history.sum.whole"),
  ].join(t("history.break"));
}

const spanWords = (spanS: number, t: T) => (spanS < 3600 ? t("history.minutes", { n: spanS / 60 }) : t("history.hours", { n: spanS / 3600 }));
