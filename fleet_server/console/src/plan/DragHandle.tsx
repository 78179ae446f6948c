import { type KeyboardEvent, type PointerEvent, type ReactNode, type SyntheticEvent, useRef } from "react";

import type { Point } from "../api/types";
import { Marker } from "../map/Marker";
import { useSiteMap } from "../map/SiteMap";

interface Props {
  at: Point;
  level: number;
  className: string;
  label: string;
  testId?: string;
  chosen?: boolean;
  /** `step` is the same through one drag. */
  onDrag?: (to: Point, step: string) => void;
  /** A drag has ended. */
  onDrop?: () => void;
  onPress?: () => void;
  onDelete?: () => void;
  children?: ReactNode;
}

/** A press becomes a drag when it has moved so far, pixels. */
const STILL_PX = 3;
/** What an arrow key moves, metres; with Shift the other. */
const ARROW_M = 0.1;
const ARROW_SHIFT_M = 1;
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
let steps = 0;

/** A thing on the map that is pressed, dragged, or moved by the arrow keys. */
export function DragHandle({ at, level, className, label, testId, chosen, onDrag, onDrop, onPress, onDelete, children }: Props) {
  const { map, frame } = useSiteMap();
  const drag = useRef<{ x: number; y: number; step: string; moved: boolean } | null>(null);
  const still = (event: SyntheticEvent) => event.stopPropagation(); // the map would be moved too
  const down = (event: PointerEvent<HTMLButtonElement>) => {
    still(event);
    if (event.button !== 0 || !onDrag) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, y: event.clientY, step: `drag ${++steps}`, moved: false };
  };
  const move = (event: PointerEvent<HTMLButtonElement>) => {
    const it = drag.current;
    if (!it || !onDrag || event.buttons === 0) return;
    if (!it.moved && Math.hypot(event.clientX - it.x, event.clientY - it.y) < STILL_PX) return;
    it.moved = true;
    const box = map.getContainer().getBoundingClientRect();
    onDrag(frame.toMap(map.unproject([event.clientX - box.left, event.clientY - box.top]).toArray()), it.step);
  };
  const click = (event: SyntheticEvent) => {
    still(event);
    const dragged = drag.current?.moved;
    drag.current = null;
    if (!dragged) onPress?.();
  };
  const press = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    const gone = (event.key === "Delete" || event.key === "Backspace") && onDelete;
    if (!(arrow && onDrag) && !gone) return;
    event.preventDefault();
    still(event);
    if (gone) return gone();
    const metres = event.shiftKey ? ARROW_SHIFT_M : ARROW_M;
    onDrag!({ x: at.x + arrow![0] * metres, y: at.y + arrow![1] * metres }, `arrows ${label}`);
    onDrop?.();
  };
  return (
    <Marker at={at} level={level}>
      <button
        type="button"
        className={`drag-handle ${className}`}
        aria-label={label}
        title={label}
        aria-pressed={chosen}
        data-testid={testId}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={() => (drag.current?.moved ? onDrop?.() : (drag.current = null))}
        onPointerCancel={() => (drag.current?.moved && onDrop?.(), (drag.current = null))}
        onMouseDown={still}
        onTouchStart={still}
        onDoubleClick={still}
        onClick={click}
        onKeyDown={press}
      >
        {children}
      </button>
    </Marker>
  );
}
