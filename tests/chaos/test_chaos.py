"""Whatever befalls dogs, broker, station and the lines between them: everything arrives, and once."""

from pathlib import Path

import pytest

from tests.chaos.storm import DOGS, storm

ANOMALIES = 500
SEEDS = (1, 2)  # `make chaos` takes more


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_storm_every_anomaly_and_every_picture_is_at_the_station_once(tmp_path: Path, seed: int) -> None:
    outcome = storm(tmp_path, seed, ANOMALIES // len(DOGS))
    assert outcome.anomalies == ANOMALIES
    assert outcome.pictures > ANOMALIES / 2
    assert (outcome.missing, outcome.doubled, outcome.spoilt) == ([], [], []), outcome.faults
