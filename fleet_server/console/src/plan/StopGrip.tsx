import { GripVertical } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  /** From 1, as it is read. */
  n: number;
  /** From 0. */
  place: number;
  /** `step` is the same through one drag. */
  onMove: (place: number, step?: string) => void;
}

let drags = 0;

/** The number of a stop, by which it is dragged to another place of the list; the arrow keys do the same. */
export function StopGrip({ n, place, onMove }: Props) {
  const { t } = useTranslation();
  const grip = useRef<HTMLButtonElement>(null);
  const move = useRef(onMove);
  move.current = onMove;
  const drop = useRef(() => undefined as void);
  useEffect(() => () => drop.current(), []);
  const press = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const step = `drag stop ${++drags}`;
    const pull = (at: globalThis.PointerEvent) => {
      const row = grip.current?.closest("li");
      const rows = [...(row?.parentElement?.querySelectorAll("li.stop") ?? [])].filter((each) => each !== row);
      move.current(rows.filter((each) => middleOf(each) < at.clientY).length, step);
    };
    drop.current(); // the row is moved in the document as it is dragged, so the pointer is followed by the window
    drop.current = () => {
      window.removeEventListener("pointermove", pull);
      for (const end of ENDS) window.removeEventListener(end, drop.current);
    };
    window.addEventListener("pointermove", pull);
    for (const end of ENDS) window.addEventListener(end, drop.current);
  };
  const key = (event: KeyboardEvent) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    onMove(place + by);
    requestAnimationFrame(() => grip.current?.focus()); // what is moved in the document loses it
  };
  return (
    <button ref={grip} type="button" className="stop__grip" aria-label={t("plan.grip", { n })} title={t("plan.grip", { n })} onPointerDown={press} onKeyDown={key} data-testid="stop-grip">
      <GripVertical size={13} aria-hidden="true" />
      <span className="stop__number">{n}</span>
    </button>
  );
}

const ENDS = ["pointerup", "pointercancel"] as const;

function middleOf(row: Element): number {
  const { top, height } = row.getBoundingClientRect();
  return top + height / 2;
}
