"""What was expected against what came: one finding for each expectation. It reads an outcome, and does nothing."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from xiaotian.scenarios.event_record import REACHED, Entry, stamp
from xiaotian.scenarios.scenario import Ending, ExpectedError, ExpectedIncident, ExpectedWalk
from xiaotian.scenarios.scenario_run import Outcome


@dataclass(frozen=True)
class Finding:
    """An expectation, what was found of it, and whether that will do. ``about`` is its key in the file."""

    about: str
    expected: str
    found: str
    passed: bool


@dataclass(frozen=True)
class Verdict:
    """All findings of a run."""

    outcome: Outcome
    findings: list[Finding]

    @property
    def passed(self) -> bool:
        """Whether every one passed."""
        return all(finding.passed for finding in self.findings)

    @property
    def wrong(self) -> list[Finding]:
        """Those that did not."""
        return [finding for finding in self.findings if not finding.passed]


def judge(outcome: Outcome) -> Verdict:
    """The verdict over ``outcome``."""
    if outcome.error:
        return Verdict(outcome, [Finding("run", "the stack starts, runs and ends", outcome.error, False)])
    return Verdict(outcome, list(_Judge(outcome).findings()))


class _Judge:
    """Goes through the expectations one by one."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._expect = outcome.scenario.expect
        self._clock = outcome.clock

    def findings(self) -> Iterator[Finding]:
        """Each expectation of the scenario, judged."""
        outcome = self._outcome
        if outcome.stuck:
            found = f"{outcome.duration_s:.0f} s, at a real-time factor of {outcome.report['real_time_factor']}"
            yield Finding("run", f"up to {outcome.scenario.time_limit_s:g} s simulated in time", found, False)
        yield from self._patrols()
        yield from self._incidents()
        yield from self._errors()
        yield from self._bodies()
        for walk in self._expect.walks:
            yield self._walk(walk)
        if self._expect.order:
            yield self._order()

    # What became of the patrols

    def _patrols(self) -> Iterator[Finding]:
        patrols = list(self._outcome.record.patrols.values())
        wanted = len(self._outcome.scenario.patrols)
        if len(patrols) < wanted:
            why = [e.text for e in self._outcome.timeline if e.label == "patrol:refused"]
            yield Finding("patrol", f"{wanted} assigned", f"{len(patrols)}; {'; '.join(why)}", False)
        for patrol in patrols:
            expected = self._expect.patrol
            if isinstance(expected, dict):
                expected = expected.get(patrol["dogId"], Ending.COMPLETED)
            found = patrol["status"].lower()
            found = "active" if found == "sent" else found
            told = f"{patrol['dogId']}: {found}" + (f" ({patrol['reason']})" if patrol["reason"] else "")
            yield Finding("patrol", f"{patrol['dogId']}: {expected}", told, found == expected)
            if self._expect.checkpoints is not None:
                yield self._checkpoints(patrol["dogId"], patrol["checkpoints"])

    def _checkpoints(self, dog: str, checkpoints: list[dict[str, str]]) -> Finding:
        reached = [c["checkpointId"] for c in checkpoints if c["status"] in REACHED]
        missed = [c["checkpointId"] for c in checkpoints if c["status"] not in REACHED]
        wanted = self._expect.checkpoints
        enough = not missed if wanted == "all" else len(reached) >= int(wanted or 0)
        found = f"{len(reached)} of {len(checkpoints)}" + (f"; not {', '.join(missed)}" if missed else "")
        return Finding("checkpoints", f"{dog}: {wanted} reached", f"{dog}: {found}", enough)

    # What the operator was told

    def _incidents(self) -> Iterator[Finding]:
        left = dict(self._outcome.record.incidents)
        for expected in self._expect.incidents:
            match = next((i for i in left.values() if self._meant(expected, i)), None)
            if match is None:
                yield Finding("incidents", _wanted(expected), "none", False)
                continue
            del left[match["incidentId"]]
            yield from self._incident(expected, match)
        if self._expect.no_other_incidents:
            others = [f"{i['zoneId'] or i['kind']} at {_place(i['position'])}" for i in left.values()]
            yield Finding("no_other_incidents", "no others", ", ".join(others) or "none", not others)

    def _meant(self, expected: ExpectedIncident, incident: dict[str, str]) -> bool:
        named = incident["kind"] == expected.kind if expected.kind else incident["zoneId"] == expected.zone
        return named and expected.dog in ("", incident["dogId"])

    def _incident(self, expected: ExpectedIncident, incident: dict[str, object]) -> Iterator[Finding]:
        zone = expected.name
        told = self._outcome.record.first(f"incident:{zone}", str(incident["dogId"]))
        at = self._outcome.time_of(told.wall) if told else math.nan
        since = self._began(expected.since)
        limit = expected.within_s
        yield Finding("incidents", _wanted(expected), f"after {at - since:.1f} s", limit is None or at - since <= limit)
        if expected.within_m is not None:
            off = self.distance_from_truth(incident)
            found = "nobody was there" if off is None else f"{off:.2f} m"
            yield Finding(
                "incidents.within_m",
                f"{zone}: at most {expected.within_m:g} m from the truth",
                found,
                off is not None and off <= expected.within_m,
            )
        if expected.picture:
            there = incident["incidentId"] in self._outcome.pictures
            yield Finding("incidents.picture", f"{zone}: its picture stored", "stored" if there else "none", there)

    def distance_from_truth(self, incident: dict[str, object]) -> float | None:
        """Metres from where the incident is said to be to the nearest true person, or vehicle or thing where it tells
        of one, at the moment of its frame."""
        position = incident["position"]
        assert isinstance(position, dict)
        true = self._outcome.told_of_at(str(incident["kind"]), stamp(str(incident["frameStamp"])))
        return min((math.dist((position["x"], position["y"]), at) for at in true), default=None)

    def _errors(self) -> Iterator[Finding]:
        for expected in self._expect.errors:
            yield from self._error(expected)
        if self._expect.no_other_errors:
            known = {expected.error for expected in self._expect.errors} | set(self._expect.allowed_errors)
            others = [
                f"{e.dog} {e.name} at {e.t:.1f} s" + (f" ({e.text})" if e.text else "")
                for e in self._outcome.timeline
                if e.kind == "error" and e.t > 0 and e.name not in known
            ]
            yield Finding("no_other_errors", "no others", "; ".join(others) or "none", not others)

    def _error(self, expected: ExpectedError) -> Iterator[Finding]:
        since = self._began(expected.since)
        told = self._first(lambda e: e.label == f"error:{expected.error}" and e.t >= since, expected.dog)
        limit = expected.within_s
        wanted = expected.error + (f" within {limit:g} s" if limit is not None else "")
        found = "never" if told is None else f"after {told.t - since:.1f} s ({told.text})"
        yield Finding("errors", wanted, found, told is not None and (limit is None or told.t - since <= limit))
        if expected.gone_within_s is None or told is None:
            return
        over = self._first(lambda e: e.label == f"mended:{expected.error}" and e.t >= told.t, expected.dog)
        found = "never" if over is None else f"after {over.t - told.t:.1f} s"
        wanted = f"{expected.error} over within {expected.gone_within_s:g} s"
        yield Finding(
            "errors.gone_within_s", wanted, found, over is not None and over.t - told.t <= expected.gone_within_s
        )

    # What truly happened to the bodies, by the simulator

    def _bodies(self) -> Iterator[Finding]:
        for dog, told in self._outcome.report["dogs"].items():
            if self._expect.collisions is not None:
                hit = ", ".join(sorted({each["with"] for each in told["collided_with"]}))
                found = f"{told['collisions']}" + (f" (with {hit})" if hit else "")
                wanted = f"{dog}: at most {self._expect.collisions}"
                yield Finding("collisions", wanted, found, told["collisions"] <= self._expect.collisions)
            if self._expect.falls is not None:
                fine = told["falls"] <= self._expect.falls
                yield Finding("falls", f"{dog}: at most {self._expect.falls}", f"{told['falls']}", fine)
            if self._expect.nearest_approach_m is not None:
                yield self._nearest(dog, told["nearest_approach_m"], self._expect.nearest_approach_m)
            if self._expect.battery_never_under is not None:
                yield self._battery(dog, self._expect.battery_never_under)

    def _nearest(self, dog: str, nearest: float | None, least: float) -> Finding:
        found = "nobody was near" if nearest is None else f"{nearest:.2f} m"
        wanted = f"{dog}: at least {least:g} m from everybody"
        return Finding("nearest_approach_m", wanted, found, nearest is None or nearest >= least)

    def _battery(self, dog: str, least: float) -> Finding:
        charges = [t.charge for t in self._outcome.record.told if t.dog == dog and t.charge is not None]
        lowest = min(charges, default=None)
        found = "never told" if lowest is None else f"{lowest:.0%} at its lowest"
        wanted = f"{dog}: never under {least:.0%}"
        return Finding("battery_never_under", wanted, found, lowest is not None and lowest >= least)

    def _walk(self, walk: ExpectedWalk) -> Finding:
        dog = walk.dog or self._outcome.scenario.dogs[0].name
        since = self._began(walk.since)
        began = self._outcome.zero + since
        path = [row for row in self._outcome.report["dogs"][dog]["path"] if began <= row[0] <= began + walk.seconds]
        metres = sum(math.dist(a[1:3], b[1:3]) for a, b in pairwise(path))
        limits = [f"at least {walk.least_m:g} m"] if walk.least_m is not None else []
        limits += [f"at most {walk.most_m:g} m"] if walk.most_m is not None else []
        wanted = f"{dog}: {' and '.join(limits)} in the {walk.seconds:g} s after {walk.since or 'the start'}"
        fine = (walk.least_m is None or metres >= walk.least_m) and (walk.most_m is None or metres <= walk.most_m)
        return Finding("walks", wanted, f"{metres:.1f} m", fine and not math.isnan(since))

    def _order(self) -> Finding:
        wanted = list(self._expect.order)
        came = [entry.label for entry in self._outcome.timeline]
        left = iter(came)
        missing = next((label for label in wanted if label not in left), None)
        told = " < ".join(label for label in dict.fromkeys(came) if label in wanted)
        found = "so it was" if missing is None else f"{told or 'none of them'}; {missing} not in its place"
        return Finding("order", " < ".join(wanted), found, missing is None)

    def _began(self, name: str) -> float:
        """The scenario's seconds at which the happening began; NaN where it never did."""
        if not name:
            return 0.0
        entry = self._first(lambda e: e.label == f"event:{name}")
        return math.nan if entry is None else entry.t

    def _first(self, fits: Callable[[Entry], bool], dog: str = "") -> Entry | None:
        return next((e for e in self._outcome.timeline if fits(e) and (not dog or e.dog == dog)), None)


def _wanted(expected: ExpectedIncident) -> str:
    limit, where = expected.within_s, f"of {expected.kind}" if expected.kind else f"in {expected.zone}"
    return f"one {where}" + (f" within {limit:g} s" if limit is not None else "")


def _place(position: dict[str, float]) -> str:
    return f"({position['x']:.1f}, {position['y']:.1f})"
