"""Driving a vehicle by hand: our own topics ``driveCommand`` and ``driveState``, for the standard has none.

``startManualDriving``, an instant action, names a session; the vehicle is in operatingMode MANUAL from then on, until
``stopManualDriving``. It says words on ``driveState``, and each ``driveCommand`` echoes the latest that the driver has
seen: so the vehicle knows how old a command can be at most, whatever any clock shows. See docs/driving.md.
"""

from typing import Annotated

import msgspec

from protocol.header import Header, UInt
from protocol.state import Velocity

START, STOP = "startManualDriving", "stopManualDriving"
SESSION = "sessionId"
"""The parameter of ``startManualDriving``."""
SHORTEST_SESSION, LONGEST_SESSION = 16, 64  # characters: nobody guesses one
MOST_SPEED = 0.8  # m/s in any direction, as a dog walks by itself
MOST_TURN = 1.0  # rad/s
EVERY_S = 0.1  # between two commands, and two words

SessionId = Annotated[str, msgspec.Meta(max_length=LONGEST_SESSION)]
Word = Annotated[str, msgspec.Meta(max_length=32)]


class DriveCommand(Header, frozen=True, kw_only=True):
    """A velocity in the vehicle's own frame (VDA 5050 2.1.0, 6.10.6): m/s forward and left, rad/s counter-clockwise.

    ``sequence`` grows within a session; ``word`` is the latest of ``driveState`` that the driver has seen.
    """

    session_id: SessionId
    sequence: UInt
    word: Word
    vx: float
    vy: float
    omega: float


class DriveState(Header, frozen=True, kw_only=True):
    """How a drive stands: ``passed`` is what goes to the legs, ``reasons`` are the gate's, why it is not more.

    ``sequence`` is that of the last command that was taken. ``lost``: the driver said nothing for too long, and the
    session is over. ``refused`` counts by reason what was not taken in this session.
    """

    session_id: SessionId
    sequence: UInt
    word: Word
    lost: bool
    passed: Velocity
    reasons: list[str]
    refused: dict[str, UInt]
