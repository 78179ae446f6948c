"""Where each message is spoken: ``<prefix>/v2/<manufacturer>/<serialNumber>/<topic>``."""

from dataclasses import dataclass
from enum import StrEnum

from protocol.anomaly import Anomaly
from protocol.connection import Connection
from protocol.evidence import Evidence
from protocol.factsheet import Factsheet
from protocol.header import Wire
from protocol.instant_actions import InstantActions
from protocol.manual_driving import DriveCommand, DriveState
from protocol.order import Order
from protocol.received import Received
from protocol.site import Site
from protocol.state import State
from protocol.version import TOPIC_LEVEL
from protocol.visualization import Visualization

PREFIX = "xiaotian"
LONGEST_NAME = 64  # characters of a part of a topic; the standard names no limit, and tables and screens have one


class Topic(StrEnum):
    """The last part of a topic: the standard's six, then ours."""

    ORDER = "order"
    INSTANT_ACTIONS = "instantActions"
    STATE = "state"
    VISUALIZATION = "visualization"
    CONNECTION = "connection"
    FACTSHEET = "factsheet"
    ANOMALY = "anomaly"
    EVIDENCE = "evidence"
    RECEIVED = "received"
    SITE = "site"
    DRIVE_COMMAND = "driveCommand"
    DRIVE_STATE = "driveState"


@dataclass(frozen=True, slots=True)
class Row:
    """How a topic is spoken: what it carries, who says it, how surely, and whether it is kept."""

    message: type[Wire]
    from_robot: bool
    qos: int
    retain: bool


ROBOT, SERVER = True, False
# fmt: off
TABLE: dict[Topic, Row] = {
    Topic.ORDER:           Row(Order,          SERVER, qos=0, retain=False),
    Topic.INSTANT_ACTIONS: Row(InstantActions, SERVER, qos=0, retain=False),
    Topic.STATE:           Row(State,          ROBOT,  qos=0, retain=False),
    Topic.VISUALIZATION:   Row(Visualization,  ROBOT,  qos=0, retain=False),
    Topic.CONNECTION:      Row(Connection,     ROBOT,  qos=1, retain=True),
    Topic.FACTSHEET:       Row(Factsheet,      ROBOT,  qos=0, retain=True),
    Topic.ANOMALY:         Row(Anomaly,        ROBOT,  qos=1, retain=False),
    Topic.EVIDENCE:        Row(Evidence,       ROBOT,  qos=1, retain=False),
    Topic.RECEIVED:        Row(Received,       SERVER, qos=1, retain=False),
    Topic.SITE:            Row(Site,           SERVER, qos=1, retain=True),
    Topic.DRIVE_COMMAND:   Row(DriveCommand,   SERVER, qos=0, retain=False),
    Topic.DRIVE_STATE:     Row(DriveState,     ROBOT,  qos=0, retain=False),
}
# fmt: on


class BadTopic(ValueError):
    """A topic, or a part of one, that the wire does not know."""


@dataclass(frozen=True, slots=True)
class Address:
    """Which vehicle a topic belongs to."""

    manufacturer: str
    serial_number: str
    prefix: str = PREFIX

    def __post_init__(self) -> None:
        for part in (self.manufacturer, self.serial_number, *self.prefix.split("/")):
            _check(part)

    def topic(self, topic: Topic) -> str:
        """The full MQTT topic of ``topic`` for this vehicle."""
        return f"{self.prefix}/{TOPIC_LEVEL}/{self.manufacturer}/{self.serial_number}/{topic}"


def parse(full: str, prefix: str = PREFIX) -> tuple[Address, Topic]:
    """Take a full MQTT topic apart; raises BadTopic where it is not one of ours."""
    head = f"{prefix}/{TOPIC_LEVEL}/"
    parts = full.removeprefix(head).split("/")
    if not full.startswith(head) or len(parts) != 3:
        raise BadTopic(f"{full[:200]!r} is not {head}<manufacturer>/<serialNumber>/<topic>")
    if parts[2] not in TABLE:
        raise BadTopic(f"{full[:200]!r}: unknown topic {parts[2]!r}")
    return Address(parts[0], parts[1], prefix), Topic(parts[2])


def filter_for_all(topic: Topic, prefix: str = PREFIX) -> str:
    """The MQTT subscription that hears ``topic`` of every vehicle."""
    return f"{prefix}/{TOPIC_LEVEL}/+/+/{topic}"


def _check(part: str) -> None:
    if len(part) > LONGEST_NAME or not part.isprintable():
        shown = part if len(part) <= LONGEST_NAME else f"{part[:20]}… of {len(part)} characters"
        raise BadTopic(f"{shown!r} is no name: at most {LONGEST_NAME} printable characters are")
    if not part or any(c in part for c in "/+#\0") or part.startswith("$"):
        raise BadTopic(f"{part!r} cannot stand in a topic: it is empty, has one of / + # or NUL, or starts with $")
