from dataclasses import fields, is_dataclass

from edge.dog.dog import DogConfig
from edge.mission.mission import MissionConfig
from xiaotian.direct.parameters import configured, filled


def test_a_dog_in_one_process_is_configured_by_the_files_that_its_nodes_read() -> None:
    dog, mission = configured()
    assert dog.safety.has_points
    assert dog.navigator.blocked_after == 45.0
    assert mission.watch.reserve.left == 0.15
    assert not configured("scan_only")[0].safety.has_points
    assert configured("unitree_l1")[0].points != dog.points


def test_what_is_left_out_keeps_its_default_and_what_is_said_deep_inside_is_heard() -> None:
    told = {"navigator": {"planning": {"inscribed": 0.5}}, "unheard": 1}
    config = filled(DogConfig(), told)
    assert config.navigator.planning.inscribed == 0.5
    assert (
        filled(config, {"navigator": {"planning": {"inscribed": DogConfig().navigator.planning.inscribed}}})
        == DogConfig()
    )
    assert filled(MissionConfig(), {}) == MissionConfig()
    assert all(is_dataclass(getattr(config, item.name)) for item in fields(config))
