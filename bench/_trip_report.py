"""The page of a navigation benchmark: its figures, and the worst trips drawn on their maps."""

import base64
import html
import io
import math
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from xiaotian.direct.trial_site import site

ROOM, SCALE = 4.0, 14.0  # m about what is drawn; pixels a metre
COLOURS = ("#1060c0", "#c06010", "#108040", "#8020a0")
STYLE = "body{font:15px system-ui;margin:2em;max-width:75em}svg{max-width:100%;height:auto;border:1px solid #999}"


def write(path: Path, figures: dict[str, Any], worst: list[Any], drawn: dict[int, dict[str, Any]]) -> None:
    """The page at ``path``."""
    rows = "".join(f"<tr><td>{html.escape(k)}<td>{html.escape(str(v))}" for k, v in figures.items())
    trips = "".join(_trip(result, drawn[result.number]) for result in worst)
    text = f"<!doctype html><meta charset=utf-8><title>navigation</title><style>{STYLE}</style>"
    path.write_text(f"{text}<h1>Trips</h1><table>{rows}</table><h1>The worst</h1>{trips}", encoding="utf-8")


def _trip(result: Any, drawing: dict[str, Any]) -> str:
    told = [
        f"{result.site}: {' + '.join(result.kinds)}{' (on legs)' if result.legged else ''}",
        "arrived" if result.arrived else result.reason,
        f"{result.walked} m, shortest {result.shortest} m, {result.seconds} s",
        f"own contacts: {', '.join(f'{d} with {w} at {t} s' for d, t, w in result.own_contacts) or 'none'}",
        f"nearest to a person by own motion: {result.nearest_own} m",
        f"again: python -m bench navigation --seed {result.seed} --only {result.number}",
    ]
    lines = "<br>".join(html.escape(line) for line in told)
    return f"<h2>Trip {result.number}</h2><p>{lines}</p>{_svg(result, drawing)}"


def _svg(result: Any, drawing: dict[str, Any]) -> str:
    paths = {name: np.array(path) for name, path in drawing["paths"].items()}
    points = np.vstack([path[:, 1:3] for path in paths.values()] + [np.array([drawing["goal"]])])
    low, high = points.min(axis=0) - ROOM, points.max(axis=0) + ROOM
    wide, tall = (high - low) * SCALE

    def at(x: float, y: float) -> str:
        return f"{(x - low[0]) * SCALE:.1f},{(high[1] - y) * SCALE:.1f}"

    def xy(x: float, y: float) -> tuple[float, float]:
        return (x - low[0]) * SCALE, (high[1] - y) * SCALE

    parts = [_map(result.site, low, high), *(_entry(entry, at, xy) for entry in drawing["script"])]
    for (name, path), colour in zip(paths.items(), COLOURS, strict=False):
        line = " ".join(at(x, y) for _, x, y, _ in path)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = xy(*path[0, 1:3])
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>')
        for t, px, py, theta in path[:: max(1, len(path) // 12)]:
            cx, cy = xy(px, py)
            turn = -math.degrees(theta)
            parts.append(
                f'<rect x="{cx - 4.6:.1f}" y="{cy - 2.4:.1f}" width="9.2" height="4.8" fill="{colour}" opacity="0.5" '
                f'transform="rotate({turn:.0f} {cx:.1f} {cy:.1f})"/><text x="{cx + 5:.1f}" y="{cy - 4:.1f}" '
                f'font-size="9">{t:.0f}</text>'
            )
        for dog, t, thing in result.own_contacts:
            if dog == name:
                hit = path[np.argmin(np.abs(path[:, 0] - t))]
                hx, hy = xy(hit[1], hit[2])
                parts.append(
                    f'<circle cx="{hx:.1f}" cy="{hy:.1f}" r="9" fill="none" stroke="red" stroke-width="3"/>'
                    f'<text x="{hx + 10:.1f}" y="{hy:.1f}" fill="red" font-size="12">{html.escape(thing)}</text>'
                )
    gx, gy = xy(*drawing["goal"])
    parts.append(f'<circle cx="{gx:.1f}" cy="{gy:.1f}" r="6" fill="none" stroke="#080" stroke-width="3"/>')
    return f'<svg viewBox="0 0 {wide:.0f} {tall:.0f}" width="{wide:.0f}" height="{tall:.0f}">{"".join(parts)}</svg>'


def _entry(entry: dict[str, Any], at: Any, xy: Any) -> str:
    """Somebody's way, or a thing."""
    name = html.escape(entry["name"])
    if entry["do"] == "person":
        line = " ".join(at(p["x"], p["y"]) for p in entry["way"])
        x, y = xy(entry["way"][0]["x"], entry["way"][0]["y"])
        body = f'<polyline points="{line}" stroke="#a0a" stroke-dasharray="4 3" fill="none"/>'
        return f'{body}<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#a0a"/>{_label(x, y, name)}'
    x, y = xy(entry["x"], entry["y"])
    half = entry.get("width", 0.6) / 2 * SCALE
    turn = -math.degrees(entry.get("theta", 0.0)) - (90 if entry["do"] == "block" else 0)
    shape = f'<rect x="{x - half:.1f}" y="{y - 3:.1f}" width="{2 * half:.1f}" height="6" fill="#a50"'
    return f'{shape} transform="rotate({turn:.0f} {x:.1f} {y:.1f})"/>{_label(x, y, name)}'


def _label(x: float, y: float, text: str) -> str:
    return f'<text x="{x + 6:.1f}" y="{y + 12:.1f}" font-size="10" fill="#505">{text}</text>'


def _map(name: str, low: Any, high: Any) -> str:
    grid = site(name).ground.grid
    frame = grid.frame
    (top, left), (bottom, right) = frame.cell(low[0], low[1]), frame.cell(high[0], high[1])
    grey = np.where(grid.occupied, 60, np.where(grid.unknown, 190, 250)).astype(np.uint8)
    padded = np.full((bottom - top + 1, right - left + 1), 190, np.uint8)
    r0, c0 = max(top, 0), max(left, 0)
    cut = grey[r0 : bottom + 1, c0 : right + 1]
    padded[r0 - top : r0 - top + cut.shape[0], c0 - left : c0 - left + cut.shape[1]] = cut
    buffer = io.BytesIO()
    Image.fromarray(padded[::-1]).save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode()
    x = (frame.x + left * frame.resolution - low[0]) * SCALE
    y = (high[1] - (frame.y + (bottom + 1) * frame.resolution)) * SCALE
    wide, tall = padded.shape[1] * frame.resolution * SCALE, padded.shape[0] * frame.resolution * SCALE
    size = f'x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{tall:.1f}"'
    return f'<image {size} style="image-rendering:pixelated" href="data:image/png;base64,{data}"/>'
