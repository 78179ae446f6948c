"""Whatever comes, in whatever order and at whatever times: no command outlives its time, its session or its driver."""

import math
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.driving.driving_session import LEASE_S, LIFE_S, WORD_LIFE_S, DrivingSession, Refusal
from edge.types import STILL, Twist2D
from protocol.codec import header
from protocol.manual_driving import MOST_SPEED, MOST_TURN, DriveCommand
from protocol.topics import Address

ADDRESS = Address("xiaotian", "dog1")
PROMISED_S = 0.3  # from the last good command to zero; the gate's own period is the rest of it
DRIVERS = ("driver-one-0123456", "driver-two-0123456")


def command(
    session: DrivingSession, sequence: int, vx: float = 0.0, now: float = 0.0, *, session_id: str = "", word: str = ""
) -> DriveCommand:
    return DriveCommand(
        **header(ADDRESS, 0, 0.0),
        session_id=session_id or session.session_id,
        sequence=sequence,
        word=word or session.word(now),
        vx=vx,
        vy=0.0,
        omega=0.0,
    )


def driven(now: float = 0.0) -> DrivingSession:
    """A session whose driver has let go once."""
    session = DrivingSession()
    session.begin(DRIVERS[0], now)
    assert session.take(command(session, 0, now=now), now, now) is None
    return session


def test_a_held_command_passes_and_the_dog_stands_when_no_more_come() -> None:
    session = driven()
    session.take(command(session, 1, 0.5), 0.0, 0.0)
    assert session.twist(LIFE_S - 0.01) == Twist2D(0.5, 0.0, 0.0)
    assert session.twist(LIFE_S) == STILL
    assert session.twist(LEASE_S) == STILL


def test_a_command_that_waited_on_its_way_through_the_dog_is_worth_less() -> None:
    session = driven()
    session.take(command(session, 1, 0.5), heard_at=0.0, now=0.2)
    assert session.twist(LIFE_S) == STILL


def test_what_must_not_pass_is_refused_with_its_reason_and_counted() -> None:
    session = driven()
    word = session.word(0.0)
    refused = [
        (command(session, 1, 0.5, session_id=DRIVERS[1]), Refusal.SESSION),
        (command(session, 0, 0.5), Refusal.ORDER),
        (command(session, 1, math.nan), Refusal.NUMBER),
        (command(session, 1, math.inf), Refusal.NUMBER),
        (command(session, 1, MOST_SPEED + 0.01), Refusal.LIMIT),
        (command(session, 1, 0.5, word="never said"), Refusal.OLD),
    ]
    assert [session.take(each, 0.0, 0.0) for each, _ in refused] == [why for _, why in refused]
    late = WORD_LIFE_S + 0.01
    assert session.take(command(session, 1, 0.5, word=word), late, late) is Refusal.OLD
    assert (session.refused.total(), session.refused[Refusal.OLD], session.twist(0.0)) == (7, 2, STILL)


def test_letting_go_stops_even_where_it_comes_late() -> None:
    session = driven()
    word = session.word(0.0)
    session.take(command(session, 1, 0.5, 0.55), 0.55, 0.55)
    assert session.twist(0.6) != STILL
    assert session.take(command(session, 2, 0.0, word=word), 0.65, 0.65) is Refusal.OLD
    assert session.twist(0.66) == STILL


def test_nothing_moves_before_the_driver_has_let_go_once_nor_after_a_stop() -> None:
    session = DrivingSession()
    session.begin(DRIVERS[0], 0.0)
    assert session.take(command(session, 0, 0.5), 0.0, 0.0) is Refusal.LET_GO_FIRST
    session.take(command(session, 1), 0.0, 0.0)
    assert session.take(command(session, 2, 0.5), 0.0, 0.0) is None
    session.hold()
    assert session.twist(0.0) == STILL
    assert session.take(command(session, 3, 0.5), 0.0, 0.0) is Refusal.LET_GO_FIRST


def test_a_driver_who_says_nothing_for_the_lease_has_lost_the_hand_for_good() -> None:
    session = driven()
    assert session.twist(LEASE_S) == STILL
    assert not session.lost
    session.twist(LEASE_S + 0.01)
    assert session.lost
    assert session.take(command(session, 5, 0.5, 6.0), 6.0, 6.0) is Refusal.SESSION
    session.begin(DRIVERS[0], 6.0)
    assert session.lost, "the same session does not come back"
    assert session.twist(6.0) == STILL, "nor does the dog go by itself, before the mission says so"
    session.end()
    assert session.twist(6.0) is None


def test_commands_of_before_a_restart_are_those_of_nobody() -> None:
    before = driven()
    recorded = [command(before, n, 0.5 if n else 0.0) for n in range(3)]
    after = DrivingSession()
    after.begin(DRIVERS[0], 0.1)  # even in the same session: the mission tells it again
    assert [after.take(each, 0.1, 0.1) for each in recorded] == [Refusal.OLD] * 3
    assert after.twist(0.1) == STILL


odd = st.sampled_from([math.nan, math.inf, -math.inf, 1e308, MOST_SPEED, 1.5 * MOST_SPEED])
speeds = st.one_of(st.floats(-MOST_SPEED, MOST_SPEED), odd)
lags = st.sampled_from([0.0, 0.02, 0.2, 0.5, 0.59, 0.61, 1.0])
held = st.tuples(st.just("hold a key"), st.sampled_from(DRIVERS), speeds, st.integers(1, 5), lags)
deeds = st.one_of(
    held,
    held,
    st.tuples(st.just("say"), st.sampled_from(DRIVERS), speeds, st.integers(-2, 3), lags),
    st.tuples(st.just("replay"), st.integers(1, 5)),
    st.tuples(st.just("begin"), st.sampled_from(DRIVERS)),
    st.sampled_from([("end",), ("stop",), ("restart",)]),
)
silences = st.sampled_from([0.0, 0.0, 0.1, 0.2, 0.26, 0.35, 0.5, 2.0, 6.0])
stories = st.lists(st.tuples(silences, deeds), max_size=40)


@dataclass
class World:
    """A dog, two who would drive it, and all that was ever said: for whoever replays it."""

    session: DrivingSession = field(default_factory=DrivingSession)
    now: float = 100.0
    owner: str = ""  # who has the hand, as the mission has it
    good_at: float = -math.inf  # when the last moving command of theirs was taken
    wished: Twist2D = STILL
    recorded: list[DriveCommand] = field(default_factory=list)
    sequences: dict[str, int] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)
    has_let_go: bool = False

    def hold_a_key(self, who: str, speed: float, times: int, delay: float) -> None:
        """Take the hand if need be, let go once, and hold: a command each tenth of a second."""
        self.begin(who)
        self.say(who, 0.0, 1, min(delay, 0.1))
        for _ in range(times):
            self.say(who, speed, 1, delay)
            self.check()
            self.pass_(0.1)

    def pass_(self, seconds: float) -> None:
        """A silence has no event of its own: it is looked at on the way."""
        until = self.now + seconds
        while self.now < until:
            self.check()
            self.now = min(until, self.now + 0.04)
        self.check()

    def begin(self, who: str) -> None:
        if who != self.owner:
            self.owner, self.wished, self.good_at = who, STILL, -math.inf
            self.has_let_go = False
            self.session.begin(who, self.now)
        else:
            lost = self.session.lost
            self.session.begin(who, self.now)
            assert self.session.lost is lost, "told again, nothing changes"

    def say(self, who: str, speed: float, skew: int, delay: float) -> None:
        word = self.session.word(self.now)
        self.sequences[who] = max(0, self.sequences.get(who, 0) + skew)
        said = command(self.session, self.sequences[who], speed, session_id=who, word=word)
        self.recorded.append(said)
        self.now += delay  # on its way
        self.hear(said)

    def hear(self, said: DriveCommand) -> None:
        twist = Twist2D(said.vx, said.vy, said.omega)
        was = self.session.sequence
        if self.session.take(said, self.now, self.now) is None:
            assert said.session_id == self.owner, "of somebody who has not the hand"
            assert twist.is_finite()
            assert math.hypot(twist.vx, twist.vy) <= MOST_SPEED + 1e-6
            assert abs(twist.omega) <= MOST_TURN + 1e-6
            assert said.sequence > was
            assert id(said) not in self.taken, "taken twice"
            self.has_let_go |= twist == STILL
            assert self.has_let_go, "before the driver has let go once"
            self.taken.add(id(said))
            self.good_at, self.wished = self.now, twist

    def check(self) -> None:
        wanted = self.session.twist(self.now)
        if not self.owner:
            assert wanted is None
            return
        assert wanted is not None, "a person has it in hand: the navigator does not move it"
        if wanted != STILL:
            assert self.now - self.good_at < PROMISED_S
            assert wanted == self.wished


@settings(max_examples=400, deadline=None)
@given(stories)
def test_under_no_sequence_of_commands_losses_replays_and_times_does_a_command_outlive_its_time_or_its_driver(
    story: list[tuple[float, tuple]],  # type: ignore[type-arg]
) -> None:
    world = World()
    for silence, (deed, *what) in story:
        world.pass_(silence)
        match deed:
            case "hold a key":
                world.hold_a_key(*what)
            case "say":
                world.say(*what)
            case "replay":
                for said in world.recorded[-what[0] :]:
                    world.hear(said)
            case "begin":
                world.begin(*what)
            case "end":
                world.session.end()
                world.owner, world.wished = "", STILL
            case "stop":
                world.session.hold()
                world.good_at, world.has_let_go = -math.inf, False
            case "restart":
                world.session = DrivingSession()
                world.owner, world.wished = "", STILL
        world.check()
