"""Weigh a detector: how many it finds and how well it places them, printed as the JSON that the card holds.

python tools/train_detector/evaluate.py --model edge/perception/weights/person_sim.onnx [--real ../shared] [--keep DIR]

Pictures of the three sites by seeds that no training has: other places of the dog, other people in other clothes at
other places. A person counts from TALL pixels, of whom HALF is seen, neither hidden nor cut off by the picture's edge;
a box is right from an overlap of AGREE with what is seen. Of whom a QUARTER to a HALF is seen is told apart.
"""

import argparse
import functools
import hashlib
import json
import math
import pickle
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from sites import FOV, KINDS, SITES, WIDTH, Light, Place, Taken  # noqa: E402

from edge.perception.camera_geometry import Intrinsics, Mount, View  # noqa: E402
from edge.perception.detector import PERSON, Box, Detection, Detector, Picture  # noqa: E402
from edge.perception.person_location import locate  # noqa: E402
from edge.perception.person_sim import PersonSim  # noqa: E402
from edge.perception.yolox import Yolox  # noqa: E402
from edge.types import Pose2D  # noqa: E402

AGREE, TALL, HALF, QUARTER = 0.5, 48, 0.5, 0.25
SEED = 900
"""Training has seeds from 1 on."""
PEOPLE = KINDS[:3]
LEAST = {"vehicle": 48, "bag": 24, "fire": 48, "smoke": 48}
"""Pixels of 480 from which a thing counts."""
FOCAL = WIDTH / 2 / math.tan(FOV / 2)
CAMERA = Intrinsics(FOCAL, FOCAL, 320.0, 240.0, 640, 480)
Known = tuple[Box, bool]
"""A person's box, and whether he counts: one who does not is neither missed nor false."""


def main() -> None:
    """See the module."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--model", type=Path, required=True)
    ask.add_argument("--yolox", type=Path, help="weigh these weights of YOLOX-nano instead")
    ask.add_argument("--real", type=Path, help="the folder with data/vision and models/yolox_nano.onnx")
    ask.add_argument("--pictures", type=int, default=200, help="of each site in each light")
    ask.add_argument("--seed", type=int, default=SEED)
    ask.add_argument("--keep", type=Path, help="a folder for the pictures: another detector is weighed on them sooner")
    asked = ask.parse_args()
    detector: Detector = Yolox(asked.yolox) if asked.yolox else PersonSim(asked.model)
    figures: dict[str, object] = {"threshold": detector.threshold, "bytes": asked.model.stat().st_size}
    every, others = Tally(), {label: Tally() for label in LEAST}
    for site in SITES:
        for light in Light:
            tally = Tally()
            for taken in shots(site, light, asked.pictures, asked.seed, asked.keep):
                found = detector.find(taken.rgb)
                judge(detector, taken, found, tally)
                judge_things(detector, taken, found, others)
            figures[f"{site}_{light.value}"] = tally.figures()
            every.add(tally)
    figures["all"] = every.figures() | every.by_posture()
    figures["places"] = places(every)
    figures["things"] = {label: tally.figures() for label, tally in others.items()}
    if asked.real:
        figures["real_labelled"] = weigh(detector, labelled(asked.real / "data/vision/mmpose_coco"))
        yolox = Yolox(asked.real / "models/yolox_nano.onnx")
        folders = [asked.real / "data/vision" / name for name in ("kaz_coco100", "frigate_coco")]
        figures["real_against_yolox"] = weigh(detector, relabelled(folders, yolox))
    print(json.dumps(figures, indent=2))


@dataclass(frozen=True)
class Placed:
    """A person who was found and placed: truly so far away, so far off along the view and across it (metres, positive
    is too far and to the left), and the deviations that were told."""

    kind: str
    away: float
    along: float
    across: float
    told_along: float
    told_across: float


@dataclass
class Tally:
    """What was found."""

    pictures: int = 0
    right: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PEOPLE, 0))
    people: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PEOPLE, 0))
    false: int = 0
    postures: int = 0
    lesser: list[bool] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Take ``other`` in."""
        self.pictures, self.false = self.pictures + other.pictures, self.false + other.false
        self.postures += other.postures
        self.lesser += other.lesser
        for kind in PEOPLE:
            self.right[kind] += other.right[kind]
            self.people[kind] += other.people[kind]
        self.placed += other.placed

    def figures(self) -> dict[str, float]:
        """Recall, precision, false boxes."""
        right, people = sum(self.right.values()), sum(self.people.values())
        return {
            "pictures": self.pictures,
            "people": people,
            "recall": round(right / max(people, 1), 3),
            "precision": round(right / max(right + self.false, 1), 3),
            "false_per_100_pictures": round(100 * self.false / max(self.pictures, 1), 1),
        }

    def by_posture(self) -> dict[str, float]:
        """Recall of each, and how often the posture was told right."""
        told = {f"recall_{kind}": round(self.right[kind] / max(self.people[kind], 1), 3) for kind in PEOPLE}
        return told | {
            "posture_right": round(self.postures / max(sum(self.right.values()), 1), 3),
            "people_less_than_half_seen": len(self.lesser),
            "recall_less_than_half_seen": round(sum(self.lesser) / max(len(self.lesser), 1), 3),
        }


def shots(site: str, light: Light, pictures: int, seed: int = SEED, keep: Path | None = None) -> Iterator[Taken]:
    """Held-out pictures of a site in its own colours; those kept serve until what draws them changes."""
    file = keep / f"{site}_{light.value}_{seed}_{pictures}_{drawn_by()}.pickle" if keep else None
    if file and file.exists():
        yield from pickle.loads(file.read_bytes())
        return
    place = Place(site, np.random.default_rng([seed, SITES.index(site), list(Light).index(light)]), (light,), restyle=0)
    taken = []
    try:
        for _ in range(pictures):
            taken.append(place.take())
            yield taken[-1]
    finally:
        place.close()
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pickle.dumps(taken))


@functools.cache
def drawn_by() -> str:
    """A fingerprint of all files that pictures and truth come from."""
    files = [Path(__file__).with_name("sites.py"), *sorted((Path(__file__).parents[2] / "sim").rglob("*"))]
    drawing = hashlib.sha256()
    for file in files:
        if file.is_file() and "__pycache__" not in file.parts:
            drawing.update(file.read_bytes())
    return drawing.hexdigest()[:12]


def judge(detector: Detector, taken: Taken, found: list[Detection], tally: Tally) -> None:
    """Count who was found, missed, made up, and where he was placed."""
    tall = TALL * taken.rgb.shape[0] / 480
    rows = [(row, thing) for row, thing in zip(taken.truth, taken.things, strict=True) if row[0] < len(PEOPLE)]
    known = [_known(row, tall) for row, _ in rows]
    found = [d for d in found if d.label == PERSON and d.score >= detector.threshold]
    pairs, false = match(known, [d.box for d in found])
    tally.pictures, tally.false = tally.pictures + 1, tally.false + len(false)
    for i, (row, thing) in enumerate(rows):
        if not known[i][1]:
            if _longest(row) >= tall and row[9] >= QUARTER:
                tally.lesser.append(i in pairs)
            continue
        kind = KINDS[int(row[0])]
        tally.people[kind] += 1
        if i in pairs:
            tally.right[kind] += 1
            tally.postures += found[pairs[i]].posture == kind
            tally.placed += _placed(taken, thing, kind, found[pairs[i]])


def judge_things(detector: Detector, taken: Taken, found: list[Detection], tallies: dict[str, Tally]) -> None:
    """The same of what is no person, each from the detector's own limit."""
    for label, tally in tallies.items():
        limit = detector.things[label].threshold
        rows = taken.truth[taken.truth[:, 0] == KINDS.index(label)]
        known = [(Box(*map(float, row[1:5])), bool(_longest(row) >= LEAST[label] and row[9] >= HALF)) for row in rows]
        pairs, false = match(known, [d.box for d in found if d.label == label and d.score >= limit])
        tally.pictures, tally.false = tally.pictures + 1, tally.false + len(false)
        tally.people["upright"] += sum(counts for _, counts in known)
        tally.right["upright"] += sum(known[i][1] for i in pairs)


def _known(row: np.ndarray, tall: float) -> Known:
    return Box(*map(float, row[1:5])), bool(_longest(row) >= tall and row[9] >= HALF)


def _longest(row: np.ndarray) -> float:
    return float(max(row[3] - row[1], row[4] - row[2]))


def match(known: list[Known], found: list[Box]) -> tuple[dict[int, int], list[int]]:
    """Who was found as what (indices), best overlap first, and which boxes are nobody. Who does not count may be found,
    but is no miss; a box that overlaps him a little is not false."""
    pairs: dict[int, int] = {}
    overlaps = ((box.overlap(f), i, j) for i, (box, _) in enumerate(known) for j, f in enumerate(found))
    for overlap, i, j in sorted(overlaps, reverse=True):
        if overlap >= AGREE and i not in pairs and j not in pairs.values():
            pairs[i] = j
    free = [j for j in range(len(found)) if j not in pairs.values()]
    return pairs, [j for j in free if not any(not counts and box.overlap(found[j]) > 0.1 for box, counts in known)]


def view_of(taken: Taken) -> View:
    """The camera, the dog's pose and lean known exactly, its height as a dog believes it."""
    x, y, theta, roll, pitch, _, _ = taken.dog
    return View(CAMERA, Mount(x=0.33, z=0.08, pitch=0.0, body_height=0.38), Pose2D(x, y, theta), roll, pitch)


def _placed(taken: Taken, thing: int, kind: str, found: Detection) -> list[Placed]:
    stance, view = taken.people[thing], view_of(taken)
    if stance is None or taken.dog[6] > 0.05:  # on a ramp or platform: ground is taken to be flat
        return []
    place = locate(found.whole or found.box, view, found.posture)
    if place is None:
        return []
    x, y, _ = view.place()
    away, azimuth = math.hypot(stance.x - x, stance.y - y), math.atan2(stance.y - y, stance.x - x)
    c, s = math.cos(azimuth), math.sin(azimuth)
    off = np.array([place.x - stance.x, place.y - stance.y])
    told = np.array([[place.xx, place.xy], [place.xy, place.yy]])
    along, across = np.array([c, s]), np.array([-s, c])
    return [
        Placed(
            kind,
            away,
            float(off @ along),
            float(off @ across),
            math.sqrt(float(along @ told @ along)),
            math.sqrt(float(across @ told @ across)),
        )
    ]


def places(tally: Tally) -> dict[str, dict[str, float]]:
    """How far off, in metres, by distance; ``squared``: of the error along in told deviations, 1 is honest."""
    told = {}
    for name, near, far in (("2_to_5_m", 2, 5), ("5_to_8_m", 5, 8), ("8_to_12_m", 8, 12)):
        for kind in PEOPLE:
            some = [p for p in tally.placed if near <= p.away < far and p.kind == kind]
            if some:
                told[f"{kind}_{name}"] = _errors(some)
    return told


def _errors(some: list[Placed]) -> dict[str, float]:
    off = np.array([math.hypot(p.along, p.across) for p in some])
    along = np.array([p.along for p in some])
    return {
        "people": len(some),
        "median": round(float(np.median(off)), 2),
        "p90": round(float(np.percentile(off, 90)), 2),
        "within_1_m": round(float(np.mean(off <= 1)), 2),
        "bias_along": round(float(np.median(along)), 2),
        "squared": round(float(np.mean([(p.along / p.told_along) ** 2 for p in some])), 2),
    }


def weigh(detector: Detector, pictures: Iterable[tuple[Picture, list[Known]]]) -> dict[str, float]:
    """Figures over labelled pictures."""
    tally = Tally()
    for picture, known in pictures:
        tall = TALL * picture.shape[0] / 480
        known = [(box, counts and box.height >= tall) for box, counts in known]
        found = [d.box for d in detector.detect(picture) if d.score >= detector.threshold]
        pairs, false = match(known, found)
        tally.pictures, tally.false = tally.pictures + 1, tally.false + len(false)
        tally.people["upright"] += sum(counts for _, counts in known)
        tally.right["upright"] += sum(known[i][1] for i in pairs)
    return tally.figures()


def labelled(folder: Path) -> Iterator[tuple[Picture, list[Known]]]:
    """COCO pictures with person boxes (test_coco.json)."""
    told = json.loads((folder / "test_coco.json").read_text(encoding="utf-8"))
    for image in told["images"]:
        boxes = [a["bbox"] for a in told["annotations"] if a["image_id"] == image["id"]]
        yield _read(folder / image["file_name"]), [(Box(x, y, x + w, y + h), True) for x, y, w, h in boxes]


def relabelled(folders: list[Path], reference: Detector) -> Iterator[tuple[Picture, list[Known]]]:
    """Unlabelled pictures, with what YOLOX is sure of (0.5) as people and its doubts as 'look away'."""
    for path in sorted(path for folder in folders for path in folder.glob("*.jpg")):
        picture = _read(path)
        yield picture, [(d.box, d.score >= 0.5) for d in reference.detect(picture)]


def _read(path: Path) -> Picture:
    return np.ascontiguousarray(cv2.imread(str(path))[:, :, ::-1])


if __name__ == "__main__":
    main()
