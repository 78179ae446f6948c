"""The shift report in words of one language: figures, and sections of tables. A page and a PDF are made of it."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from fleet_server.incidents.words import KINDS, STATES
from fleet_server.ledger.report_words import Language
from fleet_server.ledger.shift_report import Lines, ShiftReport
from fleet_server.schedules.round_outcome import Outcome


@dataclass(frozen=True)
class Section:
    """A heading, what is said below it, and a table where there is one; ``numbers`` are the columns to the right."""

    heading: str
    note: str = ""
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    numbers: tuple[int, ...] = ()
    below: bool = False


@dataclass(frozen=True)
class ReportDocument:
    """What stands on the paper."""

    language: str
    title: str
    site: str
    span: str
    made: str
    warning: str
    tiles: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    signed: str
    page: str

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def report_document(report: ShiftReport, code: str) -> ReportDocument:
    """The report in ``zh`` or ``en``."""
    say = Language(code)
    shift = f" · {say.shift(report.shift)}" if report.shift else ""
    made = say("made", at=_moment(report.made_at, report), who=report.made_by, zone=report.zone.key)
    return ReportDocument(
        language=code,
        title=say("title") + shift,
        site=say.named(report.site_name),
        span=f"{_moment(report.span.since, report)} – {_moment(report.span.until, report)}",
        made=made,
        warning=say("running") if report.made_at < report.span.until else "",
        tiles=_tiles(report, say),
        sections=(
            *_open(report, say),
            _happened(report, say),
            *_kinds(report, say),
            _dogs(report, say),
            *_schedules(report, say),
            _places(report, say),
            *_troubles(report, say),
        ),
        signed=say("signed"),
        page=say("page", n="{n}"),
    )


def _tiles(report: ShiftReport, say: Language) -> tuple[tuple[str, str], ...]:
    answered = sum(each.acknowledged for each in report.kinds)
    waited = sum((each.answered_s or 0.0) * each.acknowledged for each in report.kinds)
    due = sum(sum(each.outcomes.values()) for each in report.schedules)
    kept = sum(each.outcomes[Outcome.KEPT] for each in report.schedules)
    done, all_of_them = sum(each.completed for each in report.dogs), sum(each.patrols for each in report.dogs)
    return (
        (say("patrols"), f"{done} / {all_of_them}"),
        (say("distance"), say.far(sum(each.walked_m for each in report.dogs))),
        (say("incidents"), str(sum(each.incidents for each in report.kinds))),
        (say("answered"), say.lasting(waited / answered if answered else None)),
        (say("rounds_kept"), f"{kept} / {due}" if due else "–"),
        (say("worst"), say.lasting(report.watched.whole.worst_s)),
    )


def _open(report: ShiftReport, say: Language) -> list[Section]:
    found = []
    if report.open_incidents.rows:
        found.append(_incident_table(say("open.incidents"), report.open_incidents, report, say, below=True))
    if report.walking:
        rows = tuple((row.dog_id, say.named(row.route_name), _moment(row.created_at, report)) for row in report.walking)
        header = _header(say, "dog", "route", "since")
        found.append(Section(say("open.patrols"), header=header, rows=rows, below=True))
    if report.waiting:
        rows = tuple(
            (_moment(row.due_at, report), say.named(row.schedule_name), row.reason or "") for row in report.waiting
        )
        found.append(
            Section(say("open.rounds"), header=_header(say, "due", "schedule", "reason"), rows=rows, below=True)
        )
    return [Section(say("open"), note="" if found else say("open.none")), *found]


def _happened(report: ShiftReport, say: Language) -> Section:
    if not report.incidents.rows:
        return Section(say("happened"), note=say("happened.none"))
    return _incident_table(say("happened"), report.incidents, report, say)


def _incident_table(heading: str, lines: Lines, report: ShiftReport, say: Language, below: bool = False) -> Section:
    rows = tuple(
        (
            _moment(row.received_at, report),
            say.of(KINDS.get(row.kind, (row.kind, row.kind))),
            say.named(row.zone_name) if row.zone_name else say("at", x=f"{row.x:.1f}", y=f"{row.y:.1f}"),
            row.dog_id,
            say.of(STATES.get(row.status, (row.status, row.status)))
            + (f" · {say('escalated')}" if row.escalated_at else ""),
            _acknowledged(row, say),
            _answer(row),
        )
        for row in lines.rows
    )
    header = _header(say, "time", "what", "where", "dog", "status", "acknowledged", "answer")
    return Section(heading, note=_more(lines, say), header=header, rows=rows, below=below)


def _acknowledged(row: Row[Any], say: Language) -> str:
    if row.acknowledged_at is None:
        return say("nobody")
    return f"{row.acknowledged_by} · {say.lasting((row.acknowledged_at - row.received_at).total_seconds())}"


def _answer(row: Row[Any]) -> str:
    return " · ".join(each for each in (row.answered_by, row.answer) if each) or (row.assigned_to or "")


def _kinds(report: ShiftReport, say: Language) -> list[Section]:
    rows = tuple(
        (
            say.of(KINDS.get(each.kind, (each.kind, each.kind))),
            str(each.incidents),
            str(each.open),
            str(each.false_alarms),
            say.lasting(each.answered_s),
            say.lasting(each.slowest_s),
        )
        for each in report.kinds
    )
    header = _header(say, "kind", "count", "open", "false", "mean", "slowest")
    return [Section(say("kinds"), header=header, rows=rows, numbers=(1, 2, 3, 4, 5))] if rows else []


def _dogs(report: ShiftReport, say: Language) -> Section:
    rows = tuple(
        (
            each.dog_id,
            f"{each.patrols} / {each.completed}",
            say.far(each.walked_m),
            say.lasting(each.seconds),
            f"{each.charge_used_pct:.0f} %",
            f"{each.reached} / {each.checkpoints}",
            str(each.late),
            str(each.skipped),
            str(each.failed),
        )
        for each in report.dogs
    )
    header = _header(say, "dog", "patrols", "km", "minutes", "battery", "checkpoints", "late", "skipped", "failed")
    if not rows:
        return Section(say("dogs"), note=say("dogs.none"))
    return Section(say("dogs"), header=header, rows=rows, numbers=tuple(range(1, 9)))


def _schedules(report: ShiftReport, say: Language) -> list[Section]:
    if not report.schedules:
        return [Section(say("schedules"), note=say("schedules.none"))]
    rows = tuple(
        (
            say.named(each.name),
            *(str(each.outcomes[outcome]) for outcome in Outcome if outcome is not Outcome.WAITING),
            f"{100 * each.promise.kept:.1f} %" if each.promise else "–",
        )
        for each in report.schedules
    )
    header = _header(say, "schedule", "kept", "late", "unfinished", "missed", "promise")
    found = [Section(say("schedules"), header=header, rows=rows, numbers=(1, 2, 3, 4, 5))]
    if report.not_kept:
        why = tuple(
            (
                _moment(row.due_at, report),
                say.named(row.schedule_name),
                say(f"outcome.{row.outcome}"),
                row.why or row.reason or "",
            )
            for row in report.not_kept
        )
        header = _header(say, "due", "schedule", "outcome", "reason")
        found.append(Section(say("not_kept"), header=header, rows=why, below=True))
    return found


def _places(report: ShiftReport, say: Language) -> Section:
    worst_first = sorted(report.watched.places.items(), key=lambda each: -(each[1].worst_s or 0))
    rows = tuple(
        (
            say.named(report.places[checkpoint]),
            str(each.visits),
            say.lasting(each.mean_s),
            say.lasting(each.worst_s),
        )
        for checkpoint, each in worst_first
    )
    header = _header(say, "place", "visits", "idle_mean", "idle_worst")
    return Section(say("places"), header=header, rows=rows, numbers=(1, 2, 3))


def _troubles(report: ShiftReport, say: Language) -> list[Section]:
    if not report.troubles.rows:
        return []
    rows = tuple(
        (
            _moment(row.reached_at or row.planned_at or row.began_at, report),
            say.named(report.places.get(row.checkpoint_id, {"zh": row.checkpoint_id, "en": row.checkpoint_id})),
            row.dog_id,
            _trouble(row, say),
            row.reason or "",
        )
        for row in report.troubles.rows
    )
    header = _header(say, "time", "place", "dog", "outcome", "reason")
    return [Section(say("troubles"), note=_more(report.troubles, say), header=header, rows=rows)]


def _trouble(row: Row[Any], say: Language) -> str:
    told = [say("visit.late", by=say.lasting((row.reached_at - row.planned_at).total_seconds()))] if row.late else []
    return " · ".join([*told, *([say(f"visit.{row.status}")] if row.status in ("SKIPPED", "FAILED") else [])])


def _more(lines: Lines, say: Language) -> str:
    return say("more", n=lines.total, shown=len(lines.rows)) if lines.total > len(lines.rows) else ""


def _header(say: Language, *columns: str) -> tuple[str, ...]:
    return tuple(say(f"col.{each}") for each in columns)


def _moment(at: datetime, report: ShiftReport) -> str:
    return f"{at.astimezone(report.zone):%Y-%m-%d %H:%M}"
