import "uplot/dist/uPlot.min.css";

import { type PointerEvent, useEffect, useRef } from "react";
import uPlot from "uplot";

import { language } from "../i18n";
import { useTheme } from "../ui/theme";
import { minute, monthDay } from "../ui/timeFormat";
import { gapsOf, type Span } from "./historySpans";

/** Beside the plot, pixels; history.css has the same. */
const AXIS_PX = 44;
const RIGHT_PX = 12;
const FAULT_PX = 5;
const HATCH_PX = 7;

export interface Drawn {
  name: "battery" | "walked" | "live";
  values: (span: Span) => (number | null)[];
  colours: string[];
  bars: boolean;
  /** The highest value of the scale; null: as high as what is drawn. */
  most: number | null;
}

interface Props {
  drawn: Drawn;
  title: string;
  spans: Span[];
  spanS: number;
  zone: string;
  timeAxis: boolean;
  chosen: number;
  choose: (place: number) => void;
}

/** One quantity over time. Where nothing is known it is hatched; a red tick at the upper rim is a span with a fault. */
export function HistoryPlot({ drawn, title, spans, spanS, zone, timeAxis, chosen, choose }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const speaks = language();
  useEffect(() => {
    const element = box.current!;
    const plot = new uPlot(options(element, drawn, spans, spanS, zone, timeAxis), data(drawn, spans, spanS), element);
    const watch = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: element.clientHeight }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [drawn, spans, spanS, zone, timeAxis, theme, speaks]);
  const point = (event: PointerEvent) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const place = Math.floor(((event.clientX - left - AXIS_PX) / (width - AXIS_PX - RIGHT_PX)) * spans.length);
    if (place >= 0 && place < spans.length) choose(place);
  };
  return (
    <figure className="plot">
      <figcaption>{title}</figcaption>
      <div className="plot__area" data-axis={timeAxis || undefined} role="img" aria-label={title} onPointerMove={point} onPointerDown={point} data-testid={`plot-${drawn.name}`}>
        <div className="plot__canvas" ref={box} />
        <i className="plot__moment" style={{ "--at": (chosen + 0.5) / spans.length } as React.CSSProperties} />
      </div>
    </figure>
  );
}

function data(drawn: Drawn, spans: Span[], spanS: number): uPlot.AlignedData {
  const rows = spans.map(drawn.values);
  return [spans.map(({ at }) => at + spanS / 2), ...drawn.colours.map((_, n) => rows.map((row) => row[n] ?? null))];
}

function options(element: HTMLElement, drawn: Drawn, spans: Span[], spanS: number, zone: string, timeAxis: boolean): uPlot.Options {
  const colour = (name: string) => colourOf(element, name);
  const axis = { stroke: colour("--faint"), font: `11px ${getComputedStyle(element).fontFamily}`, ticks: { show: false }, grid: { stroke: colour("--line"), width: 1 } };
  const range: [number, number] = [spans[0]!.at, spans.at(-1)!.at + spanS];
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    padding: [8, RIGHT_PX, timeAxis ? 0 : 8, 0],
    legend: { show: false },
    cursor: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    scales: { x: { range }, y: { range: (_plot, _least, most) => [0, drawn.most ?? Math.max(1, (most ?? 0) * 1.1)] } },
    axes: [
      { ...axis, size: timeAxis ? 26 : 0, space: 64, values: (_plot, splits, _n, _space, step) => splits.map((at) => (timeAxis ? timeWords(at, step, zone) : "")) },
      { ...axis, size: AXIS_PX, space: 28, values: (_plot, splits) => splits.map(String) },
    ],
    series: [{}, ...drawn.colours.map((name, n) => series(colour(name), drawn.bars, n))],
    hooks: { drawClear: [(plot) => hatch(plot, gapsOf(spans, spanS), colour("--line-strong"))], draw: [(plot) => markFaults(plot, spans, spanS, colour("--alert"))] },
  };
}

function series(colour: string, bars: boolean, n: number): uPlot.Series {
  if (bars) return { stroke: colour, fill: colour, width: 0, paths: uPlot.paths.bars!({ size: [0.86, 60] }), points: { show: false } };
  return { stroke: colour, width: n === 0 ? 2 : 1, points: { show: true, size: 4, width: 0, fill: colour, filter: alone } };
}

/** Points between two gaps, which no line joins to another. */
function alone(plot: uPlot, n: number): number[] {
  const values = Array.from(plot.data[n]!);
  return values.flatMap((value, place) => (value !== null && values[place - 1] == null && values[place + 1] == null ? [place] : []));
}

function timeWords(at: number, step: number, zone: string): string {
  const time = minute(at * 1000, zone);
  return step >= 86_400 || time === "00:00" ? monthDay(at * 1000, zone) : time;
}

function hatch(plot: uPlot, gaps: [number, number][], colour: string): void {
  const { ctx, bbox } = plot;
  const step = HATCH_PX * uPlot.pxRatio;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = uPlot.pxRatio;
  for (const [from, to] of gaps) {
    const left = plot.valToPos(from, "x", true);
    const width = plot.valToPos(to, "x", true) - left;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, width, bbox.height);
    ctx.clip();
    ctx.beginPath();
    // All lines lie on one raster, so that two gaps side by side look like one.
    for (let x = Math.floor((left - bbox.height) / step) * step; x < left + width; x += step) {
      ctx.moveTo(x, bbox.top + bbox.height);
      ctx.lineTo(x + bbox.height, bbox.top);
    }
    ctx.stroke();
    ctx.restore();
  }
  ctx.restore();
}

function markFaults(plot: uPlot, spans: Span[], spanS: number, colour: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = colour;
  for (const { at, sample } of spans) {
    if (!sample?.errors.length) continue;
    const left = plot.valToPos(at, "x", true);
    const width = plot.valToPos(at + spanS, "x", true) - left;
    ctx.fillRect(left, bbox.top, Math.max(width, 2 * uPlot.pxRatio), FAULT_PX * uPlot.pxRatio);
  }
  ctx.restore();
}

/** A canvas knows no `light-dark()`: the colour as the browser has worked it out. */
function colourOf(element: HTMLElement, name: string): string {
  const probe = element.appendChild(document.createElement("i"));
  probe.style.color = `var(${name})`;
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
