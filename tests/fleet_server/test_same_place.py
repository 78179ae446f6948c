"""What was alike at the same place in the week before, and nothing else."""

from datetime import timedelta
from pathlib import Path

from fleet_server.incidents.same_place import MOST, same_place
from tests.fleet_server.test_store import NOW, _incident, database


def test_it_is_of_the_same_kind_and_site_near_and_before_and_not_longer_ago_than_last_week(tmp_path: Path) -> None:
    store = database(tmp_path)
    with store.write() as session:
        here = _incident("here", NOW, held=False)
        session.add(here)
        for name, days, more in (
            ("an hour ago", 1 / 24, {"x": 4.0, "y": -4.0}),
            ("last week", 7.0, {"y": 3.0}),
            ("long ago", 8.1, {}),
            ("later", -0.1, {}),
            ("elsewhere", 1.0, {"x": 6.0}),
            ("another site", 1.0, {"site_id": "port"}),
            ("another kind", 1.0, {"kind": "other"}),
        ):
            before = _incident(name, NOW - timedelta(days=days), held=False)
            for field, value in more.items():
                setattr(before, field, value)
            session.add(before)
        session.flush()
        assert [each.incident_id for each in same_place(session, here)] == ["an hour ago", "last week"]
        for number in range(20):
            session.add(_incident(f"{number}", NOW - timedelta(hours=number + 2), held=False))
        session.flush()
        assert len(same_place(session, here)) == MOST
