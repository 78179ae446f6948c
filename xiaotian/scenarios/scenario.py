"""What a scenario says: the site, the dogs and their patrols, what happens, and what must come of it.

All times are seconds of simulated time since the first patrol was assigned; metres and radians in the frame ``map``.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from protocol.site_folder import read_site
from xiaotian.local_time import NOON, epoch

Seconds = Annotated[float, Meta(ge=0)]
Metres = Annotated[float, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Name = Annotated[str, Meta(pattern="^[a-z0-9_]+$")]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a scenario file; a key that it does not know is a mistake."""


class Text(Part, frozen=True, kw_only=True):
    """A name in both languages."""

    zh: str
    en: str


class Dog(Part, frozen=True, kw_only=True):
    """A dog, and where it starts: at a dock of the site, or at ``start``: metres, metres, radians on the map."""

    name: Name = "dog1"
    body: Literal["legged", "light"] = "light"
    dock: str = ""  # empty: the site's first free one
    start: tuple[float, float, float] | None = None


class Action(Part, frozen=True, kw_only=True):
    """The work at a stop, as the server's API has it."""

    type: str
    seconds: Seconds | None = None


class Stop(Part, frozen=True, kw_only=True):
    """A checkpoint of the site, and the work there; ``theta`` (rad) where the dog looks another way than the
    checkpoint's."""

    checkpoint: str
    actions: list[Action] = []
    theta: float | None = None


class Patrol(Part, frozen=True, kw_only=True):
    """A dog's patrol: a starter route of the site, or stops of its own. ``at`` makes a schedule."""

    dog: str = ""  # empty: the first
    route: str = ""
    stops: list[str | Stop] = []
    at: Seconds = 0.0

    def own_stops(self) -> list[Stop]:
        """The stops of its own, each as if all of it had been written out."""
        return [Stop(checkpoint=stop) if isinstance(stop, str) else stop for stop in self.stops]


class When(Part, frozen=True, kw_only=True):
    """Something that must come first; then ``wait`` more seconds. Exactly one of the others is given."""

    checkpoint: str = ""  # a dog reached it
    after: str = ""  # another happening's id
    incident: str = ""  # an incident in this zone was told
    error: str = ""  # a dog reported it
    wait: Seconds = 0.0


class Way(StrEnum):
    """What is wrong with a network."""

    CUT = "cut"
    SLOW = "slow"
    LOSSY = "lossy"


class Network(Part, frozen=True, kw_only=True, tag_field="do", tag="network"):
    """Between a dog and the station nothing passes, or late, or with losses, for so many seconds."""

    way: Way
    seconds: Seconds
    dog: str = ""  # empty: all of them
    delay_s: Seconds = 1.0  # of the wall's clock, for ``slow``
    bytes_per_s: Annotated[float, Meta(gt=0)] = 20_000.0  # for ``slow``
    loss: Share = 0.3  # of the packets, for ``lossy``


class BrokerDown(Part, frozen=True, kw_only=True, tag_field="do", tag="broker"):
    """The broker is killed, and started again after so many seconds, with nothing remembered."""

    seconds: Seconds


class ServerDown(Part, frozen=True, kw_only=True, tag_field="do", tag="server"):
    """The fleet server is killed, and started again after so many seconds."""

    seconds: Seconds


class PowerCut(Part, frozen=True, kw_only=True, tag_field="do", tag="power_cut"):
    """A dog's processes are killed, and started again after so many seconds; its body stands where it was."""

    seconds: Seconds
    dog: str = ""
    processes: list[str] = []  # of xiaotian/robot_processes.py; empty: all


class Cancel(Part, frozen=True, kw_only=True, tag_field="do", tag="cancel"):
    """The operator calls a dog back."""

    dog: str = ""


class ClearFall(Part, frozen=True, kw_only=True, tag_field="do", tag="clear_fall"):
    """The operator presses the button that lets a dog go on which fell, stands again, and waits for that."""

    dog: str = ""


Fault = Network | BrokerDown | ServerDown | PowerCut | Cancel | ClearFall
FAULTS: dict[str, type[Fault]] = {
    "network": Network,
    "broker": BrokerDown,
    "server": ServerDown,
    "power_cut": PowerCut,
    "cancel": Cancel,
    "clear_fall": ClearFall,
}


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happens at its time. ``entry`` is for the simulator's script, ``fault`` is done by the runner."""

    id: str
    do: str
    at: float = 0.0
    when: When | None = None
    fault: Fault | None = None
    entry: dict[str, Any] | None = None


class Since(Part, frozen=True, kw_only=True):
    """From when an expectation's seconds count: a happening's id; empty: the first patrol's assignment."""

    since: str = ""
    within_s: Seconds | None = None


class ExpectedIncident(Since, frozen=True, kw_only=True):
    """An incident that the operator must be told of, near to where what it tells of truly was.

    Somebody in a restricted zone is meant by the ``zone``, all others by their ``kind``, such as PERSON_LYING.
    """

    zone: str = ""
    kind: str = ""
    dog: str = ""
    within_m: Metres | None = None
    picture: bool = True  # stored on the server, by SHA-256 that of the dog

    @property
    def name(self) -> str:
        """How the timeline's labels call it."""
        return self.kind or self.zone


class ExpectedError(Since, frozen=True, kw_only=True):
    """An error that a dog must report: VDA 5050's errorType; ``gone_within_s`` of its first report it is over."""

    error: str
    dog: str = ""
    gone_within_s: Seconds | None = None


class ExpectedWalk(Part, frozen=True, kw_only=True):
    """How far a dog walks (or does not) in the ``seconds`` since a happening."""

    seconds: Seconds
    since: str = ""
    dog: str = ""
    least_m: Metres | None = None
    most_m: Metres | None = None


class Ending(StrEnum):
    """What becomes of a patrol; ACTIVE: it has not ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    REJECTED = "rejected"
    ACTIVE = "active"


class Expect(Part, frozen=True, kw_only=True):
    """What must come of it. What is left out is not judged, but for what has a default."""

    patrol: Ending | dict[str, Ending] = Ending.COMPLETED  # of every dog, or by dog
    checkpoints: Literal["all"] | Annotated[int, Meta(ge=0)] | None = None  # reached, of each patrol
    incidents: list[ExpectedIncident] = []
    no_other_incidents: bool = True
    errors: list[ExpectedError] = []
    no_other_errors: bool = True
    allowed_errors: list[str] = []  # errorTypes that may come or not
    collisions: Annotated[int, Meta(ge=0)] | None = 0  # at most
    falls: Annotated[int, Meta(ge=0)] | None = 0  # at most
    nearest_approach_m: float | None = None  # at least, to any person
    battery_never_under: Share | None = None
    walks: list[ExpectedWalk] = []
    order: list[str] = []  # labels of the timeline: these, in this order


class Scenario(Part, frozen=True, kw_only=True):
    """A scenario that was read and checked."""

    file: Path
    name: Text
    site: Path
    about: str = ""
    marks: list[str] = []
    seed: int = 0
    begins: str = NOON
    light: Literal["day", "dusk", "night"] = "day"
    detector: str = "auto"
    dogs: list[Dog] = msgspec.field(default_factory=lambda: [Dog()])
    patrols: list[Patrol]
    happenings: list[Happening] = []
    expect: Expect = Expect()
    time_limit_s: Seconds = 120.0

    @property
    def start(self) -> float:
        """``begins`` in UTC seconds."""
        return epoch(self.begins, read_site(self.site)[0].timezone)

    @property
    def key(self) -> str:
        """Its file's name without the ending: how reports and folders call it."""
        return self.file.stem
