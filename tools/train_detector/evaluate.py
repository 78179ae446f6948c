"""Weigh the committed fallback: figures in simulation and on real pictures, printed as the JSON that its card holds.

python tools/train_detector/evaluate.py --model edge/perception/weights/person_sim.onnx [--real ../shared]
"""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from render import shots  # noqa: E402
from yard import LEAST_VISIBLE, Light, Yard  # noqa: E402

from edge.perception.detector import Box, Detector, Picture  # noqa: E402
from edge.perception.person_sim import PersonSim  # noqa: E402
from edge.perception.yolox import Yolox  # noqa: E402

AGREE = 0.5
"""Intersection over union from which a found box is that person's."""
CLEAR = 0.8
"""Share of a person that nothing hides, from which a miss counts as one in the yard."""
TALL = 48
"""Pixels of 480: a grown person 12 m away."""
YARD_SEED, WORLDS_SEED, CHECK_SEED = 900, 901, 77
"""None of them is a training seed."""
CHECK_PICTURES = 60

Labelled = tuple[Picture, np.ndarray]


def main() -> None:
    """See the module."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--model", type=Path, required=True)
    ask.add_argument("--real", type=Path, help="the folder with data/vision and models/yolox_nano.onnx")
    ask.add_argument("--yard", type=int, default=300)
    ask.add_argument("--worlds", type=int, default=15)
    asked = ask.parse_args()
    detector = PersonSim(asked.model)
    figures = {
        "threshold": detector.threshold,
        "bytes": asked.model.stat().st_size,
        "check": weigh(detector, check_set()),
        "yard_day": weigh(detector, yard(asked.yard, (Light.DAY,))),
        "yard_day_half_hidden_too": weigh(detector, yard(asked.yard, (Light.DAY,), LEAST_VISIBLE)),
        "yard_dusk": weigh(detector, yard(asked.yard // 2, (Light.DUSK,))),
        "yard_night": weigh(detector, yard(asked.yard // 2, (Light.NIGHT,))),
        "random_worlds": weigh(detector, shots(asked.worlds, 20, 0, False, WORLDS_SEED)),
    }
    if asked.real:
        figures["real_labelled"] = weigh(detector, labelled(asked.real / "data/vision/mmpose_coco"))
        yolox = Yolox(asked.real / "models/yolox_nano.onnx")
        folders = [asked.real / "data/vision" / name for name in ("kaz_coco100", "frigate_coco")]
        figures["real_against_yolox"] = weigh(detector, relabelled(folders, yolox))
    print(json.dumps(figures, indent=2))


def yard(pictures: int, lights: tuple[Light, ...], least_visible: float = CLEAR) -> Iterable[Labelled]:
    """Held-out pictures of the yard in its own colours."""
    place = Yard(np.random.default_rng([YARD_SEED, 0]), lights=lights, least_visible=least_visible)
    yield from (place.take() for _ in range(pictures))
    place.close()


def check_set() -> Iterable[Labelled]:
    """The small set on which tests reproduce the card's figures."""
    place = Yard(np.random.default_rng(CHECK_SEED), lights=(Light.DAY,), least_visible=CLEAR)
    yield from (place.take() for _ in range(CHECK_PICTURES))
    place.close()


def weigh(detector: Detector, pictures: Iterable[Labelled]) -> dict[str, float]:
    """Precision and recall at the detector's threshold over people of at least TALL pixels of 480; people who are
    smaller, or marked 0 in the label, are neither missed nor false."""
    right = missed = false = count = 0
    for picture, boxes in pictures:
        count += 1
        tall = TALL * picture.shape[0] / 480
        true = [(Box(*map(float, b[:4])), bool(b[4] and b[3] - b[1] >= tall)) for b in boxes]
        found = [d.box for d in detector.detect(picture) if d.score >= detector.threshold]
        taken: set[int] = set()
        for box, counts in sorted(true, key=lambda item: not item[1]):
            best = max(
                (i for i in range(len(found)) if i not in taken), key=lambda i: box.overlap(found[i]), default=None
            )
            hit = best is not None and box.overlap(found[best]) >= AGREE
            if hit:
                taken.add(best)
            if counts:
                right, missed = right + hit, missed + (not hit)
        for i, box in enumerate(found):
            ignored = any(not counts and box.overlap(t) > 0.1 for t, counts in true)
            false += i not in taken and not ignored
    return {
        "pictures": count,
        "people": right + missed,
        "recall": round(right / max(right + missed, 1), 3),
        "precision": round(right / max(right + false, 1), 3),
        "false_per_100_pictures": round(100 * false / max(count, 1), 1),
    }


def labelled(folder: Path) -> Iterable[Labelled]:
    """COCO pictures with person boxes (test_coco.json)."""
    told = json.loads((folder / "test_coco.json").read_text(encoding="utf-8"))
    for image in told["images"]:
        boxes = [
            [*a["bbox"][:2], a["bbox"][0] + a["bbox"][2], a["bbox"][1] + a["bbox"][3], 1.0]
            for a in told["annotations"]
            if a["image_id"] == image["id"]
        ]
        yield _read(folder / image["file_name"]), np.array(boxes, np.float32)


def relabelled(folders: list[Path], reference: Detector) -> Iterable[Labelled]:
    """Unlabelled pictures, with what YOLOX is sure of (0.5) as people and its doubts as 'look away'."""
    for path in sorted(path for folder in folders for path in folder.glob("*.jpg")):
        picture = _read(path)
        boxes = [
            [d.box.left, d.box.top, d.box.right, d.box.bottom, float(d.score >= 0.5)] for d in reference.detect(picture)
        ]
        yield picture, np.array(boxes, np.float32).reshape(-1, 5)


def _read(path: Path) -> Picture:
    return np.ascontiguousarray(cv2.imread(str(path))[:, :, ::-1])


if __name__ == "__main__":
    main()
