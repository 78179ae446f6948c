"""A site folder is read whole, or refused with the place at fault."""

import re
from pathlib import Path

import msgspec
import pytest
import yaml
from PIL import Image

from protocol.map_file import FREE, OCCUPIED, UNKNOWN
from protocol.rules import BagLeft, VehicleParked, ZoneRules
from protocol.site import ZoneKind
from protocol.site_folder import MalformedSite, read_site
from protocol.speech import MOST_SENTENCES

SITE = {
    "site_id": "yard",
    "name": {"zh": "大院", "en": "Yard"},
    "timezone": "Asia/Shanghai",
    "origin": {"latitude_deg": 31.2, "longitude_deg": 121.5, "heading_deg": 10.0},
    "map": "map.yaml",
    "zones": [
        {
            "zone_id": "store",
            "kind": "restricted",
            "name": {"zh": "库", "en": "Store"},
            "polygon": [{"x": 0, "y": 0}, {"x": 1, "y": 0}, {"x": 1, "y": 1}],
            "hours": [{"start": "22:00", "end": "06:00"}],
        }
    ],
    "checkpoints": [
        {"checkpoint_id": "gate", "name": {"zh": "门", "en": "Gate"}, "pose": {"x": 1, "y": 2, "theta": 0}}
    ],
    "docks": [],
    "routes": [
        {
            "route_id": "round",
            "name": {"zh": "巡", "en": "Round"},
            "stops": [{"checkpoint_id": "gate", "actions": [{"type": "dwell", "seconds": 2}]}],
        }
    ],
}
MAP = {
    "image": "map.pgm",
    "resolution": 0.5,
    "origin": [-1, -2, 0],
    "negate": 0,
    "occupied_thresh": 0.65,
    "free_thresh": 0.25,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, SITE)
    (tmp_path / "map.yaml").write_text(yaml.safe_dump(MAP))
    grey = Image.new("L", (3, 1))
    grey.putdata([0, 254, 128])
    grey.save(tmp_path / "map.pgm")
    return tmp_path


def write(folder: Path, site: object) -> None:
    (folder / "site.yaml").write_text(yaml.safe_dump(site, allow_unicode=True), encoding="utf-8")


def test_a_site_is_read_with_its_map(folder: Path) -> None:
    site, grid = read_site(folder)
    assert site.zones[0].kind is ZoneKind.RESTRICTED
    assert site.routes[0].stops[0].actions[0].seconds == 2
    assert (grid.map_id, grid.resolution, grid.origin.y) == ("yard", 0.5, -2)


def test_a_site_may_have_sentences_of_its_own_and_one_without_is_told_as_before(folder: Path) -> None:
    assert b"sentences" not in msgspec.json.encode(
        read_site(folder)[0]
    )  # by this the station knows an old folder again
    said = [{"zh": "请离开。", "en": "Please leave."}, {"en": "Hello."}]
    write(folder, SITE | {"sentences": said})
    assert msgspec.to_builtins(read_site(folder)[0].sentences) == said


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ({"zh": "好", "en": "..."}, r"en: text has nothing to speak.*sentences\[0\]"),
        ({"zh": "好\n好"}, r"zh: text has a control character.*sentences\[0\]"),
        ({"en": "a" * 201}, r"en: text has 201 characters.*sentences\[0\]"),
        ({}, r"words in no language.*sentences\[0\]"),
        ({"fr": "Partez."}, r"fr.*sentences\[0\]"),
        ({"zh": 7}, r"sentences\[0\].zh"),
    ],
)
def test_a_sentence_that_cannot_be_spoken_is_refused_with_its_place(
    folder: Path, sentence: dict[str, object], says: str
) -> None:
    write(folder, SITE | {"sentences": [sentence]})
    with pytest.raises(MalformedSite, match=says):
        read_site(folder)


def test_no_site_has_more_sentences_than_an_operator_overlooks(folder: Path) -> None:
    write(folder, SITE | {"sentences": [{"en": f"Sentence {n}"} for n in range(MOST_SENTENCES)]})
    read_site(folder)
    write(folder, SITE | {"sentences": [{"en": f"Sentence {n}"} for n in range(MOST_SENTENCES + 1)]})
    with pytest.raises(MalformedSite, match="sentences"):
        read_site(folder)


def test_the_map_reads_as_nav2_reads_it(folder: Path, tmp_path: Path) -> None:
    _, grid = read_site(folder)
    (tmp_path / "back.png").write_bytes(grid.image)
    assert list(Image.open(tmp_path / "back.png").tobytes()) == [OCCUPIED, FREE, UNKNOWN]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"zones": [{"zone_id": "x"}]}, r"kind.*zones\[0\]"),
        ({"timezone": 8}, "timezone"),
        ({"checkpionts": []}, "checkpionts"),
        ({"checkpoints": []}, "'round' stops at 'gate'"),
        ({"map": "nowhere.yaml"}, "nowhere.yaml"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_place(folder: Path, change: dict[str, object], says: str) -> None:
    write(folder, SITE | change)
    with pytest.raises(MalformedSite, match=says) as refused:
        read_site(folder)
    assert str(folder) in str(refused.value)


def test_yaml_that_does_not_parse_is_named_with_its_line(folder: Path) -> None:
    (folder / "site.yaml").write_text("site_id: [1,\nname: x: y")
    with pytest.raises(MalformedSite, match="line 2"):
        read_site(folder)


def test_a_map_without_a_picture_is_named(folder: Path) -> None:
    (folder / "map.pgm").write_text("not a picture")
    with pytest.raises(MalformedSite, match=r"map\.pgm"):
        read_site(folder)


def zoned(folder: Path, kind: str, **more: object) -> Path:
    zone = SITE["zones"][0] | {"kind": kind} | more  # type: ignore[index]
    write(folder, SITE | {"zones": [zone]})
    return folder


def test_a_watched_zone_says_what_is_watched_there(folder: Path) -> None:
    site, _ = read_site(zoned(folder, "watched", rules={"vehicle_parked": {"after_s": 30}, "bag_left": {}}))
    rules = site.zones[0].rules
    assert rules == ZoneRules(vehicle_parked=VehicleParked(after_s=30), bag_left=BagLeft(after_s=10, alone_m=4))


@pytest.mark.parametrize(
    ("kind", "rules", "said"),
    [
        ("watched", None, "watched needs rules"),
        ("restricted", {"bag_left": {}}, "no other kind takes them"),
        ("watched", {"bag_lost": {}}, "'bagLost' is none; there are vehicleParked"),
        ("watched", {"bag_left": {"after": 3}}, "'after' is none; there are afterS"),
        ("watched", {"vehicle_parked": {"after_s": -1}}, "rules.vehicleParked.afterS"),
        ("watched", {"vehicle_parked": {"after_s": 1e9}}, "rules.vehicleParked.afterS"),
        ("watched", {"bag_left": {"alone_m": 0}}, "rules.bagLeft.aloneM"),
        ("watched", {"fire": "yes"}, "rules.fire"),
    ],
)
def test_rules_that_cannot_be_are_refused_with_their_place(folder: Path, kind: str, rules: object, said: str) -> None:
    zoned(folder, kind, **({} if rules is None else {"rules": rules}))
    with pytest.raises(MalformedSite, match=re.escape(said)):
        read_site(folder)
