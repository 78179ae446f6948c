"""How unsure a place is, at the door: what no errors spread like is refused, and said where."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.anomaly import MOST_VARIANCE, ROUNDING, Anomaly, Covariance
from protocol.codec import MalformedMessage, decode, encode
from protocol.topics import Topic
from tests.protocol.samples import OURS

MOST = MOST_VARIANCE**0.5
SEMI_AXES = st.one_of(st.just(0.0), st.floats(1e-3, MOST * 0.999))


def matrix(along: float, across: float, turned: float) -> tuple[float, float, float]:
    """xx, xy, yy of these deviations, with ``turned`` radians between the map's x and the first."""
    cos, sin = np.cos(turned), np.sin(turned)
    return (
        float((along * cos) ** 2 + (across * sin) ** 2),
        float((along**2 - across**2) * sin * cos),
        float((along * sin) ** 2 + (across * cos) ** 2),
    )


def said(covariance: Any) -> Anomaly:
    data = json.loads(encode(OURS[Topic.ANOMALY]))
    data["position"]["covariance"] = covariance
    return decode(json.dumps(data), Anomaly)


@given(SEMI_AXES, SEMI_AXES, st.floats(-4, 4), st.booleans())
def test_every_spread_of_errors_is_taken_in_single_precision_too(
    along: float, across: float, turned: float, single: bool
) -> None:
    xx, xy, yy = (float(np.float32(each)) if single else each for each in matrix(along, across, turned))
    assert said({"xx": xx, "xy": xy, "yy": yy}).position.covariance == Covariance(xx=xx, xy=xy, yy=yy)


@given(st.floats(0.05, MOST), st.floats(0.05, MOST), st.floats(1 + 2 * ROUNDING, 10), st.sampled_from([-1, 1]))
def test_whose_axes_have_more_in_common_than_they_have_is_refused(a: float, b: float, more: float, sign: int) -> None:
    wrong = {"xx": a * a, "xy": sign * min(a * b * more, MOST_VARIANCE), "yy": b * b}
    if abs(wrong["xy"]) <= a * b * (1 + ROUNDING):
        return  # what is beyond the most is another refusal
    with pytest.raises(MalformedMessage, match=r"not positive semi-definite - at `\$\.position\.covariance`"):
        said(wrong)
    with pytest.raises(ValueError, match="not positive semi-definite"):
        Covariance(**wrong)


@pytest.mark.parametrize("field", ["xx", "xy", "yy"])
@pytest.mark.parametrize(
    "wrong", ["-1", "-1e-9", "1.1e4", "1e308", "1e999", "NaN", "Infinity", "null", '"1"', "[]", ""]
)
def test_what_is_no_variance_is_refused_as_text_and_by_hand(field: str, wrong: str) -> None:
    sound = {"xx": "0.01", "xy": "0", "yy": "0.01"}
    if field == "xy" and wrong == "-1e-9":
        return
    parts = ",".join(f'"{name}":{value}' for name, value in (sound | {field: wrong}).items() if value)
    message = encode(OURS[Topic.ANOMALY]).decode()
    before, _, after = message.partition('"covariance":{')
    with pytest.raises(MalformedMessage):
        decode(before + '"covariance":{' + parts + after[after.index("}") :], Anomaly)


@pytest.mark.parametrize(
    "numbers", [(np.nan, 0, 1), (1, np.nan, 1), (1, 0, np.inf), (np.inf, np.inf, np.inf), (-1, 0, -1), (1, 1e308, 1)]
)
def test_what_is_made_by_hand_is_checked_as_at_the_door(numbers: tuple[float, float, float]) -> None:
    xx, xy, yy = map(float, numbers)
    with pytest.raises(ValueError, match=r"xx|variances"):
        Covariance(xx=xx, xy=xy, yy=yy)


def test_a_dog_that_does_not_say_it_is_understood_as_before() -> None:
    data = json.loads(encode(OURS[Topic.ANOMALY]))
    del data["position"]["covariance"]
    assert (
        encode(decode(json.dumps(data), Anomaly))
        == json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()
    )
