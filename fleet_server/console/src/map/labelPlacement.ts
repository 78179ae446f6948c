/** Which labels of a map are shown and where, so that none lies on another or on a sign. Pixels of the screen, y down. */

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Label {
  id: string;
  /** Of the sign that it names. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** Lower goes first. */
  priority: number;
  /** Half the side of the sign, which the label leaves free; 0: the label stands on the place itself. */
  clearance: number;
  /** It would rather lie on others' signs than not be shown; never on their words. */
  insists?: boolean;
}

/** Where a label's middle stands, from that of its sign. */
export interface Offset {
  dx: number;
  dy: number;
}

/** Between two labels, pixels. */
const GAP = 2;

/** Labels in the order of their priority, each at the first free place round its sign, clear of `others`; null: there is none. */
export function placeLabels(labels: Label[], frame: Box, before: ReadonlyMap<string, Offset | null>, others: Box[] = []): Map<string, Offset | null> {
  const signs = labels.filter((label) => label.clearance > 0).map((label) => ({ id: label.id, box: around(label.x, label.y, 2 * label.clearance, 2 * label.clearance) }));
  const taken: Box[] = [...others];
  const placed = new Map<string, Offset | null>();
  for (const label of [...labels].sort((a, b) => a.priority - b.priority || a.id.localeCompare(b.id))) {
    const clear = candidates(label, before.get(label.id)).filter((offset) => {
      const box = around(label.x + offset.dx, label.y + offset.dy, label.width + GAP, label.height + GAP);
      return within(box, frame) && !taken.some((other) => overlap(box, other));
    });
    const free = clear.find((offset) => {
      const box = around(label.x + offset.dx, label.y + offset.dy, label.width + GAP, label.height + GAP);
      return !signs.some((sign) => sign.id !== label.id && overlap(box, sign.box));
    });
    const offset = free ?? (label.insists ? clear[0] : undefined) ?? null;
    placed.set(label.id, offset);
    if (offset) taken.push(around(label.x + offset.dx, label.y + offset.dy, label.width + GAP, label.height + GAP));
  }
  return placed;
}

/** Where it stood before comes first, so that labels do not jump; then below, above, and beside. */
function candidates(label: Label, before: Offset | null | undefined): Offset[] {
  const side = label.clearance + label.width / 2 + 2;
  const up = label.clearance + label.height / 2 + 1;
  const round = label.clearance === 0
    ? [{ dx: 0, dy: 0 }, { dx: 0, dy: label.height * 0.7 }, { dx: 0, dy: -label.height * 0.7 }, { dx: 0, dy: label.height * 1.3 }, { dx: 0, dy: -label.height * 1.3 }]
    : [{ dx: 0, dy: up }, { dx: 0, dy: -up }, { dx: side, dy: 0 }, { dx: -side, dy: 0 }, { dx: side, dy: up }, { dx: -side, dy: up }, { dx: side, dy: -up }, { dx: -side, dy: -up }];
  const kept = before && round.find((offset) => Math.hypot(offset.dx - before.dx, offset.dy - before.dy) < 1);
  return kept ? [kept, ...round.filter((offset) => offset !== kept)] : round;
}

const around = (x: number, y: number, width: number, height: number): Box => ({ left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 });

const within = (box: Box, frame: Box) => box.left >= frame.left && box.top >= frame.top && box.right <= frame.right && box.bottom <= frame.bottom;

export const overlap = (a: Box, b: Box) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
