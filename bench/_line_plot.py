"""A small line plot as a PNG, with Pillow alone: logarithmic both ways, a line a row of figures."""

import math
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, EDGE = 760, 480, 70
COLOURS = ((32, 92, 200), (210, 80, 30), (40, 140, 70), (140, 90, 160))


def plot(path: Path, title: str, across: list[float], lines: dict[str, list[float]], mark: float | None = None) -> None:
    """Draw ``lines`` over ``across`` to ``path``; a dashed line lies at ``mark``, where there is one."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(15)
    values = [v for line in lines.values() for v in line] + ([] if mark is None else [mark])
    low, high = math.floor(math.log2(min(values))), math.ceil(math.log2(max(values)))
    left, right = math.log2(min(across)), math.log2(max(across))

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            EDGE + (math.log2(x) - left) / (right - left) * (WIDTH - 2 * EDGE),
            HEIGHT - EDGE - (math.log2(y) - low) / (high - low) * (HEIGHT - 2 * EDGE),
        )

    for power in range(low, high + 1):
        _, y = at(across[0], 2.0**power)
        pen.line([(EDGE, y), (WIDTH - EDGE, y)], fill=(225, 225, 225))
        pen.text((EDGE - 12, y), f"{2.0**power:g}", fill="black", font=font, anchor="rm")
    for x in across:
        pen.text((at(x, 1.0)[0], HEIGHT - EDGE + 10), f"{x:g}", fill="black", font=font, anchor="ma")
    if mark is not None:
        _, y = at(across[0], mark)
        for x0 in range(EDGE, WIDTH - EDGE, 14):
            pen.line([(x0, y), (x0 + 7, y)], fill=(150, 0, 0), width=2)
    for (name, line), colour in zip(lines.items(), COLOURS, strict=False):
        points = [at(x, v) for x, v in zip(across, line, strict=True)]
        pen.line(points, fill=colour, width=3)
        for px, py in points:
            pen.ellipse([px - 4, py - 4, px + 4, py + 4], fill=colour)
        pen.text((points[-1][0] + 8, points[-1][1]), name, fill=colour, font=font, anchor="lm")
    pen.text((WIDTH / 2, 24), title, fill="black", font=font, anchor="mm")
    pen.text((WIDTH / 2, HEIGHT - 20), "dogs", fill="black", font=font, anchor="mm")
    picture.save(path)
