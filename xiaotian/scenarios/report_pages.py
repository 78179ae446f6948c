"""The pages of a run: an index, and for each scenario its path, timeline, incidents and findings. Each stands alone."""

import base64
import math
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from xiaotian.child_processes import tail
from xiaotian.scenarios import svg_drawing
from xiaotian.scenarios.event_record import stamp
from xiaotian.scenarios.judge import Verdict
from xiaotian.scenarios.report_timeline import timeline
from xiaotian.scenarios.report_translations import both, say
from xiaotian.scenarios.svg_drawing import DOG_COLOURS, Frame, Ground

STYLE = (Path(__file__).parent / "report_pages.css").read_text(encoding="utf-8")
SCRIPT = (Path(__file__).parent / "report_pages.js").read_text(encoding="utf-8")
LOG_LINES = 40
PAGE = "index.html"


def write_scenario(verdict: Verdict, folder: Path) -> Path:
    """Write the page of ``verdict`` into ``folder``."""
    outcome = verdict.outcome
    name = both(outcome.scenario.name.zh, outcome.scenario.name.en)
    parts = [
        f'<nav><a href="../{PAGE}">← {say("back")}</a></nav>',
        f"<header><h1>{_badge(verdict.passed)} {name}</h1>{_about(verdict)}{_facts(verdict)}</header>",
    ]
    if not outcome.error:
        ground = Ground(outcome.scenario.site)
        parts += [
            f"<section><h2>{say('map')}</h2>{_map(verdict, ground)}<p class='note'>{say('map_note')}</p></section>",
            f"<section><h2>{say('timeline')}</h2>{timeline(outcome.timeline, outcome.duration_s)}</section>",
        ]
    parts.append(f"<section><h2>{say('expectations')}</h2>{_findings(verdict)}</section>")
    if not outcome.error:
        parts.append(f"<section><h2>{say('against')}</h2>{_incidents(verdict, ground)}</section>")
    parts.append(_files(verdict, folder))
    file = folder / PAGE
    file.write_text(_html(outcome.scenario.name.en, "".join(parts)), encoding="utf-8")
    return file


def write_index(verdicts: Sequence[Verdict], folder: Path, wall_s: float) -> Path:
    """Write the page that leads to those of ``verdicts``, which lie in folders beside it."""
    passed = sum(verdict.passed for verdict in verdicts)
    rows = "".join(_row(verdict) for verdict in sorted(verdicts, key=lambda v: (v.passed, v.outcome.folder.name)))
    body = (
        f"<header><h1>{say('report')}</h1><p class='sum'><b>{passed}</b> / {len(verdicts)} {say('passed')}"
        f" · {wall_s:.0f} s</p></header><section><table class='runs'><tr><th>{say('verdict')}</th>"
        f"<th>{say('scenario')}</th><th>{say('site')}</th><th>{say('simulated')}</th><th>{say('wall')}</th>"
        f"<th>{say('wrong')}</th></tr>{rows}</table></section>"
    )
    file = folder / PAGE
    file.write_text(_html("Xiaotian scenarios", body), encoding="utf-8")
    return file


def _row(verdict: Verdict) -> str:
    outcome = verdict.outcome
    key = escape(outcome.folder.name)
    wrong = "<br>".join(f"{say(f.about)}: {escape(f.found.splitlines()[0])}" for f in verdict.wrong)
    return (
        f"<tr><td>{_badge(verdict.passed)}</td><td><a href='{key}/{PAGE}'>"
        f"{both(outcome.scenario.name.zh, outcome.scenario.name.en)}</a><br><code>{key}</code></td>"
        f"<td>{escape(outcome.scenario.site.name)}</td><td class='n'>{outcome.duration_s:.0f} s</td>"
        f"<td class='n'>{outcome.wall_s:.0f} s</td><td class='wrong'>{wrong}</td></tr>"
    )


def _badge(passed: bool) -> str:
    return f"<span class='badge {'pass' if passed else 'fail'}'>{say('passed' if passed else 'failed')}</span>"


def _about(verdict: Verdict) -> str:
    about = verdict.outcome.scenario.about
    return f"<p class='about'>{escape(about)}</p>" if about else ""


def _facts(verdict: Verdict) -> str:
    outcome = verdict.outcome
    walked = sum(dog["distance_m"] for dog in outcome.report.get("dogs", {}).values())
    facts = {
        "site": outcome.scenario.site.name,
        "seed": str(outcome.seed),
        "simulated": f"{outcome.duration_s:.1f} s",
        "wall": f"{outcome.wall_s:.1f} s",
        "rate": f"{outcome.report.get('real_time_factor', 0):.2f}",
        "distance": f"{walked:.1f} m",
        "detector": outcome.record.detector or "–",
    }
    cells = "".join(f"<div><dt>{say(key)}</dt><dd>{escape(value)}</dd></div>" for key, value in facts.items())
    return f"<dl>{cells}</dl>"


def _map(verdict: Verdict, ground: Ground) -> str:
    outcome = verdict.outcome
    paths = {dog: _path(told, outcome.zero) for dog, told in outcome.report["dogs"].items()}
    places = [(i["position"]["x"], i["position"]["y"]) for i in outcome.record.incidents.values()]
    stops = {c["checkpointId"] for p in outcome.record.patrols.values() for c in p["checkpoints"]}
    goals = [(c.pose.x, c.pose.y) for c in ground.site.checkpoints if c.checkpoint_id in stops]
    frame = Frame.round([*(row[1:3] for path in paths.values() for row in path), *places, *goals])
    unit = frame.metre
    parts = [ground.floor(frame)]
    for checkpoint in ground.site.checkpoints:
        if checkpoint.checkpoint_id in stops:
            at = (checkpoint.pose.x, checkpoint.pose.y)
            parts.append(svg_drawing.dot(at, unit * 0.8, "#0f172a", checkpoint.name.en))
            parts.append(svg_drawing.word((at[0], at[1] + unit * 1.3), checkpoint.checkpoint_id, unit * 1.7))
    for n, (dog, path) in enumerate(paths.items()):
        colour = DOG_COLOURS[n % len(DOG_COLOURS)]
        told = [(t.x, t.y) for t in outcome.record.told if t.dog == dog and t.wall >= outcome.zero_wall]
        parts.append(svg_drawing.way([row[1:3] for row in path], colour, unit * 0.42, title=dog))
        parts.append(svg_drawing.way(told, "#0f172a", unit * 0.16, dashed=True, title=f"{dog}, as told"))
        if path:
            parts.append(svg_drawing.dot(path[0][1:3], unit * 0.6, colour, f"{dog} starts", ring=True))
            parts.append(svg_drawing.arrow(path[-1][1:3], math.degrees(path[-1][3]), unit * 1.4, colour, f"{dog} ends"))
    parts += [_incident_marks(verdict, incident, unit) for incident in outcome.record.incidents.values()]
    return svg_drawing.svg(frame, parts, "map", "the walked path")


def _path(told: dict[str, Any], zero: float) -> list[Any]:
    return [row for row in told["path"] if row[0] >= zero] or told["path"][-1:]


def _incident_marks(verdict: Verdict, incident: dict[str, Any], unit: float) -> str:
    position = (incident["position"]["x"], incident["position"]["y"])
    true = _nearest(verdict, incident)
    parts = [svg_drawing.dot(position, unit * 1.3, "#dc2626", f"told: {incident['zoneId']}", ring=True)]
    if true is not None:
        parts.insert(0, svg_drawing.way([position, true], "#dc2626", unit * 0.18))
        parts.insert(1, svg_drawing.dot(true, unit * 0.6, "#dc2626", "a person truly stood here"))
    return "".join(parts)


def _nearest(verdict: Verdict, incident: dict[str, Any]) -> tuple[float, float] | None:
    """The true person next to where the incident is said to be, at the moment of its frame."""
    at = incident["position"]
    people = verdict.outcome.people_at(stamp(incident["frameStamp"]))
    return min(people, key=lambda p: math.dist(p, (at["x"], at["y"])), default=None)


def _findings(verdict: Verdict) -> str:
    rows = "".join(
        f"<tr class='{'ok' if f.passed else 'no'}'><td>{'✓' if f.passed else '✗'}</td><td>{say(f.about)}</td>"
        f"<td>{escape(f.expected)}</td><td>{escape(f.found)}</td></tr>"
        for f in verdict.findings
    )
    head = f"<tr><th></th><th></th><th>{say('expected')}</th><th>{say('found')}</th></tr>"
    return f"<table class='findings'>{head}{rows}</table>"


def _incidents(verdict: Verdict, ground: Ground) -> str:
    incidents = verdict.outcome.record.incidents.values()
    cards = "".join(_incident(verdict, ground, incident) for incident in incidents)
    return f"<div class='cards'>{cards}</div>" if cards else f"<p class='note'>{say('no_incidents')}</p>"


def _incident(verdict: Verdict, ground: Ground, incident: dict[str, Any]) -> str:
    outcome = verdict.outcome
    position = (incident["position"]["x"], incident["position"]["y"])
    true, frame_at = _nearest(verdict, incident), stamp(incident["frameStamp"])
    path = outcome.report["dogs"][incident["dogId"]]["path"]
    stood = min(path, key=lambda row: abs(row[0] - frame_at))
    frame = Frame.round([position, stood[1:3], *([true] if true else [])], 4.0, 12.0)
    unit = frame.metre
    looks = svg_drawing.way([stood[1:3], position], "#94a3b8", unit * 0.3, dashed=True)
    dog = svg_drawing.arrow(stood[1:3], math.degrees(stood[3]), unit * 3.0, DOG_COLOURS[0], incident["dogId"])
    small = svg_drawing.svg(
        frame,
        [ground.floor(frame), looks, _incident_marks(verdict, incident, unit * 1.6), dog],
        "small",
        "told and true",
    )
    told = outcome.record.first(f"incident:{incident['zoneId'] or incident['kind']}", incident["dogId"])
    picture = outcome.pictures.get(incident["incidentId"])
    shown = (
        f"<img alt='what the dog saw' src='data:image/jpeg;base64,{base64.b64encode(picture.read_bytes()).decode()}'>"
        if picture
        else f"<p class='note'>{say('no_picture')}</p>"
    )
    zone = incident["zoneName"] or {"zh": incident["kind"], "en": incident["kind"]}
    facts = {
        "told_at": "–" if told is None else f"{outcome.time_of(told.wall):.1f} s",
        "delay": "–" if told is None else f"{outcome.clock.simulated(told.wall) - frame_at:.2f} s",
        "off": "–" if true is None else f"{math.dist(position, true):.2f} m",
    }
    cells = "".join(f"<div><dt>{say(key)}</dt><dd>{value}</dd></div>" for key, value in facts.items())
    return (
        f"<article><h3>{both(zone['zh'], zone['en'])} <small>{escape(incident['dogId'])}</small></h3>"
        f"<div class='pair'>{shown}{small}</div><dl>{cells}</dl></article>"
    )


def _files(verdict: Verdict, folder: Path) -> str:
    outcome = verdict.outcome
    told = "".join(
        f"<tr><td class='n'>{e.t:.1f}</td><td><code>{escape(e.label)}</code></td><td>{escape(e.dog)}</td>"
        f"<td>{escape(e.text)}</td></tr>"
        for e in outcome.timeline
    )
    parts = [f"<details><summary>{say('all_told')}</summary><table class='told'>{told}</table></details>"]
    if not verdict.passed:
        parts += [
            f"<details><summary>{say('logs')} <code>{escape(log.name)}</code></summary>"
            f"<pre>{escape(tail(log, LOG_LINES))}</pre></details>"
            for log in sorted((outcome.folder / "logs").glob("*.log"))
        ]
    if (folder / "recording.mcap").is_file():
        parts.insert(0, f"<p><a href='recording.mcap' download>{say('recording')}</a></p>")
    return f"<section>{''.join(parts)}</section>"


def _html(title: str, body: str) -> str:
    return (
        f"<!doctype html><html lang='zh'><head><meta charset='utf-8'><title>{escape(title)}</title>"
        f"<meta name='viewport' content='width=device-width, initial-scale=1'><style>{STYLE}</style></head>"
        f"<body><button id='language' type='button'>中文 / English</button><main>{body}</main>"
        f"<script>{SCRIPT}</script></body></html>"
    )
