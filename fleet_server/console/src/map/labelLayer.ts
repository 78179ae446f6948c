import type { Map as GlMap } from "maplibre-gl";

import { type Box, type Label, type Offset, placeLabels } from "./labelPlacement";

/** A label as its layer has it. */
export interface LabelEntry extends Pick<Label, "priority" | "clearance" | "insists"> {
  /** Where its sign stands on the screen, and what its words take there; null: nothing of it is laid out. `frame` is the map's. */
  measure(frame: Box): Omit<Label, "id" | "priority" | "clearance" | "insists"> | null;
  /** From the middle of its sign; null: not at all. */
  show(offset: Offset | null): void;
}

/** At most so often, milliseconds: a walking dog's label follows it anyway. Where there are so many that it takes long, it rests for so many times as long. */
const EVERY_MS = 120;
const REST = 12;

/** The labels of one map, placed anew when it moves or one of them changes. */
export class LabelLayer {
  private readonly entries = new Map<string, LabelEntry>();
  private readonly signs = new Set<HTMLElement>();
  private placed = new Map<string, Offset | null>();
  private timer = 0;
  private took = 0;

  constructor(private readonly map: GlMap) {
    map.on("move", this.place);
    map.on("resize", this.place);
    void document.fonts?.ready.then(this.place);
  }

  /** Take a label in; what is returned takes it out again. */
  add(id: string, entry: LabelEntry): () => void {
    this.entries.set(id, entry);
    this.place();
    return () => {
      this.entries.delete(id);
      this.place();
    };
  }

  /** Take in something without a label that none may cover; what is returned takes it out again. */
  keepClear(sign: HTMLElement): () => void {
    this.signs.add(sign);
    this.place();
    return () => {
      this.signs.delete(sign);
      this.place();
    };
  }

  /** The map's element says while it is due, for who looks at labels by a program. */
  readonly place = (): void => {
    this.map.getContainer().toggleAttribute("data-labels-due", true);
    this.timer ||= window.setTimeout(() => {
      this.timer = 0;
      const began = performance.now();
      this.placeNow();
      this.took = performance.now() - began;
      this.map.getContainer().removeAttribute("data-labels-due");
    }, Math.max(EVERY_MS, REST * this.took));
  };

  stop(): void {
    window.clearTimeout(this.timer);
    this.map.off("move", this.place);
    this.map.off("resize", this.place);
  }

  /** Reads all sizes first and writes after, so that the browser lays out once. */
  private placeNow(): void {
    const canvas = this.map.getContainer().getBoundingClientRect();
    const frame: Box = { left: canvas.left, top: canvas.top, right: canvas.right, bottom: canvas.bottom };
    const labels = [...this.entries].flatMap(([id, entry]): Label[] => {
      const measured = entry.measure(frame);
      return measured ? [{ id, priority: entry.priority, clearance: entry.clearance, insists: entry.insists, ...measured }] : [];
    });
    this.placed = placeLabels(labels, frame, this.placed, [...this.signs].map((sign) => sign.getBoundingClientRect()));
    for (const [id, entry] of this.entries) entry.show(this.placed.get(id) ?? null);
  }
}

/** A label that is an element inside its sign's. */
export function ofElement(element: HTMLElement, priority: number, clearance: number): LabelEntry {
  return {
    priority,
    clearance,
    measure: () => {
      const sign = element.parentElement?.getBoundingClientRect();
      if (!sign || element.offsetWidth === 0) return null;
      return { x: sign.left + sign.width / 2, y: sign.top + sign.height / 2, width: element.offsetWidth, height: element.offsetHeight };
    },
    show: (offset) => {
      element.toggleAttribute("data-crowded-out", offset === null);
      if (offset) element.style.transform = `translate(calc(-50% + ${offset.dx}px), calc(-50% + ${offset.dy}px))`;
    },
  };
}
