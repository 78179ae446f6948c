"""What must not be lost: rows and pictures on the dog's disk that only the station's ``received`` removes.

When their room runs out, pictures are sacrificed in this order: what the station refused; sealed originals, oldest
first; checkpoint photos, oldest first; clips and recordings, oldest first; then, for the picture of a new anomaly,
pictures of anomalies, oldest first. When the disk itself is full, originals, photos and clips are; what it then does
not take waits in memory, rows without bound, pictures up to a bound, originals never. An anomaly itself is never
sacrificed. Each loss is counted and told.
"""

import errno
import random
import sqlite3
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from edge.link.backoff import Backoff
from edge.link.picture_files import PictureFiles
from edge.link.send_schedule import Rank, SendSchedule

SYNCED, SOON = "PRAGMA synchronous=FULL", "PRAGMA synchronous=NORMAL"  # on the disk at the commit, or with the next
SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
    serial INTEGER PRIMARY KEY,      -- the order in which they came
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,              -- the message as JSON, but for its header's counter and time
    picture_bytes INTEGER NOT NULL
)
"""


class Kind(StrEnum):
    """What a row is."""

    ANOMALY = "anomaly"
    ANOMALY_PICTURE = "anomaly_picture"
    ANOMALY_CLIP = "anomaly_clip"
    """Its clip, or its recording."""
    CHECKPOINT_PHOTO = "checkpoint_photo"
    ORIGINAL = "original"
    """Its picture from before masking, sealed."""


FIRST_SENT = (Kind.ANOMALY, Kind.ANOMALY_PICTURE, Kind.ANOMALY_CLIP, Kind.CHECKPOINT_PHOTO, Kind.ORIGINAL)
SACRIFICED_FOR = {
    Kind.ANOMALY: (),
    Kind.ANOMALY_PICTURE: (Kind.ORIGINAL, Kind.CHECKPOINT_PHOTO, Kind.ANOMALY_CLIP, Kind.ANOMALY_PICTURE),
    Kind.ANOMALY_CLIP: (Kind.ORIGINAL, Kind.CHECKPOINT_PHOTO, Kind.ANOMALY_CLIP),
    Kind.CHECKPOINT_PHOTO: (Kind.ORIGINAL, Kind.CHECKPOINT_PHOTO),
    Kind.ORIGINAL: (Kind.ORIGINAL,),
}


class Loss(StrEnum):
    """Why a row left without ``received``."""

    NO_ROOM = "no room for pictures"
    DISK = "the disk took no picture"
    REFUSED = "the station does not take this original"
    DAMAGED = "the picture on the disk is damaged or gone"


MOST_HELD = 64 * 1024 * 1024  # bytes of pictures in memory, while the disk takes none
ROOM_FOR_ROWS = 256 * 1024  # bytes given up by photos and clips when a full disk takes no row
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
RESEND = Backoff(first=2.0, last=60.0)
# Rows on their way at once. A picture is on its way until its bytes are there: to announce many more only repeats it.
WINDOWS = {
    Kind.ANOMALY: 400,
    Kind.ANOMALY_PICTURE: 100,
    Kind.ANOMALY_CLIP: 10,
    Kind.CHECKPOINT_PHOTO: 50,
    Kind.ORIGINAL: 10,
}


@dataclass(frozen=True, slots=True)
class OutboxConfig:
    """How much is kept, in bytes of pictures (``held_bytes``: in memory, while the disk is full), how long a row waits
    to be sent again, and how many are on their way at once."""

    picture_bytes: int = 2 * 1024**3
    held_bytes: int = MOST_HELD
    resend: Backoff = RESEND
    windows: Mapping[Kind, int] = field(default_factory=lambda: dict(WINDOWS))


@dataclass(frozen=True, slots=True)
class Row:
    """A message to be sent; ``body`` lacks only its header's counter and time."""

    id: str
    kind: Kind
    body: bytes
    picture_bytes: int = 0


@dataclass(slots=True)
class _Entry:
    serial: int
    kind: Kind
    picture_bytes: int


class Outbox:
    """Rows by id. Times are steady seconds, handed in; the times to send again start anew with the process.

    ``trouble`` says what is wrong with the disk now, or is empty. A row that the disk does not take is kept in memory,
    sent from there, and offered to the disk again: what still works goes on.
    """

    def __init__(self, folder: Path, config: OutboxConfig | None = None, chance: random.Random | None = None) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._config = config or OutboxConfig()
        windows = {FIRST_SENT.index(kind): most for kind, most in self._config.windows.items()}
        self._schedule = SendSchedule(self._config.resend, windows, chance or random.Random())
        self.pictures = PictureFiles(folder / "evidence")
        self.lost: Counter[Loss] = Counter()
        self.trouble = ""
        self._losses: list[tuple[str, Loss]] = []
        self._refusals: list[tuple[str, str]] = []
        self._unstored: dict[str, Row] = {}
        self._held: dict[str, tuple[Kind, bytes]] = {}
        self._base = _open(folder / "outbox.db")
        self._entries = {
            key: _Entry(serial, Kind(kind), size)
            for serial, key, kind, size in self._base.execute(
                "SELECT serial, id, kind, picture_bytes FROM outbox ORDER BY serial"
            )
        }
        for key, entry in self._entries.items():
            self._schedule.add(key, _rank(entry))
        self._serial = max((entry.serial for entry in self._entries.values()), default=0)
        self.pictures.sweep(set(self._entries))
        here = self.pictures.ids()
        gone = [key for key, entry in self._entries.items() if entry.picture_bytes and key not in here]
        self.lose(gone, Loss.DAMAGED)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    @property
    def picture_bytes(self) -> int:
        """How many bytes of pictures wait."""
        return sum(entry.picture_bytes for entry in self._entries.values())

    @property
    def unstored(self) -> int:
        """How many rows, and what belongs to them, would not survive a power cut."""
        return len(self._unstored)

    def losses(self) -> list[tuple[str, Loss]]:
        """What was lost since the last time this was asked, and why."""
        told, self._losses = self._losses, []
        return told

    @property
    def refused(self) -> int:
        """How many rows the station does not take."""
        return self._schedule.parked

    def refusals(self) -> list[tuple[str, str]]:
        """What the station has refused since the last time this was asked, and why."""
        told, self._refusals = self._refusals, []
        return told

    def keep_picture(self, key: str, kind: Kind, data: bytes) -> bool:
        """Put a picture on the disk, before its row; False, counted and told, where there is no room for it."""
        if not self._make_room(kind, len(data)):
            self._lost(key, Loss.NO_ROOM)
            return False
        if self._write(key, kind, data):
            return True
        if kind is Kind.ORIGINAL or self._fills_memory(data):
            self._lost(key, Loss.DISK)
            return False
        self._held[key] = kind, data
        return True

    def hold_picture(self, key: str, kind: Kind, data: bytes) -> bool:
        """As ``keep_picture``, but in memory until ``settle``; on the disk at once where memory has no room for it."""
        if self._fills_memory(data):
            return self.keep_picture(key, kind, data)
        if not self._make_room(kind, len(data)):
            self._lost(key, Loss.NO_ROOM)
            return False
        self._held[key] = kind, data
        return True

    def hold(self, rows: Sequence[Row]) -> None:
        """As ``put``, but in memory until ``settle``: they can be sent meanwhile, and need not wait for the disk."""
        self._unstored |= {row.id: row for row in self._enter(rows)}

    def put(self, rows: Sequence[Row]) -> None:
        """Keep the rows, all or none of them, through a power cut; an id that is here already is left as it is."""
        new = self._enter(rows)
        held = [row for row in new if row.id in self._held]  # a row never lacks its picture
        ready = [row for row in new if row.id not in self._held]
        stored = self._store(ready)
        self._unstored |= {row.id: row for row in (held if stored else new) if row.id in self._entries}

    def due(self, now: float, most: int) -> list[Row]:
        """Up to ``most`` rows that are to be sent now: anomalies, their pictures, then clips, each oldest first."""
        return [row for key in self._schedule.due(now, most) if (row := self.row(key)) is not None]

    def row(self, key: str) -> Row | None:
        """The row of ``id``, read from the disk."""
        if key in self._unstored:
            return self._unstored[key]
        try:
            found = self._base.execute("SELECT kind, body, picture_bytes FROM outbox WHERE id = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            self.trouble = f"the outbox cannot be read: {error}"
            return None
        return Row(key, Kind(found[0]), bytes(found[1]), found[2]) if found else None

    def sent(self, key: str, now: float) -> None:
        """Note that a row was sent: it is due again after a pause that grows with each time."""
        if key in self._entries:
            self._schedule.sent(key, now)

    def hurry(self) -> None:
        """All rows are due but the refused: the station can be reached again."""
        self._schedule.hurry()

    def under_way(self) -> list[str]:
        """The ids of what was sent, waits for the station's word, and is not due again yet."""
        return self._schedule.under_way()

    def announced(self) -> list[str]:
        """The ids of the pictures whose message was sent, in the order in which their bytes should go."""
        return [key for key in self._schedule.announced() if self._entries[key].picture_bytes and key not in self._held]

    def refuse(self, key: str, reason: str, now: float) -> None:
        """The station does not take the row: it is kept and told, and not sent again for a day or until a restart. An
        original is forgotten: no face waits on a dog for a station that may be another one day."""
        if key in self._entries and self._entries[key].kind is Kind.ORIGINAL:
            self._refusals.append((key, reason))
            self.lose([key], Loss.REFUSED)
        elif key in self._entries:
            self._schedule.park(key, now)
            self._refusals.append((key, reason))

    def received(self, ids: Iterable[str]) -> int:
        """Forget what the station has; returns how many of the ids were here."""
        return self._forget([key for key in dict.fromkeys(ids) if key in self._entries])

    def lose(self, ids: Iterable[str], loss: Loss) -> None:
        """Forget what can never be delivered, counted and told."""
        here = [key for key in ids if key in self._entries]
        self._forget(here)
        for key in here:
            self._lost(key, loss)

    def settle(self) -> None:
        """Offer what is only in memory to the disk."""
        for key, (kind, data) in list(self._held.items()):
            if not self._write(key, kind, data):
                break
            del self._held[key]
        ready = [row for row in self._unstored.values() if row.id not in self._held]
        if ready and self._store(ready):
            for row in ready:
                self._unstored.pop(row.id, None)

    def close(self) -> None:
        """Let go of the files."""
        self.settle()
        self._base.close()

    def _enter(self, rows: Sequence[Row]) -> list[Row]:
        """Those of the rows that are new: known, and to be sent, from now on."""
        new = list({row.id: row for row in rows if row.id not in self._entries}.values())
        for row in new:
            self._serial += 1
            self._entries[row.id] = entry = _Entry(self._serial, row.kind, row.picture_bytes)
            self._schedule.add(row.id, _rank(entry))
        return new

    def _fills_memory(self, data: bytes) -> bool:
        return sum(len(held) for _, held in self._held.values()) + len(data) > self._config.held_bytes

    def _lost(self, key: str, loss: Loss) -> None:
        self.lost[loss] += 1
        self._losses.append((key, loss))

    def _store(self, rows: Sequence[Row]) -> bool:
        for _ in range(2):
            try:
                self._insert([row for row in rows if row.id in self._entries])
            except sqlite3.Error as error:
                self.trouble = f"the outbox takes no rows: {error}"
                if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_FULL:
                    return False
                if not self._sacrifice(Kind.ANOMALY_CLIP, ROOM_FOR_ROWS):
                    return False
            else:
                self.trouble = ""
                return True
        return False

    def _insert(self, rows: Sequence[Row]) -> None:
        values = [(self._entries[row.id].serial, row.id, row.kind, row.body, row.picture_bytes) for row in rows]
        self._base.execute(SYNCED)
        with self._base:
            self._base.executemany("INSERT OR IGNORE INTO outbox VALUES (?, ?, ?, ?, ?)", values)

    def _forget(self, ids: Sequence[str]) -> int:
        """The row goes first: the next start sweeps away a picture without a row; a row never lacks its picture.

        A row without one need not be gone through a power cut: it is sent once more, which does no harm.
        """
        pictured = any(self._entries[key].picture_bytes for key in ids)
        try:
            self._base.execute(SYNCED if pictured else SOON)
            with self._base:
                self._base.executemany("DELETE FROM outbox WHERE id = ?", [(key,) for key in ids])
        except sqlite3.Error as error:  # they are sent once more after a restart, which does no harm
            self.trouble = f"the outbox cannot be changed: {error}"
        for key in ids:
            entry = self._entries.pop(key)
            self._schedule.forget(key)
            self._unstored.pop(key, None)
            self._held.pop(key, None)
            if entry.picture_bytes:
                self.pictures.remove(key)
        return len(ids)

    def _write(self, key: str, kind: Kind, data: bytes) -> bool:
        """Put a picture on the disk; where that is full, give up for it what matters no more, and no picture."""
        # An older anomaly's picture is on the disk and stays: the newer one waits in memory.
        put_out = Kind.ANOMALY_CLIP if kind is Kind.ANOMALY_PICTURE else kind
        for _ in range(2):
            try:
                self.pictures.write(key, data)
            except OSError as error:
                self.trouble = f"the disk took no picture: {error.strerror}"
                if error.errno not in DISK_FULL or not self._sacrifice(put_out, len(data), self._held):
                    return False
            else:
                return True
        return False

    def _make_room(self, kind: Kind, size: int) -> bool:
        excess = self.picture_bytes + size - self._config.picture_bytes
        return excess <= 0 or (size <= self._config.picture_bytes and self._sacrifice(kind, excess))

    def _sacrifice(self, kind: Kind, wanted: int, spared: Container[str] = ()) -> bool:
        """Give up pictures for one of ``kind`` until ``wanted`` bytes are free; none where that is not enough.

        ``spared`` are ids: what is in memory alone frees nothing on the disk.
        """
        victims: list[str] = []
        for poorer in SACRIFICED_FOR[kind]:
            victims += [key for key, entry in self._entries.items() if entry.kind is poorer and entry.picture_bytes]
        victims = [key for key in victims if key not in spared]
        victims.sort(key=self._schedule.is_parked, reverse=True)  # a stable order: the refused first
        chosen: list[str] = []
        for key in victims:
            if wanted <= 0:
                break
            chosen.append(key)
            wanted -= self._entries[key].picture_bytes
        if wanted > 0:
            return False
        self.lose(chosen, Loss.NO_ROOM)
        return True


def _rank(entry: _Entry) -> Rank:
    return Rank(FIRST_SENT.index(entry.kind), entry.serial)


def _open(path: Path) -> sqlite3.Connection:
    """The rows at ``path``; a file that is none is put aside with its pictures, for a person to look at."""
    try:
        return _connect(path)
    except sqlite3.OperationalError:  # locked by another process, or no right to write: nothing to be healed here
        raise
    except sqlite3.DatabaseError:
        _put_aside(path)
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(path, timeout=2.0, check_same_thread=False)
    try:
        base.execute("PRAGMA locking_mode=EXCLUSIVE")  # two processes with one outbox would sweep each other's pictures
        base.execute("PRAGMA journal_mode=WAL")
        base.execute(SYNCED)
        base.execute(SCHEMA)
        base.execute("PRAGMA quick_check").fetchone()
    except sqlite3.Error:
        base.close()
        raise
    path.chmod(0o600)
    return base


def _put_aside(path: Path) -> None:
    number = 1
    while (aside := path.with_name(f"damaged-{number}")).exists():
        number += 1
    aside.mkdir(mode=0o700)
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", "evidence"):
        file = path.with_name(name)
        if file.exists():
            file.replace(aside / name)
