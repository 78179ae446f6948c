"""A real dog core is taken off its round at any moment, by a lossy line, as often as one likes: nothing is done twice
and nothing is left out."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy.orm import Session

from edge.mission.events import OrderCame
from edge.mission.state import compose
from fleet_server.dispatch.interruption import interrupt, rest_of, resume
from fleet_server.dispatch.order_building import draw_order
from fleet_server.patrols.progress import follow
from fleet_server.patrols.queries import progress_of, records, write_back
from fleet_server.patrols.tables import CheckpointStatus, Patrol, PatrolStatus
from fleet_server.store.migrate import migrate
from protocol.codec import decode, encode
from protocol.order import Order
from protocol.site import Checkpoint, Pose, Text
from protocol.state import ActionStatus, AgvPosition, State
from tests.edge.mission.world import ADDRESS, NOW, PLACES, Dog, action, instant
from tests.fleet_server.world import database_in

CHECKPOINTS = {
    name: Checkpoint(checkpoint_id=name, name=Text(zh=name, en=name), pose=Pose(x=x, y=y, theta=0.0))
    for name, (x, y) in PLACES.items()
}
AT = datetime.fromtimestamp(NOW, UTC)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder: Path = tmp_path_factory.mktemp("rounds")
    database = database_in(folder)
    migrate(database.engine)
    with database.write() as it:
        yield it
    database.close()


class Round:
    """A round of the station, and the dog that walks it. ``finished``: how often the last work of each stop was."""

    def __init__(self, session: Session, chance: random.Random, names: list[str]) -> None:
        self.session, self.chance, self.dog = session, chance, Dog()
        work = [{"type": "takePhoto"}, {"type": "dwell", "seconds": 1.5}]
        stops = [{"checkpointId": name, "actions": work[: chance.randrange(3)]} for name in names]
        drawn = draw_order(stops, CHECKPOINTS, self.here, ADDRESS, str(uuid4()), NOW, lambda: str(uuid4()))
        self.patrol = Patrol(
            patrol_id=str(uuid4()),
            dog_id="dog1",
            order_id=drawn.order.order_id,
            order=msgspec.to_builtins(drawn.order),
            status=PatrolStatus.SENT,
            checkpoints=records(drawn.checkpoints),
        )
        self.finished: Counter[int] = Counter()
        self.stop_of: dict[str, int] = {}
        self._known: set[str] = set()
        self.send(drawn.order)

    @property
    def here(self) -> AgvPosition:
        place = self.dog.place
        return AgvPosition(x=place.x, y=place.y, theta=0.0, map_id="yard", position_initialized=True)

    def send(self, order: Order) -> None:
        for number, checkpoint in enumerate(progress_of(self.patrol).checkpoints):
            self.stop_of |= dict.fromkeys(checkpoint.action_ids[-1:], number)
        self.dog.tell(OrderCame(decode(encode(order), Order)))

    def step(self, heard: bool) -> None:
        """The dog goes on for a moment; its state is heard, or lost on the way."""
        self.dog.step()
        told = decode(encode(compose(self.dog.report(), self.dog.situation, ADDRESS, NOW)), State)
        for work in told.action_states:
            if work.action_status is ActionStatus.FINISHED and work.action_id not in self._known:
                self._known.add(work.action_id)
                if work.action_id in self.stop_of:
                    self.finished[self.stop_of[work.action_id]] += 1
        if heard and self.patrol.status in (PatrolStatus.SENT, PatrolStatus.ACTIVE):
            off = self.patrol.interrupted_for is not None
            before = progress_of(self.patrol)
            write_back(self.patrol, follow(before, self.patrol.order_id, self.patrol.cancel_action_id, told, AT, off))

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.1)):
            self.step(self.chance.random() < 0.3)

    def take_off(self) -> None:
        """Interrupt it, have the dog walk elsewhere, and give it back."""
        interrupt(self.session, self.patrol, "call", "dispatch", AT)
        assert self.patrol.cancel_action_id is not None
        self.dog.tell(instant(action("cancelOrder", self.patrol.cancel_action_id)))
        for _ in range(100):
            if self.patrol.status not in (PatrolStatus.SENT, PatrolStatus.ACTIVE):
                break
            self.step(heard=True)
        if self.patrol.status != PatrolStatus.INTERRUPTED:
            return
        x, y = self.chance.uniform(0, 5), self.chance.uniform(0, 5)
        pose = self.dog.situation.pose
        assert pose is not None
        self.dog.situation = replace(self.dog.situation, pose=replace(pose, pose=replace(pose.pose, x=x, y=y)))
        rest = rest_of(self.patrol, self.here, str(uuid4()), lambda: str(uuid4()))
        resume(self.session, self.patrol, rest, "dispatch", AT)
        self.send(rest)


@pytest.mark.parametrize("seed", range(40))
def test_whenever_a_dog_is_taken_off_its_round_all_of_it_is_done_and_nothing_twice(session: Session, seed: int) -> None:
    chance = random.Random(seed)
    names = [chance.choice(sorted(PLACES)) for _ in range(chance.randint(1, 5))]
    made = Round(session, chance, names)
    work = [len(c.action_ids) for c in progress_of(made.patrol).checkpoints]
    for _ in range(chance.randint(1, 4)):
        made.run(chance.uniform(0.0, 9.0))
        if made.patrol.status != PatrolStatus.ACTIVE:
            continue
        made.take_off()
    for _ in range(600):
        if made.patrol.status == PatrolStatus.COMPLETED:
            break
        made.step(heard=True)
    ended = progress_of(made.patrol)
    assert (ended.status, ended.reason) == (PatrolStatus.COMPLETED, None)
    assert [c.status for c in ended.checkpoints] == [CheckpointStatus.DONE] * len(names)
    # Work that was cut off is done anew from its beginning, so it is the last of it that must be done once.
    assert [made.finished[number] for number in range(len(names))] == [min(count, 1) for count in work]
