"""Whatever befalls dogs, broker, station and the lines between them: everything arrives, and once."""

from pathlib import Path

import pytest

from tests.chaos import several_processes
from tests.chaos.storm import DOGS, KINDS, storm
from tests.postgresql import cluster

ANOMALIES = 500
SEEDS = (1,)  # `make chaos` takes more


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_storm_every_anomaly_and_every_picture_is_at_the_station_once(tmp_path: Path, seed: int) -> None:
    outcome = storm(tmp_path, seed, ANOMALIES // len(DOGS))
    assert outcome.anomalies == ANOMALIES
    assert outcome.pictures > ANOMALIES / 2
    assert outcome.kinds.keys() == {*KINDS}
    assert (outcome.missing, outcome.doubled, outcome.spoilt) == ([], [], []), outcome.faults


@pytest.mark.slow  # eight processes, and twenty seconds of storm
@pytest.mark.timeout(900)  # what it waits for has times of its own, and says what did not come
def test_any_of_a_stations_processes_may_be_killed_and_nothing_is_lost_doubled_or_done_twice(tmp_path: Path) -> None:
    with cluster() as postgresql:
        outcome = several_processes.storm(tmp_path, 2, 40, postgresql, faults=8)
    assert outcome.anomalies == 40 * len(DOGS)
    assert outcome.rounds == several_processes.ROUNDS
    assert outcome.right, outcome
    assert outcome.kinds.keys() == {*several_processes.KINDS}
    assert len(outcome.takeovers_s) == outcome.kinds["leader"] + outcome.kinds["leader stopped"]
    assert max(outcome.takeovers_s) < several_processes.TAKEN_OVER_S
