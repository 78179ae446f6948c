"""A message from outside, understood or not: the server's one door for what vehicles say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import msgspec

from fleet_server.core.intake import Arrival
from protocol import json_depth
from protocol.codec import MalformedMessage
from protocol.header import Header
from protocol.lenient_decoding import NAMELESS, decode_leniently
from protocol.signature import CHALLENGE
from protocol.topics import TABLE, Address, BadTopic, Topic, parse

LONGEST_CHALLENGE = 200  # characters, as of every part of a seal


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as the broker gave it; ``properties`` are its user properties."""

    topic: str
    payload: bytes
    retained: bool = False
    properties: Mapping[str, str] = field(default_factory=dict)


class NotUnderstood(ValueError):
    """What was heard is nothing for us; the text says why.

    ``address`` is who said it, if it is one of our vehicles; ``row_id`` names the row of an outbox that it was.
    """

    def __init__(self, why: str, address: Address | None = None, row_id: UUID | None = None) -> None:
        super().__init__(why)
        self.address, self.row_id = address, row_id


def understand(heard: Heard, prefix: str, admits: Callable[[Address], bool], now: datetime) -> Arrival | None:
    """The arrival, or None where a retained message was cleared away; raises NotUnderstood."""
    try:
        address, topic = parse(heard.topic, prefix)
    except BadTopic as error:
        raise NotUnderstood(str(error)) from error
    if not admits(address):
        raise NotUnderstood("of a dog that does not belong to the fleet")
    if not heard.payload and TABLE[topic].retain:
        return None
    try:
        reading = decode_leniently(heard.payload, TABLE[topic].message)
    except MalformedMessage as error:
        raise NotUnderstood(str(error), address, _row_id(topic, heard.payload)) from error
    message, loosely = reading.message, reading.loosely
    if isinstance(message, Header):
        loosely += _check_speaker(message, address)
    challenge = heard.properties.get(CHALLENGE, "")
    if len(challenge) > LONGEST_CHALLENGE:
        raise NotUnderstood(f"a challenge of {len(challenge)} characters", address)
    loose = tuple(f"{topic} {each}" for each in loosely)
    return Arrival(address, topic, message, now, heard.retained, challenge, loose)


def _check_speaker(message: Header, address: Address) -> tuple[str, ...]:
    """What it leaves to the topic's names; raises NotUnderstood where it says other ones."""
    said = {
        "manufacturer": (message.manufacturer, address.manufacturer),
        "serialNumber": (message.serial_number, address.serial_number),
    }
    if any(name and name != named for name, named in said.values()):
        raise NotUnderstood(f"says it is {message.manufacturer}/{message.serial_number}", address)
    return tuple(f"{field}: {NAMELESS}" for field, (name, _) in said.items() if not name)


def _row_id(topic: str, payload: bytes) -> UUID | None:
    """The id in a row of an outbox that is not understood: its dog is told, instead of saying it for ever."""
    kind = _ROWS.get(topic)
    if kind is None or json_depth.too_deep(payload):
        return None
    try:
        return msgspec.json.decode(payload, type=kind).id
    except (msgspec.MsgspecError, UnicodeError):
        return None


class _AnomalyId(msgspec.Struct):
    id: UUID = msgspec.field(name="anomalyId")


class _EvidenceId(msgspec.Struct):
    id: UUID = msgspec.field(name="evidenceId")


_ROWS: dict[str, type[_AnomalyId | _EvidenceId]] = {Topic.ANOMALY: _AnomalyId, Topic.EVIDENCE: _EvidenceId}
