"""JUnit XML, as Jenkins, GitLab and GitHub's reporters read it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from xiaotian.child_processes import tail
from xiaotian.scenarios.event_record import Entry
from xiaotian.scenarios.judge import Finding, Verdict

SUITE = "xiaotian"
LOG_LINES = 15
ILLEGAL = {n: "\N{REPLACEMENT CHARACTER}" for n in range(32) if n not in (9, 10, 13)}  # in XML 1.0


def write(verdicts: Sequence[Verdict], file: Path, began: datetime, wall_s: float) -> None:
    """Write ``verdicts`` to ``file``: a suite a scenario, a case an expectation."""
    top = ET.Element("testsuites", {"name": SUITE, "time": f"{wall_s:.3f}"} | _counts(verdicts))
    for verdict in verdicts:
        top.append(_suite(verdict, began))
    ET.indent(top)
    file.parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(top).write(file, encoding="utf-8", xml_declaration=True)


def _suite(verdict: Verdict, began: datetime) -> ET.Element:
    outcome = verdict.outcome
    name = outcome.folder.name
    said = {
        "name": name,
        "timestamp": began.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "hostname": "localhost",
        "time": f"{outcome.wall_s:.3f}",
        "skipped": "0",
    }
    suite = ET.Element("testsuite", said | _counts([verdict]))
    properties = ET.SubElement(suite, "properties")
    known = {
        "scenario": str(outcome.scenario.file),
        "site": outcome.scenario.site.name,
        "seed": str(outcome.seed),
        "simulated_s": f"{outcome.duration_s:g}",
        "real_time_factor": f"{outcome.report.get('real_time_factor', 0):g}",
    }
    for key, value in known.items():
        ET.SubElement(properties, "property", name=key, value=value)
    for number, finding in enumerate(verdict.findings):
        suite.append(_case(verdict, finding, outcome.wall_s if number == 0 else 0.0))
    ET.SubElement(suite, "system-out").text = _legal("\n".join(_line(entry) for entry in outcome.timeline))
    ET.SubElement(suite, "system-err").text = _legal("" if verdict.passed else _logs(outcome.folder / "logs"))
    return suite


def _case(verdict: Verdict, finding: Finding, time_s: float) -> ET.Element:
    name = verdict.outcome.folder.name
    case = ET.Element(
        "testcase",
        classname=f"{SUITE}.{name}",
        name=_legal(f"{finding.about}: {finding.expected}"),
        time=f"{time_s:.3f}",
    )
    if not finding.passed:
        tag, kind = ("error", "StackError") if verdict.outcome.error else ("failure", "ExpectationFailure")
        told = f"expected {finding.expected}, found {finding.found}"
        ET.SubElement(case, tag, type=kind, message=_legal(told.splitlines()[0])).text = _legal(told)
    return case


def _counts(verdicts: Sequence[Verdict]) -> dict[str, str]:
    broken = sum(bool(v.outcome.error) for v in verdicts)
    failed = sum(len(v.wrong) for v in verdicts if not v.outcome.error)
    return {"tests": str(sum(len(v.findings) for v in verdicts)), "failures": str(failed), "errors": str(broken)}


def _line(entry: Entry) -> str:
    return f"{entry.t:8.2f}  {entry.label}  {entry.dog} {entry.text}".rstrip()


def _logs(folder: Path) -> str:
    return "\n\n".join(f"{log.name}:\n{tail(log, LOG_LINES)}" for log in sorted(folder.glob("*.log")))


def _legal(text: str) -> str:
    return text.translate(ILLEGAL)
