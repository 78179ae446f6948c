"""The soak as one HTML page: a plot a figure, and the verdicts."""

import html
from collections.abc import Mapping, Sequence

from tests.soak.flatness import Verdict

WIDTH, HEIGHT = 640, 140


def page(
    title: str, times: Sequence[float], figures: Mapping[str, Sequence[float]], verdicts: Sequence[Verdict]
) -> str:
    """All of it, without anything from elsewhere."""
    told = {verdict.name: verdict for verdict in verdicts}
    parts = [_figure(name, times, values, told.get(name)) for name, values in figures.items()]
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title>"
        "<style>body{font:15px system-ui;margin:2em;max-width:46em}svg{background:#f6f7f9;display:block}"
        ".no{color:#b00020}</style>"
        f"<h1>{html.escape(title)}</h1>{''.join(parts)}</html>\n"
    )


def _figure(name: str, times: Sequence[float], values: Sequence[float], verdict: Verdict | None) -> str:
    low, high = min(values), max(values)
    span, length = (high - low) or 1.0, (times[-1] - times[0]) or 1.0
    points = " ".join(
        f"{(at - times[0]) / length * WIDTH:.1f},{HEIGHT - (value - low) / span * (HEIGHT - 8) - 4:.1f}"
        for at, value in zip(times, values, strict=True)
    )
    said = "not judged"
    if verdict is not None:
        word = "flat" if verdict.flat else "<b class=no>not flat</b>"
        said = f"{word}: risen by {verdict.risen:.4g} of {verdict.allowed:.4g} that it may"
    return (
        f"<h2>{html.escape(name)}</h2><p>{low:.4g} to {high:.4g}; {said}</p>"
        f"<svg viewBox='0 0 {WIDTH} {HEIGHT}' width={WIDTH} height={HEIGHT}>"
        f"<polyline fill=none stroke='#2060c8' stroke-width=2 points='{points}'/></svg>"
    )
