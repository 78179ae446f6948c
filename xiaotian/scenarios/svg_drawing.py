"""SVG of a site and of what happened on it. Metres in the frame ``map``, drawn with y upwards."""

import base64
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from PIL import Image

from protocol.site import GridMap, Zone
from protocol.site_folder import SiteFile, read_site

WALL = (74, 85, 104)
DOG_COLOURS = ("#0f766e", "#b45309", "#6d28d9", "#be185d", "#1d4ed8", "#4d7c0f", "#0e7490", "#9f1239")
ZONE_COLOURS = {
    "restricted": "#dc2626",
    "no_go": "#7c2d12",
    "slow": "#d97706",
    "privacy": "#7c3aed",
    "watched": "#0e7490",
}
MARGIN_M = 7.0
LEAST_M = 30.0  # of ground that a drawing shows, however little was walked

Point = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """The part of the map that is drawn."""

    left: float
    bottom: float
    right: float
    top: float

    @classmethod
    def round(cls, points: Iterable[Point], margin: float = MARGIN_M, least: float = LEAST_M) -> "Frame":
        """A frame about ``points``, with a margin."""
        xs, ys = zip(*points, strict=True)
        x, y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
        half_x = max((max(xs) - min(xs)) / 2 + margin, least / 2)
        half_y = max((max(ys) - min(ys)) / 2 + margin, least / 2 * 0.62)
        return cls(x - half_x, y - half_y, x + half_x, y + half_y)

    @property
    def view_box(self) -> str:
        """As SVG has it: y points down there, so the drawing is of (x, -y)."""
        return f"{self.left:.2f} {-self.top:.2f} {self.right - self.left:.2f} {self.top - self.bottom:.2f}"

    @property
    def metre(self) -> float:
        """How many units of the drawing a mark of one hundredth of its width takes."""
        return (self.right - self.left) / 100


class Ground:
    """A site as a drawing's floor: walls, zones, checkpoints and docks."""

    def __init__(self, folder: Path) -> None:
        self.site, self.grid = read_site(folder)
        self._picture = _picture(self.grid)

    def floor(self, frame: Frame) -> str:
        """The map under everything else."""
        return "".join([self._walls(), *(_zone(zone, frame) for zone in self.site.zones), _places(self.site, frame)])

    def _walls(self) -> str:
        data, width, height = self._picture
        origin, metre = self.grid.origin, self.grid.resolution
        return (
            f'<image href="data:image/png;base64,{data}" x="{origin.x:.3f}" y="{-(origin.y + height * metre):.3f}" '
            f'width="{width * metre:.3f}" height="{height * metre:.3f}" class="walls"/>'
        )


def svg(frame: Frame, parts: Sequence[str], name: str, label: str) -> str:
    """A drawing of ``frame``."""
    ratio = (frame.right - frame.left) / (frame.top - frame.bottom)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{name}" viewBox="{frame.view_box}" role="img" '
        f'aria-label="{escape(label)}" style="aspect-ratio:{ratio:.3f}">{"".join(parts)}</svg>'
    )


def way(points: Sequence[Point], colour: str, width: float, dashed: bool = False, title: str = "") -> str:
    """A walked or told way."""
    if len(points) < 2:
        return ""
    dash = f' stroke-dasharray="{width * 2:.2f} {width * 2:.2f}"' if dashed else ""
    line = " ".join(f"{x:.2f},{-y:.2f}" for x, y in points)
    return (
        f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="{width:.3f}" stroke-linejoin="round" '
        f'stroke-linecap="round"{dash}><title>{escape(title)}</title></polyline>'
    )


def dot(at: Point, radius: float, colour: str, title: str = "", ring: bool = False) -> str:
    """A mark at a place; a ring where it is only said to be there."""
    look = (
        f'fill="none" stroke="{colour}" stroke-width="{radius / 2.5:.3f}"'
        if ring
        else f'fill="{colour}" stroke="#fff" stroke-width="{radius / 5:.3f}"'
    )
    return f'<circle cx="{at[0]:.2f}" cy="{-at[1]:.2f}" r="{radius:.3f}" {look}><title>{escape(title)}</title></circle>'


def arrow(at: Point, theta_deg: float, size: float, colour: str, title: str = "") -> str:
    """A dog seen from above."""
    shape = f"M{size},0 L{-size * 0.8},{size * 0.7} L{-size * 0.4},0 L{-size * 0.8},{-size * 0.7} Z"
    return (
        f'<path d="{shape}" transform="translate({at[0]:.2f},{-at[1]:.2f}) rotate({-theta_deg:.1f})" fill="{colour}" '
        f'stroke="#fff" stroke-width="{size / 8:.3f}"><title>{escape(title)}</title></path>'
    )


def word(at: Point, text: str, size: float, colour: str = "#334155", anchor: str = "middle") -> str:
    """A word at a place, with a light edge so that it is read on everything."""
    return (
        f'<text x="{at[0]:.2f}" y="{-at[1]:.2f}" font-size="{size:.2f}" text-anchor="{anchor}" fill="{colour}" '
        f'stroke="#fff" stroke-width="{size / 5:.2f}" paint-order="stroke">{escape(text)}</text>'
    )


def _zone(zone: Zone, frame: Frame) -> str:
    colour = ZONE_COLOURS.get(str(zone.kind), "#475569")
    points = " ".join(f"{p.x:.2f},{-p.y:.2f}" for p in zone.polygon)
    return (
        f'<polygon points="{points}" fill="{colour}" fill-opacity="0.09" stroke="{colour}" stroke-opacity="0.55" '
        f'stroke-width="{frame.metre * 0.22:.3f}"><title>{escape(f"{zone.name.zh} {zone.name.en}")}</title></polygon>'
    )


def _places(site: SiteFile, frame: Frame) -> str:
    unit = frame.metre
    parts = []
    for dock in site.docks:
        x, y = dock.pose.x, dock.pose.y
        parts.append(
            f'<rect x="{x - unit * 0.7:.2f}" y="{-y - unit * 0.7:.2f}" width="{unit * 1.4:.2f}" '
            f'height="{unit * 1.4:.2f}" rx="{unit * 0.25:.2f}" fill="#64748b">'
            f"<title>{escape(f'{dock.name.zh} {dock.name.en}')}</title></rect>"
        )
    for checkpoint in site.checkpoints:
        title = f"{checkpoint.name.zh} {checkpoint.name.en}"
        parts.append(dot((checkpoint.pose.x, checkpoint.pose.y), unit * 0.55, "#94a3b8", title))
    return "".join(parts)


def _picture(grid: GridMap) -> tuple[str, int, int]:
    """The occupancy map as a PNG of walls on nothing, in base64; its width and height in cells."""
    grey = Image.open(io.BytesIO(grid.image)).convert("L")
    alpha = grey.point([255 if value < 50 else 0 for value in range(256)])
    made = Image.new("RGBA", grey.size, (*WALL, 0))
    made.putalpha(alpha)
    buffer = io.BytesIO()
    made.quantize(4, Image.Quantize.FASTOCTREE).save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode(), grey.width, grey.height
