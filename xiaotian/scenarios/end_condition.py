"""Whether a run may end: its patrols, its happenings, and what is expected to be told."""

from collections.abc import Mapping
from typing import Any

from xiaotian.scenarios.event_record import OPEN, Kind, Record
from xiaotian.scenarios.scenario import Ending, ExpectedError, ExpectedIncident, Scenario

LINGER_S = 2.0  # simulated, after the end: time for a second, unwanted incident to show itself


class Awaited:
    """What a scenario waits for. ``begun`` says when each happening began, in the scenario's seconds."""

    def __init__(self, scenario: Scenario, record: Record, begun: Mapping[str, float]) -> None:
        self._scenario, self._record, self._begun = scenario, record, begun

    def over(self, now: float) -> bool:
        """Whether nothing more is awaited, once all patrols are sent and all happenings have begun."""
        expect = self._scenario.expect
        due = [incident for incident in expect.incidents if not self._overdue(incident, now)]
        wanted = [f"incident:{each.name}" for each in due]
        wanted += [f"picture:{each.name}" for each in due if each.picture]
        errors = [error for error in expect.errors if not self._overdue(error, now)]
        wanted += [f"error:{each.error}" for each in errors]
        wanted += [f"mended:{each.error}" for each in errors if each.gone_within_s is not None]
        late = len(due) < len(expect.incidents) or len(errors) < len(expect.errors)
        wanted += [label for label in expect.order if not late and not label.startswith(f"{Kind.WORLD}:")]
        if not all(self._record.heard(label) for label in wanted):
            return False
        latest = max((self._began(w.since) + w.seconds for w in expect.walks), default=0.0)
        return now >= latest and all(self._ended(patrol) for patrol in self._record.patrols.values())

    def _overdue(self, expected: ExpectedIncident | ExpectedError, now: float) -> bool:
        """Whether it has not come, and would come too late now: the verdict waits for it no longer."""
        label = f"incident:{expected.name}" if isinstance(expected, ExpectedIncident) else f"error:{expected.error}"
        if expected.within_s is None or self._record.heard(label):
            return False
        return now > self._began(expected.since) + expected.within_s + LINGER_S

    def _began(self, name: str) -> float:
        """The scenario's seconds at which the happening began, or is taken to have: 0."""
        return self._begun.get(name, 0.0)

    def _ended(self, patrol: dict[str, Any]) -> bool:
        expected = self._scenario.expect.patrol
        if isinstance(expected, dict):
            expected = expected.get(patrol["dogId"], Ending.COMPLETED)
        return patrol["status"] not in OPEN or expected is Ending.ACTIVE
