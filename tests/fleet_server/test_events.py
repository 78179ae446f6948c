"""What a room below says to those above."""

import pytest

from fleet_server.core.events import Events, Objection


def test_an_event_reaches_all_who_listen_to_its_type_in_their_order_and_nobody_else() -> None:
    events, heard = Events(), list[str]()
    events.on(int, lambda n: heard.append(f"first {n}"))
    events.on(str, lambda text: heard.append(text))
    events.on(int, lambda n: heard.append(f"second {n}"))
    events.tell(7)
    events.tell(7.5)
    assert heard == ["first 7", "second 7"]


def test_an_objection_reaches_who_asked_and_nobody_is_asked_after_it() -> None:
    events, heard = Events(), list[str]()

    def object_to(text: str) -> None:
        raise Objection(f"not {text}")

    events.on(str, object_to)
    events.on(str, heard.append)
    with pytest.raises(Objection, match="not so"):
        events.tell("so")
    assert heard == []
