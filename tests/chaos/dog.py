"""A dog that sees much: its real link in a process of its own, to be killed, cut off and starved of disk.

What it has kept it writes into a ledger, once it lies in the outbox; so a test knows what must arrive. A dog that is
started again goes on where its ledger ends.
"""

import argparse
import hashlib
import json
import os
import random
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from edge.link.command_authentication import read_authority
from edge.link.outbox_rows import Place, Sighting
from edge.link.whole_link import Reach, WholeLink, open_link
from protocol.topics import Address

STEP_S = 0.05
SEE_EVERY = 2  # steps
LEAST, MOST = 500, 40_000  # bytes of a picture


def main() -> None:
    """See ``--count`` things, and deliver them."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--name", "--url"):
        parser.add_argument(name, required=True)
    for name in ("--data", "--token", "--key"):
        parser.add_argument(name, required=True, type=Path)
    for name in ("--port", "--seed", "--count"):
        parser.add_argument(name, required=True, type=int)
    given = parser.parse_args()
    address = Address("xiaotian", given.name)
    reach = Reach("127.0.0.1", given.port, given.url, given.token)
    line = open_link(address, given.data, reach, time.time(), read_authority(given.key))
    ending = False

    def end(*_: object) -> None:
        nonlocal ending
        ending = True

    signal.signal(signal.SIGTERM, end)
    line.start()
    ledger = Ledger(given.data)
    waiting = iter(sights(given.name, given.seed, given.count, ledger.kept))
    steps = 0
    while not ending:
        line.step(None, time.monotonic(), time.time())
        line.link.outbox.settle()
        steps += 1
        if steps % SEE_EVERY == 0 and line.link.outbox.unstored == 0:
            see(line, ledger, next(waiting, None))
        ledger.tell(line)
        time.sleep(STEP_S)
    line.stop(time.time())


def sights(name: str, seed: int, count: int, already: int) -> Iterator[tuple[Sighting, str]]:
    """The things that this dog sees with this seed, from the ``already``-th on, each with its evidence's id."""
    for number in range(already, count):
        chance = random.Random(f"{name} {seed} {number}")
        key, evidence = (str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _ in range(2))
        place = Place(chance.uniform(0, 20), chance.uniform(0, 10), "yard", 0.5)
        picture = chance.randbytes(chance.randint(LEAST, MOST))
        yield (
            Sighting(
                anomaly_id=key,
                kind="PERSON_IN_RESTRICTED_ZONE",
                observed_at=time.time(),
                place=place,
                score=0.9,
                detector="chaos",
                zone_id="armory_yard",
                track_id=number,
                order_id="",
                picture=picture,
            ),
            evidence,
        )


def see(line: WholeLink, ledger: "Ledger", sight: tuple[Sighting, str] | None) -> None:
    """Keep a sighting, and write into the ledger what of it is kept."""
    if sight is None:
        return
    seen, evidence = sight
    line.tell_anomaly(seen, evidence, None, time.monotonic(), time.time())
    digest = hashlib.sha256(seen.picture).hexdigest() if evidence in line.link.outbox else ""
    ledger.write(seen.anomaly_id, evidence if digest else "", digest)


class Ledger:
    """What was kept, a line each; it lies on a disk that is never full, and outlives the dog."""

    def __init__(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self._path, self._status = data / "ledger.jsonl", data / "status.json"
        self.kept = len(read_ledger(data))
        self._late: list[str] = []

    def write(self, anomaly: str, evidence: str, sha256: str) -> None:
        """Add a line, or, while the disk is full, remember it."""
        self._late.append(json.dumps({"anomaly": anomaly, "evidence": evidence, "sha256": sha256}) + "\n")
        self.kept += 1
        self._settle()

    def tell(self, line: WholeLink) -> None:
        """Say how the dog is."""
        self._settle()
        outbox = line.link.outbox
        status = {"kept": self.kept, "rows": len(outbox), "lost": outbox.lost.total(), "late": len(self._late)}
        try:
            part = self._status.with_suffix(".part")
            part.write_text(json.dumps(status))
            part.replace(self._status)
        except OSError:
            return

    def _settle(self) -> None:
        try:
            while self._late:
                with self._path.open("ab", buffering=0) as file:
                    if file.write(self._late[0].encode()) != len(self._late[0]):
                        raise OSError("half a line")
                    os.fsync(file.fileno())
                del self._late[0]
        except OSError:
            return


def read_ledger(data: Path) -> list[dict[str, str]]:
    """What a dog has kept; half a line, of a dog that was killed while it wrote, counts as none."""
    try:
        text = (data / "ledger.jsonl").read_text(errors="replace")
    except FileNotFoundError:
        return []
    rows = []
    for line in text.splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return rows


if __name__ == "__main__":
    main()
