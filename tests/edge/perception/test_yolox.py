"""YOLOX-nano on real pictures of people, where weights and pictures lie beside the checkout."""

import json

import cv2
import numpy as np

from edge.perception.detector import Box
from edge.perception.yolox import Yolox, letterbox
from tests.edge.perception.score import matched
from tests.shared import shared


def test_on_labelled_people_it_is_as_precise_and_complete_as_its_docstring_says() -> None:
    detector = Yolox(shared("models/yolox_nano.onnx"))
    folder = shared("data/vision/mmpose_coco")
    labels = json.loads((folder / "test_coco.json").read_text())
    right = found = people = 0
    for image in labels["images"]:
        picture = cv2.imread(str(folder / image["file_name"]))[:, :, ::-1]
        own = [a["bbox"] for a in labels["annotations"] if a["image_id"] == image["id"]]
        # Boxes of a few pixels without a single visible joint are of people whom nobody could call seen.
        joints = [a["num_keypoints"] for a in labels["annotations"] if a["image_id"] == image["id"]]
        true = [Box(x, y, x + w, y + h) for x, y, w, h in own]
        seen = [d.box for d in detector.detect(np.ascontiguousarray(picture)) if d.score >= detector.threshold]
        pairs = matched(true, seen)
        counted = {i for i, n in enumerate(joints) if n}
        right += len({j for i, j in pairs})
        found += len(seen)
        people += len(counted)
        assert len([i for i, _ in pairs if i in counted]) >= len(counted) - 1
    assert right / found >= 0.9
    assert right / people >= 0.85


def test_a_street_with_four_people_and_a_bus() -> None:
    detector = Yolox(shared("models/yolox_nano.onnx"))
    picture = np.ascontiguousarray(cv2.imread(str(shared("data/vision/bus.jpg")))[:, :, ::-1])
    sure = [d for d in detector.detect(picture) if d.score > 0.6]
    assert len(sure) == 3


def test_the_letterbox_keeps_the_shape_and_fills_with_grey() -> None:
    picture = np.zeros((480, 640, 3), np.uint8)
    picture[:, :, 0] = 200  # red
    tensor, scale = letterbox(picture, 416)
    assert tensor.shape == (1, 3, 416, 416)
    assert scale == 416 / 640
    assert tensor[0, :, 100, 100].tolist() == [0, 0, 200]  # BGR
    assert tensor[0, :, 400, 100].tolist() == [114, 114, 114]
