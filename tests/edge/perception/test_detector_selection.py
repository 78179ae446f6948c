import shutil
from pathlib import Path

import pytest

from edge.perception.detector import DetectorUnavailable
from edge.perception.detector_selection import choose, places
from edge.perception.person_sim import COMMITTED
from tests.shared import shared


def test_without_weights_anywhere_the_fallback_steps_in_and_says_why(tmp_path: Path) -> None:
    choice = choose("auto", [tmp_path])
    assert choice.detector.name == "person_sim"
    assert str(tmp_path) in choice.reason
    assert "xiaotian models fetch" in str(choice)


def test_weights_in_a_configured_folder_are_taken(tmp_path: Path) -> None:
    shutil.copy(shared("models/yolox_nano.onnx"), tmp_path)
    choice = choose("auto", [tmp_path / "none", tmp_path])
    assert choice.detector.name == "yolox_nano"
    assert str(choice) == f"detector yolox_nano: weights found in {tmp_path}"


def test_the_first_folder_with_weights_wins(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        shutil.copy(shared("models/yolox_nano.onnx"), tmp_path / name)
    assert str(tmp_path / "first") in choose("auto", [tmp_path / "first", tmp_path / "second"]).reason


def test_broken_weights_are_named_and_the_fallback_steps_in(tmp_path: Path) -> None:
    (tmp_path / "yolox_nano.onnx").write_bytes(b"not a network")
    choice = choose("auto", [tmp_path])
    assert choice.detector.name == "person_sim"
    assert "not a network that onnxruntime can run" in choice.reason


def test_the_cache_is_looked_at_last_and_configured_folders_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("XIAOTIAN_SHARED", raising=False)
    folders = places([tmp_path / "mine"])
    assert folders[0] == tmp_path / "mine"
    assert folders[-1] == tmp_path / "xiaotian" / "models"
    assert any(folder.parts[-2:] == ("shared", "models") for folder in folders)


def test_where_the_shared_folder_is_can_be_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOTIAN_SHARED", str(tmp_path / "elsewhere"))
    assert next(folder for folder in places([]) if folder.name == "models") == tmp_path / "elsewhere/models"
    assert not any(folder.parts[-2:] == ("shared", "models") for folder in places([]))


def test_a_path_is_taken_by_what_it_holds() -> None:
    assert choose(str(COMMITTED), []).detector.name == "person_sim"
    assert choose("fallback", []).detector.name == "person_sim"
    assert choose(str(shared("models/yolox_nano.onnx")), []).detector.name == "yolox_nano"


@pytest.mark.parametrize("wish", ["nonsense", "missing.onnx", "ultralytics:yolo11n.pt"])
def test_a_wish_that_cannot_be_met_is_refused_rather_than_overruled(wish: str) -> None:
    if wish.startswith("ultralytics") and _has_ultralytics():
        pytest.skip("ultralytics is installed here")
    with pytest.raises(DetectorUnavailable, match=wish.split(":")[0].split(".")[0]):
        choose(wish, [])


def test_without_ultralytics_the_line_that_installs_it_is_told() -> None:
    if _has_ultralytics():
        pytest.skip("ultralytics is installed here")
    with pytest.raises(DetectorUnavailable, match=r"pip install 'xiaotian\[ultralytics\]'"):
        choose("ultralytics:yolo11n.yaml", [])


def _has_ultralytics() -> bool:
    import importlib.util

    return importlib.util.find_spec("ultralytics") is not None
