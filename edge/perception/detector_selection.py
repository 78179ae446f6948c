"""Which detector is to be had here."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from edge.perception.detector import Detector, DetectorUnavailable
from edge.perception.onnx_session import open_session
from edge.perception.person_sim import PersonSim
from edge.perception.ultralytics_adapter import Ultralytics
from edge.perception.yolox import Yolox

AUTO, FALLBACK = "auto", "fallback"
YOLOX_FILE = "yolox_nano.onnx"
CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Choice:
    """A detector, and why this one."""

    detector: Detector
    reason: str

    def __str__(self) -> str:
        return f"detector {self.detector.name}: {self.reason}"


def cache_dir() -> Path:
    """Where ``xiaotian models fetch`` puts what it fetches."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xiaotian" / "models"


def places(model_dirs: Iterable[Path]) -> list[Path]:
    """The folders in which weights are looked for, first to last; none twice. XIAOTIAN_SHARED stands for ../shared."""
    shared = os.environ.get("XIAOTIAN_SHARED")
    roots = [Path(shared)] if shared else [folder.resolve().parent / "shared" for folder in (CHECKOUT, Path.cwd())]
    beside = [root / "models" for root in roots]
    return list(dict.fromkeys([*model_dirs, *beside, cache_dir()]))


def choose(wish: str, folders: Iterable[Path]) -> Choice:
    """The detector for ``wish``: ``auto``, ``fallback``, a path that ends in .onnx, or ``ultralytics:MODEL``.

    ``auto`` takes YOLOX-nano from the first of ``folders`` that has it, else the fallback. Raises
    DetectorUnavailable where something else was wished for and cannot be had: a wish is not quietly overruled.
    """
    if wish == AUTO:
        return _automatic(list(folders))
    if wish == FALLBACK:
        return Choice(PersonSim(), "as configured")
    if wish.startswith("ultralytics:"):
        return Choice(Ultralytics(wish.removeprefix("ultralytics:")), "as configured")
    if wish.endswith(".onnx"):
        return Choice(_from_file(Path(wish)), f"as configured, {wish}")
    raise DetectorUnavailable(f"detector {wish!r}: say auto, fallback, a path that ends in .onnx, or ultralytics:MODEL")


def _automatic(folders: list[Path]) -> Choice:
    broken = []
    for folder in folders:
        path = folder / YOLOX_FILE
        if not path.is_file():
            continue
        try:
            return Choice(Yolox(path), f"weights found in {folder}")
        except DetectorUnavailable as error:
            broken.append(str(error))
    searched = ", ".join(str(folder) for folder in folders) or "no folder"
    reason = f"fallback trained in simulation, for there is no usable {YOLOX_FILE} in {searched}"
    return Choice(PersonSim(), "; ".join([f"{reason} (`xiaotian models fetch` gets it)", *broken]))


def _from_file(path: Path) -> Detector:
    if not path.is_file():
        raise DetectorUnavailable(f"detector {path}: no such file")
    outputs = open_session(path).get_outputs()
    return PersonSim(path) if outputs[0].name == "things" else Yolox(path)
