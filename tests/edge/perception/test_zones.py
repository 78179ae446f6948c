from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from edge.perception.person_location import Located
from edge.perception.zones import Zones, chance_inside
from protocol.site import Hours, Point, Text, Zone, ZoneKind

SQUARE = [(10.0, -5.0), (20.0, -5.0), (20.0, 5.0), (10.0, 5.0)]


def zone(kind: ZoneKind = ZoneKind.RESTRICTED, *hours: tuple[str, str]) -> Zone:
    corners = [Point(x=x, y=y) for x, y in SQUARE]
    name = Text(zh="区", en="zone")
    if not hours:
        return Zone(zone_id="yard", kind=kind, name=name, polygon=corners)
    spans = [Hours(start=start, end=end) for start, end in hours]
    return Zone(zone_id="yard", kind=kind, name=name, polygon=corners, hours=spans)


def at(hour: int, minute: int = 0, timezone: str = "Asia/Shanghai") -> float:
    return datetime(2026, 3, 3, hour, minute, tzinfo=ZoneInfo(timezone)).timestamp()


def in_force(now: float, *hours: tuple[str, str]) -> bool:
    return bool(Zones.of([zone(ZoneKind.RESTRICTED, *hours)], "Asia/Shanghai").in_force(now))


def test_a_zone_without_hours_is_always_in_force() -> None:
    assert in_force(at(3))
    assert in_force(at(15))


@pytest.mark.parametrize(
    ("hour", "minute", "runs"), [(21, 59, 0), (22, 0, 1), (0, 0, 1), (5, 59, 1), (6, 0, 0), (12, 0, 0)]
)
def test_hours_run_over_midnight_in_the_sites_own_time(hour: int, minute: int, runs: int) -> None:
    assert in_force(at(hour, minute), ("22:00", "06:00")) is bool(runs)


def test_hours_may_end_at_midnight() -> None:
    assert in_force(at(23, 59), ("18:00", "24:00"))
    assert not in_force(at(0, 0), ("18:00", "24:00"))


def test_hours_are_not_those_of_utc() -> None:
    night_in_utc = datetime(2026, 3, 3, 23, 0, tzinfo=UTC).timestamp()  # 07:00 in Shanghai
    assert not in_force(night_in_utc, ("22:00", "06:00"))


def test_a_time_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        Zones.of([zone()], "Mars/Olympus")


def test_the_chance_of_being_inside_falls_from_the_middle_over_the_edge() -> None:
    shape = Zones.of([zone()], "UTC").restricted[0][1]
    chances = [chance_inside(shape, Located(x, 0.0, 1.0, 0.0, 1.0)) for x in (15.0, 11.0, 10.0, 9.0, 5.0)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] == 1.0
    assert 0.3 < chances[2] < 0.7
    assert chances[-1] == 0.0
