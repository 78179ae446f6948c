"""How deep a text is nested, told before it is decoded."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.json_depth import MOST, too_deep

TEXT = st.text(alphabet='[]{}"\\ab\n\u00e9', max_size=8)
JSON = st.recursive(
    st.none() | st.integers() | TEXT,
    lambda deeper: st.lists(deeper, max_size=4) | st.dictionaries(TEXT, deeper, max_size=4),
    max_leaves=40,
)


def depth(value: Any) -> int:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if children is None else 1 + max(map(depth, children), default=0)


@given(JSON, st.booleans(), st.integers(0, 6))
def test_it_is_as_deep_as_json_itself_finds(value: Any, escaped: bool, most: int) -> None:
    assert too_deep(json.dumps(value, ensure_ascii=escaped).encode(), most) is (depth(value) > most)


@pytest.mark.parametrize(("opens", "closes", "levels"), [("[", "]", 1), ('{"a":', "}", 1), ('[{"]":', "}]", 2)])
def test_the_last_level_allowed_is_allowed_and_the_next_is_not(opens: str, closes: str, levels: int) -> None:
    fits = opens * (MOST // levels) + "0" + closes * (MOST // levels)
    assert depth(json.loads(fits)) == MOST
    assert not too_deep(fits.encode())
    assert too_deep(f"[{fits}]".encode())


@pytest.mark.parametrize(
    ("text", "deep"),
    [("[" * 5000, True), ('"\\"' + "[" * 70 + '"', False), ("[]" * 5000, False), ("}" * 100 + "[" * 70, False)],
)
def test_what_is_no_json_needs_no_decoder_either(text: str, deep: bool) -> None:
    assert too_deep(text.encode()) is deep
