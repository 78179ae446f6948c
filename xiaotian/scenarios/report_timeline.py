"""The timeline of a run as SVG: what happened above, what the stack told of it below, on one axis of seconds."""

from collections.abc import Sequence
from html import escape

from xiaotian.scenarios.event_record import Entry, Kind
from xiaotian.scenarios.report_translations import WORDS

WIDTH, LEFT, RIGHT, LANE, TOP = 1000.0, 86.0, 24.0, 44.0, 14.0
LETTER = 6.3  # units that a letter takes, about
ROWS = 3  # of words in a lane, before they overlap
LANES: dict[str, tuple[tuple[Kind, ...], str]] = {
    "lane_event": ((Kind.EVENT,), "#7c3aed"),
    "lane_checkpoint": ((Kind.CHECKPOINT, Kind.PATROL), "#0f766e"),
    "lane_incident": ((Kind.INCIDENT, Kind.PICTURE), "#dc2626"),
    "lane_world": ((Kind.WORLD,), "#be185d"),
    "lane_error": ((Kind.ERROR,), "#d97706"),
    "lane_link": ((Kind.LOST, Kind.LIVE), "#475569"),
}
ENDS = {Kind.EVENT: Kind.OVER, Kind.ERROR: Kind.MENDED, Kind.LOST: Kind.LIVE}


def timeline(entries: Sequence[Entry], duration_s: float) -> str:
    """The lanes that have something in them."""
    span = max(duration_s, 1.0)
    parts, y = [], TOP
    for name, (kinds, colour) in LANES.items():
        lane = [e for e in entries if e.kind in kinds and not (e.kind is Kind.LIVE and name == "lane_link")]
        if not lane:
            continue
        parts.append(_lane(lane, entries, span, y, name, colour))
        y += LANE
    parts.append(_axis(span, y))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="timeline" viewBox="0 0 {WIDTH:g} {y + 26:g}" role="img" '
        f'aria-label="timeline">{"".join(parts)}</svg>'
    )


def _x(t: float, span: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * min(max(t, 0.0), span) / span


def _lane(lane: list[Entry], entries: Sequence[Entry], span: float, y: float, name: str, colour: str) -> str:
    zh, en = WORDS[name]
    parts = [
        f'<line x1="{LEFT:g}" x2="{WIDTH - RIGHT:g}" y1="{y + 33:.1f}" y2="{y + 33:.1f}" stroke="#e2e8f0"/>',
        f'<text x="8" y="{y + 37:.1f}" class="lane">{_both(zh, en)}</text>',
    ]
    free = [LEFT - 20] * ROWS  # up to where each row of words is taken
    for entry in lane:
        x = _x(entry.t, span)
        parts.append(_bar(entry, entries, span, x, y, colour))
        parts.append(_mark(entry, x, y, colour))
        if entry.kind is Kind.PICTURE:
            continue
        row = min(range(ROWS), key=lambda r: (free[r] > x, free[r] if free[r] > x else r))
        width = len(entry.name) * LETTER
        anchor, at = ("start", x) if x + width < WIDTH else ("end", x)
        free[row] = (x + width if anchor == "start" else x) + 6
        parts.append(
            f'<text x="{at:.1f}" y="{y + 25 - row * 11:.1f}" text-anchor="{anchor}" class="mark" fill="{colour}">'
            f"{escape(entry.name)}<title>{escape(_told(entry))}</title></text>"
        )
    return "".join(parts)


def _bar(entry: Entry, entries: Sequence[Entry], span: float, x: float, y: float, colour: str) -> str:
    """How long it lasted, where it had an end."""
    ends = ENDS.get(entry.kind)
    over = next(
        (e for e in entries if e.kind is ends and e.name == entry.name and e.dog in ("", entry.dog) and e.t >= entry.t),
        None,
    )
    if over is None:
        return ""
    return (
        f'<rect x="{x:.1f}" y="{y + 30:.1f}" width="{max(_x(over.t, span) - x, 2):.1f}" height="6" rx="3" '
        f'fill="{colour}" fill-opacity="0.35"/>'
    )


def _mark(entry: Entry, x: float, y: float, colour: str) -> str:
    return (
        f'<circle cx="{x:.1f}" cy="{y + 33:.1f}" r="4.2" fill="{colour}"><title>{escape(_told(entry))}</title></circle>'
    )


def _both(zh: str, en: str) -> str:
    return f'<tspan class="zh">{zh}</tspan><tspan class="en">{en}</tspan>'


def _told(entry: Entry) -> str:
    return f"{entry.t:.1f} s  {entry.label}  {entry.dog} {entry.text}".strip()


def _axis(span: float, y: float) -> str:
    step = next(s for s in (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 7200, 10**9) if span / s <= 12)
    ticks = [n * step for n in range(int(span // step) + 1)]
    return "".join(
        f'<line x1="{_x(t, span):.1f}" x2="{_x(t, span):.1f}" y1="{TOP:g}" y2="{y + 6:.1f}" stroke="#e2e8f0" '
        f'stroke-dasharray="2 4"/><text x="{_x(t, span):.1f}" y="{y + 20:.1f}" class="tick">{t:g} s</text>'
        for t in ticks
    )
