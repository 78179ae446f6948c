"""A date and hour as a site's people say it."""

from datetime import UTC, datetime

import pytest

from xiaotian.local_time import epoch


def test_noon_in_shanghai_is_four_in_the_morning_in_utc() -> None:
    assert (
        datetime.fromtimestamp(epoch("2026-06-15 12:00", "Asia/Shanghai"), UTC).isoformat()
        == "2026-06-15T04:00:00+00:00"
    )


def test_summer_time_is_the_sites_own() -> None:
    hours = [
        datetime.fromtimestamp(epoch(f"2026-{month}-15 12:00", "Europe/Berlin"), UTC).hour for month in ("01", "07")
    ]
    assert hours == [11, 10]


@pytest.mark.parametrize("text", ["noon", "2026-06-15", "2026-06-31 12:00", "12:00", ""])
def test_what_is_no_date_and_hour_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=f"'{text}' is no date and hour"):
        epoch(text, "Asia/Shanghai")
