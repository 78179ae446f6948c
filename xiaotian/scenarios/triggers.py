"""When what is to happen is due: by the scenario's time, or after something that came first."""

from xiaotian.scenarios.event_record import Kind, Record
from xiaotian.scenarios.scenario import Happening, Scenario, When


class Triggers:
    """The happenings that wait."""

    def __init__(self, scenario: Scenario) -> None:
        self.waiting: list[Happening] = list(scenario.happenings)
        self._came: dict[str, float] = {}  # when that for which a happening waits was noticed

    def due(self, now: float, record: Record) -> list[Happening]:
        """Those whose time has come, in the order of their times; each once."""
        due: list[tuple[float, Happening]] = []
        for happening in self.waiting:
            at = happening.at if happening.when is None else self._after(happening, happening.when, now, record)
            if at is not None and at <= now:
                due.append((at, happening))
        self.waiting = [h for h in self.waiting if h not in [done for _, done in due]]
        return [happening for _, happening in sorted(due, key=lambda pair: pair[0])]

    def _after(self, happening: Happening, when: When, now: float, record: Record) -> float | None:
        if happening.id not in self._came and record.heard(_label(when)):
            self._came[happening.id] = now
        came = self._came.get(happening.id)
        return None if came is None else came + when.wait


def _label(when: When) -> str:
    if when.checkpoint:
        return f"{Kind.CHECKPOINT}:{when.checkpoint}"
    if when.error:
        return f"{Kind.ERROR}:{when.error}"
    return f"{Kind.EVENT}:{when.after}" if when.after else f"{Kind.INCIDENT}:{when.incident}"
