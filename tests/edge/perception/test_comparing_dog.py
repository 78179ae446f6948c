"""The perception core asked to compare a checkpoint: looks, masks, remembers, tells."""

from itertools import count

from edge.dog.perception_core import Frame, Look, PerceptionCore
from edge.perception.detector_selection import FALLBACK, choose
from edge.types import Imu, PoseEstimate
from protocol.anomaly import AnomalyKind
from tests.edge.perception.scene import CAMERA, MOUNT, view
from tests.edge.perception.test_checkpoint_comparison import THING, yard

import numpy as np  # isort: skip


class Stands:
    """A dog that stands, and what its camera shows."""

    def __init__(self) -> None:
        ids = count()
        self.core = PerceptionCore(choose(FALLBACK, []).detector, lambda: str(next(ids)), MOUNT)
        self.core.take_intrinsics(CAMERA)
        self.now = 1000.0

    def see(self, thing: bool, seconds: float) -> list[Look]:
        """What it makes of some seconds of it."""
        looks = []
        for _ in range(round(seconds / 0.4)):
            self.now += 0.4
            self.core.take_imu(Imu(0.0, 0.0, 0.0, self.now))
            self.core.take_frame(Frame(yard(1, THING if thing else None), self.now))
            look = self.core.take_pose(PoseEstimate(view().pose, np.eye(3) * 1e-4, 1.0, self.now))
            looks += [look] if look is not None else []
        return looks


def test_a_dog_keeps_a_checkpoints_picture_and_tells_a_change_with_its_picture_and_place() -> None:
    dog = Stands()
    assert dog.core.ask_comparison("early", "gate", dog.now) == "the camera sends no pictures"
    dog.see(False, 1.2)
    said = []
    for action, thing in (("a", False), ("b", False), ("c", True)):
        assert dog.core.ask_comparison(action, "gate", dog.now) == ""
        looks = dog.see(thing, 2.8)
        ended = [look for look in looks if look.compared is not None]
        assert len(ended) == 1
        said.append((ended[0].compared.action_id, ended[0].compared.outcome.value))  # type: ignore[union-attr]
        changed = [s for look in looks for s in look.sighted if s.alert.kind is AnomalyKind.CHECKPOINT_CHANGED]
        assert len(changed) == (action == "c")
    assert said == [("a", "kept"), ("b", "unchanged"), ("c", "changed")]
    assert changed[0].picture is not None
    assert (1.0 < changed[0].alert.place.x < 3.0, abs(changed[0].alert.place.y) < 0.5) == (True, True)


def test_another_order_ends_the_comparison_of_the_last_and_may_ask_for_its_own() -> None:
    dog = Stands()
    dog.core.take_order("first")
    dog.see(False, 1.2)
    assert dog.core.ask_comparison("a", "gate", dog.now) == ""
    assert [each.compared for each in dog.see(False, 1.2)] == [None] * 3
    assert dog.core.ask_comparison("b", "gate", dog.now) == "another comparison is under way"
    dog.core.take_order("first")
    assert dog.core.ask_comparison("b", "gate", dog.now) == "another comparison is under way"
    dog.core.take_order("second")
    assert dog.core.ask_comparison("c", "gate", dog.now) == ""
    ended = [each.compared.action_id for each in dog.see(False, 2.8) if each.compared is not None]
    assert ended == ["c"]
