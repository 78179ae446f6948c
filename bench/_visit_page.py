"""The page of the anomalies' benchmark: its figures, and a picture of each visit that went wrong."""

import base64
import html
import io
from pathlib import Path
from typing import Any

from PIL import Image

from bench._visit_run import Result

STYLE = "body{font:15px system-ui;margin:2em;max-width:80em}td{padding:0 1em 0 0}img{max-width:640px;width:100%}"


def write(path: Path, figures: dict[str, Any], results: list[Result]) -> None:
    """The page at ``path``."""
    rows = "".join(f"<tr><td>{html.escape(k)}<td>{html.escape(str(v))}" for k, v in figures.items() if k != "kinds")
    bad = [r for r in results if r.false or r.duplicates or (r.had_a_chance and not r.right)]
    shown = "".join(map(_visit, bad))
    text = f"<!doctype html><meta charset=utf-8><title>anomalies</title><style>{STYLE}</style>"
    text += f"<h1>Anomalies</h1>{_kinds(figures['kinds'])}<table>{rows}</table>"
    path.write_text(f"{text}<h1>Missed, told in vain, told twice: {len(bad)}</h1>{shown}", encoding="utf-8")


def _kinds(kinds: dict[str, dict[str, Any]]) -> str:
    names = list(next(iter(kinds.values()), {}))
    head = "".join(f"<th>{html.escape(name)}" for name in ["kind", *names])
    rows = "".join(
        "".join(f"<td>{html.escape(str(v))}" for v in [k, *each.values()]) + "<tr>" for k, each in kinds.items()
    )
    return f"<table><tr>{head}<tr>{rows}</table>"


def _visit(result: Result) -> str:
    visit = result.visit
    what = [
        f"{visit.site}, {visit.light.value}, {visit.kind}: {visit.wrong or 'nothing'} is wrong",
        f"in view for {result.in_view_s:.1f} of {result.simulated_s:.1f} s, first at {result.seen_at:.1f} s",
        *(
            f"{t.kind} at {t.t} s, score {t.score:.2f}, {t.off:.2f} m off at {t.away:.1f} m: {t.reason}"
            for t in result.told
        ),
        f"again: python -m bench anomalies --seed {visit.seed} --only {visit.number}",
    ]
    kind = "Missed" if result.had_a_chance and not result.right else "Told in vain" if result.false else "Told twice"
    lines = "<br>".join(map(html.escape, what))
    return f"<h2>Visit {visit.number}: {kind}</h2><p>{lines}</p>{_picture(result)}"


def _picture(result: Result) -> str:
    if result.picture is None:
        return ""
    buffer = io.BytesIO()
    Image.fromarray(result.picture).save(buffer, "JPEG", quality=70)
    return f'<img src="data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}">'
