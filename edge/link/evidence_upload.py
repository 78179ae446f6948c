"""Bytes of evidence to the station over HTTP: they go on where they broke, even in the middle of a chunk.

``carry`` is one try for one file; ``Carrier`` tries, one file at a time, in a thread of its own.
"""

import hashlib
import random
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import httpx

from edge.link.backoff import Backoff

CHUNK = 64 * 1024  # bytes a request
TIMEOUT = httpx.Timeout(10.0, connect=3.0)  # s
RETRY = Backoff(first=1.0, last=60.0)
LONGEST_SILENCE_S = 15.0  # between tries while the line is cut: one for all files, so that it may be soon
CHECK_AGAIN_S = 30.0  # for `received`, which comes by MQTT; then the station is asked whether it still has the bytes
MOST_MISFITS = 3  # answers in one try that the offset is another


class Outcome(StrEnum):
    """How a try ended; all but WHOLE and DAMAGED are tried again later."""

    WHOLE = "whole"
    UNKNOWN = "the station does not know it yet"
    TOKENLESS = "no upload token yet"
    CUT = "the connection broke"
    GAVE_WAY = "something that goes first has come"
    REFUSED = "the station refused"
    SPOILT = "the bytes arrived spoilt; from the start again"
    UNREADABLE = "the file cannot be read now"
    DAMAGED = "the file is damaged or gone"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file on its way: ``size`` in bytes, ``sha256`` in hexadecimal."""

    evidence_id: str
    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try."""

    parcel: Parcel
    outcome: Outcome
    detail: str = ""


class _Damaged(Exception):
    """A file that is not what its row promises."""


def carry(client: httpx.Client, parcel: Parcel, token: str, ended: Callable[[], bool] = lambda: False) -> Tried:
    """Send what the station lacks of ``parcel``, in chunks, until it is whole, or something comes between."""
    url, auth = f"/api/v1/evidence/{parcel.evidence_id}", {"Authorization": f"Bearer {token}"}
    try:
        for _ in range(MOST_MISFITS):
            known = client.head(url, headers=auth)
            if known.status_code != httpx.codes.OK:
                return _refused(parcel, known)
            answer, whole = _send(client, url, auth, parcel, int(known.headers["Upload-Offset"]), ended)
            if whole:
                return Tried(parcel, Outcome.WHOLE)
            if answer is None:
                return Tried(parcel, Outcome.GAVE_WAY)
            if answer.status_code != httpx.codes.CONFLICT:
                return _refused(parcel, answer)
        return Tried(parcel, Outcome.CUT, "the station keeps naming another offset")
    except httpx.HTTPError as error:
        return Tried(parcel, Outcome.CUT, f"{type(error).__name__}: {error}")
    except (KeyError, ValueError) as error:
        return Tried(parcel, Outcome.REFUSED, f"an answer without a readable Upload-Offset: {error}")
    except _Damaged as error:
        return Tried(parcel, Outcome.DAMAGED, str(error))
    except OSError as error:  # no right to read, too many open files: nothing that time may not heal
        return Tried(parcel, Outcome.UNREADABLE, str(error))


def _send(
    client: httpx.Client, url: str, auth: dict[str, str], parcel: Parcel, offset: int, ended: Callable[[], bool]
) -> tuple[httpx.Response | None, bool]:
    """The first answer that is no success, if any, and whether the station has all.

    At least one request is sent, be it empty: a station that was killed with all bytes and before it had checked them
    does so then.
    """
    _measure(parcel)
    with parcel.path.open("rb") as file:
        while not ended():
            file.seek(offset)
            headers = auth | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
            answer = client.patch(url, headers=headers, content=file.read(CHUNK))
            if answer.status_code != httpx.codes.NO_CONTENT:
                return answer, False
            then = int(answer.headers["Upload-Offset"])
            if then >= parcel.size:
                return None, True
            if then <= offset:
                raise ValueError(f"still at {then} after bytes from {offset} on")
            offset = then
    return None, False


def _measure(parcel: Parcel) -> None:
    try:
        size = parcel.path.stat().st_size
    except FileNotFoundError as error:
        raise _Damaged(f"{parcel.path} is gone") from error
    if size != parcel.size:
        raise _Damaged(f"{parcel.path} has {size} bytes, not {parcel.size}")


def _refused(parcel: Parcel, answer: httpx.Response) -> Tried:
    detail = f"{answer.status_code} {answer.text[:200]}".strip()
    if answer.status_code == httpx.codes.NOT_FOUND:
        return Tried(parcel, Outcome.UNKNOWN, detail)
    if answer.status_code != httpx.codes.UNPROCESSABLE_ENTITY:
        return Tried(parcel, Outcome.REFUSED, detail)
    intact = hashlib.sha256(parcel.path.read_bytes()).hexdigest() == parcel.sha256
    return Tried(parcel, Outcome.SPOILT if intact else Outcome.DAMAGED, detail)


class Carrier:
    """Carries what was last offered, the first first, until it is told otherwise.

    While the line is cut all files wait together: a short absence of the station makes no file wait for long, and a
    long one costs a try now and then. A file that the station does not take yet waits alone, and holds up no other.
    The token is read at each try: the station writes the file at its first start, which may be after ours.
    """

    def __init__(
        self,
        url: str,
        token_file: Path | None,
        told: Callable[[Tried], None],
        retry: Backoff = RETRY,
        authority: Path | None = None,
    ) -> None:
        """Without a ``token_file`` nothing is sent. ``authority``: the PEM file of whom to trust at an https url."""
        trusted = ssl.create_default_context(cafile=str(authority)) if authority is not None else True
        self._client = httpx.Client(base_url=url, timeout=TIMEOUT, trust_env=False, verify=trusted)
        self._token_file, self._told, self._retry = token_file, told, retry
        self._offered: list[Parcel] = []
        self._again_at: dict[str, float] = {}
        self._tries: dict[str, int] = {}
        self._silence = Backoff(retry.first, min(retry.last, LONGEST_SILENCE_S), retry.jitter)
        self._cuts, self._open_at = 0, 0.0  # in a row; and when the line is tried again
        self._chance = random.Random()
        self._changed = threading.Condition()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="evidence upload", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, patience: float = 2.0) -> None:
        """End; what is under way goes on at the next start. ``patience`` in seconds."""
        self._ended.set()
        with self._changed:
            self._changed.notify()
        self._thread.join(patience)
        self._client.close()

    def offer(self, parcels: Sequence[Parcel]) -> None:
        """What there is to carry now, in this order; what is not named any more is forgotten."""
        with self._changed:
            self._offered = list(parcels)
            ids = {parcel.evidence_id for parcel in parcels}
            self._again_at = {key: at for key, at in self._again_at.items() if key in ids}
            self._tries = {key: tries for key, tries in self._tries.items() if key in ids}
            self._changed.notify()

    def hurry(self) -> None:
        """Try all at once again: the station can be reached."""
        with self._changed:
            self._again_at.clear()
            self._tries.clear()
            self._cuts, self._open_at = 0, 0.0
            self._changed.notify()

    def _work(self) -> None:
        while (parcel := self._next()) is not None:
            tried = self._try(parcel)
            with self._changed:
                self._note(tried, time.monotonic())
            self._told(tried)

    def _next(self) -> Parcel | None:
        """Wait for the first parcel whose time has come; None at the end."""
        with self._changed:
            while not self._ended.is_set():
                now = time.monotonic()
                waits = [self._ready_at(parcel, now) - now for parcel in self._offered]
                ready = next((p for p, wait in zip(self._offered, waits, strict=True) if wait <= 0), None)
                if ready is not None:
                    return ready
                self._changed.wait(min(waits, default=None))
        return None

    def _ready_at(self, parcel: Parcel, now: float) -> float:
        return max(self._again_at.get(parcel.evidence_id, now), self._open_at)

    def _try(self, parcel: Parcel) -> Tried:
        if self._token_file is None:
            return Tried(parcel, Outcome.TOKENLESS, "no file for it is named: upload_token_file")
        try:
            token = self._token_file.read_text(encoding="ascii").strip()
        except (OSError, ValueError) as error:
            return Tried(parcel, Outcome.TOKENLESS, str(error))
        if not token or not token.isprintable():
            return Tried(parcel, Outcome.TOKENLESS, f"{self._token_file} holds no token")
        return carry(self._client, parcel, token, lambda: self._ended.is_set() or self._outranked(parcel))

    def _outranked(self, parcel: Parcel) -> bool:
        """Whether something that goes before ``parcel``, and has not failed, could go: no picture waits for a clip."""
        with self._changed:
            now = time.monotonic()
            for each in self._offered:
                if each.evidence_id == parcel.evidence_id:
                    return False
                if not self._tries.get(each.evidence_id) and self._ready_at(each, now) <= now:
                    return True
        return False

    def _note(self, tried: Tried, now: float) -> None:
        key = tried.parcel.evidence_id
        if tried.outcome is Outcome.GAVE_WAY:
            return
        self._tries[key] = 0 if tried.outcome is Outcome.WHOLE else self._tries.get(key, 0) + 1
        pause = self._retry.after(self._tries[key], self._chance) if self._tries[key] else CHECK_AGAIN_S
        self._again_at[key] = now + pause
        self._cuts = self._cuts + 1 if tried.outcome is Outcome.CUT else 0
        self._open_at = now + self._silence.after(self._cuts, self._chance) if self._cuts else 0.0
