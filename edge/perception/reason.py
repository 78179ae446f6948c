"""Why something is told, in one sentence of each language: which values passed which limits, by which detector."""

from edge.perception.detector import Detector
from protocol.site import Text

HASH_SHOWN = 12
"""Digits of the weights' hash: enough to tell one training from another; the anomaly has them all."""


def scored(zh: str, en: str, score: float, least: float) -> Text:
    """The sentence, and the score beside its limit."""
    return Text(
        zh=f"{zh}，得分 {score:.2f}（至少 {least:.2f}）",
        en=f"{en}, score {score:.2f} (at least {least:.2f})",
    )


def signed(reason: Text, detector: Detector) -> Text:
    """The sentence, and which detector and weights saw it."""
    by = " ".join(word for word in (detector.name, detector.weights_sha256[:HASH_SHOWN]) if word)
    return Text(zh=f"{reason.zh}；{by}", en=f"{reason.en}; {by}")
