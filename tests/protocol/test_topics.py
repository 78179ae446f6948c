"""Topics are built and taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.topics import Address, BadTopic, Topic, filter_for_all, parse

part = st.text(st.characters(blacklist_characters="/+#\0"), min_size=1, max_size=64).filter(
    lambda text: not text.startswith("$") and text.isprintable()
)


def test_a_topic_reads_as_the_standard_proposes() -> None:
    assert Address("xiaotian", "dog1").topic(Topic.ORDER) == "xiaotian/v2/xiaotian/dog1/order"


@given(part, part, st.sampled_from(Topic))
def test_a_built_topic_parses_to_what_it_was_built_from(manufacturer: str, serial: str, topic: Topic) -> None:
    address = Address(manufacturer, serial, "station/three")
    assert parse(address.topic(topic), "station/three") == (address, topic)


@pytest.mark.parametrize("bad", ["", "a/b", "+", "a#", "$SYS"])
def test_a_name_that_would_change_the_topic_is_refused(bad: str) -> None:
    with pytest.raises(BadTopic):
        Address("xiaotian", bad)


@pytest.mark.parametrize("bad", ["d" * 65, "d" * 5000, "a\nb", "\x7f", "\ud800", "\u202edog"])
def test_a_name_that_no_table_and_no_screen_can_hold_is_refused_in_few_words(bad: str) -> None:
    with pytest.raises(BadTopic, match="at most 64 printable") as refused:
        parse(f"xiaotian/v2/xiaotian/{bad}/state")
    assert len(str(refused.value)) < 150


@pytest.mark.parametrize(
    "topic", ["xiaotian/v2/x/order", "xiaotian/v1/x/d/order", "other/v2/x/d/order", "xiaotian/v2/x/d/nonsense", ""]
)
def test_a_topic_that_is_not_ours_is_refused_by_name(topic: str) -> None:
    with pytest.raises(BadTopic, match=topic or "''"):
        parse(topic)


def test_one_subscription_hears_every_vehicle() -> None:
    assert filter_for_all(Topic.STATE) == "xiaotian/v2/+/+/state"
