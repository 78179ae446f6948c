"""The driver's socket: velocities in, how the drive stands out. When it ends, however, the dog is told zero at once."""

import asyncio
import contextlib
import math
from collections.abc import Callable
from functools import partial
from typing import Annotated

import anyio
import msgspec
from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect
from starlette.websockets import WebSocketState

from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import SignedIn, signed_in
from fleet_server.core.rights import Right
from fleet_server.core.socket_origin import same_origin
from fleet_server.core.station import Station, StationHere
from fleet_server.core.websocket_tasks import until_first, until_signed_out
from fleet_server.driving.drives import Drives, Wish
from fleet_server.driving.hands import Hand, Hands
from fleet_server.telemetry.fleet_state import Fleet
from protocol.manual_driving import EVERY_S, MOST_SPEED, MOST_TURN, DriveState

router = APIRouter()
CHECK_S = 0.2  # whether the hand is still theirs
LEAST_PAUSE_S = EVERY_S / 3  # between two moving commands of a page: more are passed over, a stop never
MOST_TEXT = 500  # characters of a wish
SLACK = 1e-6  # of rounding
UNSUPPORTED, POLICY_VIOLATION, OVER = 1003, 1008, 4000
"""``OVER``: the drive is over, or goes on in another window; the dogs' API says who drives."""


@router.websocket("/dogs/{dog_id}/driving")
async def drive(
    socket: WebSocket, dog_id: str, station: StationHere, user: Annotated[SignedIn | None, Depends(signed_in)]
) -> None:
    """Drive the dog that is in the hand of who is signed in."""
    hand = station[Hands].of(dog_id)
    allowed = user is not None and user.may(Right.COMMAND) and same_origin(socket)
    if user is None or not allowed or hand is None or hand.driver != user.username:
        await socket.close(POLICY_VIOLATION)
        return
    await socket.accept()
    await _Driving(socket, station, hand, user).run()


class _Driving:
    """One page's socket. Only the newest of a drive is heard."""

    def __init__(self, socket: WebSocket, station: Station, hand: Hand, user: SignedIn) -> None:
        self._socket, self._station, self._hand, self._user = socket, station, hand, user
        self._drives, self._hands = station[Drives], station[Hands]
        vehicle = station[Fleet].get(hand.dog_id)
        assert vehicle is not None  # which somebody has in hand
        self._address = vehicle.address
        self._states: asyncio.Queue[DriveState] = asyncio.Queue(1)
        self._said_at = -math.inf
        self._code = OVER

    async def run(self) -> None:
        """Until the page goes away, the hand is another's, or the session ends."""
        loop = asyncio.get_running_loop()
        leave = self._drives.listen(self._hand.session_id, lambda s: _soon(loop, partial(self._offer, s)))
        self._drives.join(self._hand.session_id, self)
        try:
            signed_out = partial(until_signed_out, self._socket, self._station, self._user, Right.COMMAND)
            await until_first(self._push, self._listen, self._until_over, signed_out)
        finally:
            leave()
            if self._drives.is_newest(self._hand.session_id, self):
                self._drives.stop(self._hand, self._address, utc_now())
        if WebSocketState.CONNECTED is self._socket.client_state is self._socket.application_state:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await self._socket.close(self._code)

    def _offer(self, state: DriveState) -> None:
        """Of two that wait the newer is worth anything."""
        if self._states.full():
            self._states.get_nowait()
        self._states.put_nowait(state)

    async def _push(self) -> None:
        while True:
            state = await self._states.get()
            await self._socket.send_text(_told(state))

    async def _listen(self) -> None:
        while (message := await self._socket.receive())["type"] != "websocket.disconnect":
            wish = _wish(message.get("text"))
            if wish is None:
                self._code = UNSUPPORTED
                return
            if self._is_theirs():
                self._say(wish)

    def _say(self, wish: Wish) -> None:
        now, stops = asyncio.get_running_loop().time(), wish.vx == wish.vy == wish.omega == 0.0
        if not stops and now - self._said_at < LEAST_PAUSE_S:
            return
        self._said_at = now
        self._hands.note(self._hand, spoken_at=utc_now())
        self._drives.say(self._hand, self._address, wish, utc_now())

    def _is_theirs(self) -> bool:
        held = self._hands.of(self._hand.dog_id)
        mine = held is not None and held.session_id == self._hand.session_id
        return mine and self._station.leads() and self._drives.is_newest(self._hand.session_id, self)

    async def _until_over(self) -> None:
        while self._is_theirs():
            await anyio.sleep(CHECK_S)


def _wish(text: str | None) -> Wish | None:
    """What a page wishes; None where it is nothing that ours says."""
    if text is None or len(text) > MOST_TEXT:
        return None
    try:
        wish = msgspec.json.decode(text, type=Wish)
    except (msgspec.MsgspecError, UnicodeError):
        return None
    finite = all(math.isfinite(each) for each in (wish.vx, wish.vy, wish.omega))
    within = math.hypot(wish.vx, wish.vy) <= MOST_SPEED + SLACK and abs(wish.omega) <= MOST_TURN + SLACK
    return wish if finite and within else None


def _told(state: DriveState) -> str:
    told = {
        "word": state.word,
        "lost": state.lost,
        "passed": {"vx": state.passed.vx, "vy": state.passed.vy, "omega": state.passed.omega},
        "reasons": state.reasons,
        "refused": state.refused,
    }
    return msgspec.json.encode(told).decode()


def _soon(loop: asyncio.AbstractEventLoop, work: Callable[[], object]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has just closed: the server is ending
        loop.call_soon_threadsafe(work)
