"""One driver's hand on the dog: held to move. Whatever comes, or does not come, it ends in standing still.

A command passes only in the session that the mission has named, in its order, within the limits, and made lately: it
echoes a word that this dog said at most WORD_LIFE_S ago by its own steady clock. It is worth LIFE_S from when it was
heard, and then the dog stands. At the beginning, and after an emergency stop, the driver has to let go first.
"""

import math
import secrets
from collections import Counter, OrderedDict
from enum import StrEnum

from edge.types import STILL, Twist2D
from protocol.manual_driving import EVERY_S, MOST_SPEED, MOST_TURN, DriveCommand

LIFE_S = 0.25  # from when a command was heard; with the gate's own period the legs are told within 0.3
WORD_LIFE_S = 0.6  # there and back over the network, and twice the driver's tenth of a second
LEASE_S = 5.0  # without a good command: the driver has gone
WORDS = math.ceil(WORD_LIFE_S / EVERY_S) + 2
SLACK = 1e-9  # of rounding


class Refusal(StrEnum):
    """Why a command was not taken."""

    SESSION = "NO_SUCH_SESSION"
    ORDER = "OUT_OF_ORDER"  # repeated, or overtaken
    NUMBER = "NO_NUMBER"
    LIMIT = "OVER_THE_LIMIT"
    OLD = "OLD"
    LET_GO_FIRST = "LET_GO_FIRST"


class DrivingSession:
    """``now`` and ``heard_at`` are seconds of one steady clock."""

    def __init__(self) -> None:
        self.session_id = ""
        self.lost = False
        self.sequence = -1
        self.refused: Counter[str] = Counter()
        self._words: OrderedDict[str, float] = OrderedDict()  # and when each was said
        self._command, self._until = STILL, -math.inf
        self._good_at = -math.inf
        self._has_let_go = False

    @property
    def active(self) -> bool:
        """Whether somebody drives."""
        return bool(self.session_id) and not self.lost

    def begin(self, session_id: str, now: float) -> None:
        """Take commands of this session, and of no other; told again, nothing changes, and none comes back."""
        if session_id == self.session_id:
            return
        self.session_id, self.lost, self.sequence = session_id, False, -1
        self.refused.clear()
        self._words.clear()
        self._good_at = now
        self.hold()

    def end(self) -> None:
        """The hand is given back."""
        self.session_id, self.lost = "", False
        self.hold()

    def hold(self) -> None:
        """Stand, until the driver has let go."""
        self._command, self._until, self._has_let_go = STILL, -math.inf, False

    def word(self, now: float) -> str:
        """The word to say now."""
        latest = next(reversed(self._words), "")
        if latest and now - self._words[latest] < EVERY_S / 2:
            return latest
        word = secrets.token_urlsafe(8)
        self._words[word] = now
        while len(self._words) > WORDS:
            self._words.popitem(last=False)
        return word

    def take(self, command: DriveCommand, heard_at: float, now: float) -> Refusal | None:
        """Take a command that was heard at ``heard_at``, or say why not. One that is old still stops the dog."""
        why = self._judge(command, now)
        if why is not None:
            self.refused[why] += 1
            return why
        self.sequence = command.sequence
        self._command = Twist2D(command.vx, command.vy, command.omega)
        self._has_let_go |= self._command == STILL
        self._until = min(min(heard_at, now) + LIFE_S, self._words[command.word] + WORD_LIFE_S)
        self._good_at = now
        return None

    def twist(self, now: float) -> Twist2D | None:
        """What the driver wants now; None where the dog drives itself. A driver who has gone loses the hand here."""
        if not self.session_id:
            return None
        if not self.lost and now - self._good_at > LEASE_S:
            self.lost = True
            self.hold()
        return self._command if now < self._until - SLACK else STILL

    def _judge(self, command: DriveCommand, now: float) -> Refusal | None:
        if not self.active or command.session_id != self.session_id:
            return Refusal.SESSION
        if command.sequence <= self.sequence:
            return Refusal.ORDER
        twist = Twist2D(command.vx, command.vy, command.omega)
        if not twist.is_finite():
            return Refusal.NUMBER
        if math.hypot(twist.vx, twist.vy) > MOST_SPEED + SLACK or abs(twist.omega) > MOST_TURN + SLACK:
            return Refusal.LIMIT
        said = self._words.get(command.word)
        if said is None or now - said > WORD_LIFE_S:
            self._command = STILL if twist == STILL else self._command
            return Refusal.OLD
        return None if self._has_let_go or twist == STILL else Refusal.LET_GO_FIRST
