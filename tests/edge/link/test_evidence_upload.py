"""Pictures to a real HTTP server, over lines that break."""

import hashlib
import queue
import random
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from edge.link.backoff import Backoff
from edge.link.evidence_upload import CHUNK, Carrier, Outcome, Parcel, Tried, carry
from tests.edge.link.evidence_server import TOKEN, Line, Shelf
from xiaotian.local_stack import free_port

DATA = random.Random(1).randbytes(300_000)
QUICK = Backoff(first=0.05, last=0.1)


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with Shelf() as running:
        yield running


@pytest.fixture
def parcel(tmp_path: Path) -> Parcel:
    path = tmp_path / "a.jpg"
    path.write_bytes(DATA)
    return Parcel("a", path, len(DATA), hashlib.sha256(DATA).hexdigest())


def client(port: int) -> httpx.Client:
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False)


def test_a_picture_goes_in_chunks_and_arrives_whole(shelf: Shelf, parcel: Parcel) -> None:
    shelf.know("a", DATA)
    with client(shelf.port) as http:
        assert carry(http, parcel, TOKEN).outcome is Outcome.WHOLE
        assert shelf.files["a"].data == DATA
        assert shelf.begun == list(range(0, len(DATA), CHUNK))
        assert carry(http, parcel, TOKEN).outcome is Outcome.WHOLE  # once more does no harm
        assert shelf.begun[5:] == [len(DATA)]  # an empty request, by which a station checks what it has


def test_a_dog_without_a_file_for_a_token_says_so_and_sends_nothing(shelf: Shelf, parcel: Parcel) -> None:
    told: queue.SimpleQueue[Tried] = queue.SimpleQueue()
    carrier = Carrier(f"http://127.0.0.1:{shelf.port}", None, told.put, QUICK)
    carrier.start()
    carrier.offer([parcel])
    tried = told.get(timeout=10)
    carrier.stop()
    assert (tried.outcome, "upload_token_file" in tried.detail) == (Outcome.TOKENLESS, True)
    assert shelf.begun == []


def test_a_station_that_was_killed_before_it_checked_the_bytes_does_so_when_asked(shelf: Shelf, parcel: Parcel) -> None:
    shelf.know("a", DATA)
    shelf.files["a"].data = DATA
    with client(shelf.port) as http:
        assert carry(http, parcel, TOKEN).outcome is Outcome.WHOLE
    assert shelf.begun == [len(DATA)]


def test_a_line_cut_in_the_middle_of_a_chunk_is_taken_up_at_the_byte(shelf: Shelf, parcel: Parcel) -> None:
    shelf.know("a", DATA)
    with Line(shelf.port, most=100_000) as line, client(line.port) as http:
        assert carry(http, parcel, TOKEN).outcome is Outcome.CUT
        assert line.cuts == 1
        here = arrived_in_part(shelf)
        assert here < 100_000
        while carry(http, parcel, TOKEN).outcome is not Outcome.WHOLE:  # the station may be busy with what was cut
            pass
    assert shelf.files["a"].data == DATA
    assert here in shelf.begun


def test_what_the_station_does_not_know_yet_waits(shelf: Shelf, parcel: Parcel) -> None:
    with client(shelf.port) as http:
        assert carry(http, parcel, TOKEN).outcome is Outcome.UNKNOWN


def test_a_wrong_token_is_said_to_be_refused(shelf: Shelf, parcel: Parcel) -> None:
    shelf.know("a", DATA)
    with client(shelf.port) as http:
        tried = carry(http, parcel, "wrong")
    assert tried.outcome is Outcome.REFUSED
    assert "401" in tried.detail


def test_spoilt_bytes_go_again_from_the_start(shelf: Shelf, parcel: Parcel) -> None:
    shelf.know("a", DATA)
    shelf.files["a"].data = b"spoilt on the way"
    with client(shelf.port) as http:
        assert carry(http, parcel, TOKEN).outcome is Outcome.SPOILT
        assert carry(http, parcel, TOKEN).outcome is Outcome.WHOLE
    assert shelf.files["a"].data == DATA


def test_a_file_that_is_damaged_here_is_not_sent_for_ever(shelf: Shelf, parcel: Parcel) -> None:
    shelf.know("a", DATA)
    parcel.path.write_bytes(bytes(len(DATA)))
    with client(shelf.port) as http:
        assert carry(http, parcel, TOKEN).outcome is Outcome.DAMAGED
        parcel.path.unlink()
        assert carry(http, parcel, TOKEN).outcome is Outcome.DAMAGED


def test_a_file_shorter_than_it_should_be_is_damaged(shelf: Shelf, parcel: Parcel) -> None:
    shelf.know("a", DATA)
    parcel.path.write_bytes(DATA[:1000])
    with client(shelf.port) as http:
        assert carry(http, parcel, TOKEN).outcome is Outcome.DAMAGED


def test_no_server_is_a_cut_line(parcel: Parcel) -> None:
    with client(free_port()) as http:
        assert carry(http, parcel, TOKEN).outcome is Outcome.CUT


def test_the_carrier_waits_for_token_and_station_and_passes_over_what_cannot_go_yet(
    shelf: Shelf, parcel: Parcel, tmp_path: Path
) -> None:
    tried: queue.Queue[Tried] = queue.Queue()
    other = Parcel("b", parcel.path, parcel.size, parcel.sha256)
    token = tmp_path / "robot_token"
    shelf.know("b", DATA)
    carrier = Carrier(f"http://127.0.0.1:{shelf.port}", token, tried.put, QUICK)
    carrier.start()
    try:
        carrier.offer([parcel, other])
        assert tried.get(timeout=60.0).outcome is Outcome.TOKENLESS
        token.write_text(TOKEN + "\n")
        assert wait_for(tried, "b") is Outcome.WHOLE  # though the station does not know "a", which comes first
        shelf.know("a", DATA)
        assert wait_for(tried, "a") is Outcome.WHOLE
        carrier.offer([])
    finally:
        carrier.stop()
    assert shelf.files["a"].data == shelf.files["b"].data == DATA


def test_a_picture_that_comes_while_a_clip_is_on_its_way_goes_first_and_the_clip_goes_on_after(
    shelf: Shelf, parcel: Parcel, tmp_path: Path
) -> None:
    tried: queue.Queue[Tried] = queue.Queue()
    token, clip = tmp_path / "robot_token", tmp_path / "clip.mp4"
    token.write_text(TOKEN)
    data = random.Random(2).randbytes(100 * CHUNK)
    clip.write_bytes(data)
    film = Parcel("clip", clip, len(data), hashlib.sha256(data).hexdigest())
    shelf.know("clip", data)
    shelf.know("a", DATA)
    carrier = Carrier(f"http://127.0.0.1:{shelf.port}", token, tried.put, QUICK)
    shelf.at(10 * CHUNK, lambda: carrier.offer([parcel, film]))
    carrier.start()
    try:
        carrier.offer([film])
        ended = [(one.parcel.evidence_id, one.outcome) for one in (tried.get(timeout=60.0) for _ in range(3))]
        carrier.offer([])
    finally:
        carrier.stop()
    assert ended == [("clip", Outcome.GAVE_WAY), ("a", Outcome.WHOLE), ("clip", Outcome.WHOLE)]
    assert (shelf.files["a"].data, shelf.files["clip"].data) == (DATA, data)
    assert len(shelf.begun) == 100 + len(range(0, len(DATA), CHUNK))  # nothing was sent twice


def test_while_the_line_is_cut_all_files_wait_together_for_one_try(parcel: Parcel, tmp_path: Path) -> None:
    """Fifty files that fail one by one would each wait for long once the station is back."""
    tried: queue.Queue[Tried] = queue.Queue()
    token, port = tmp_path / "robot_token", free_port()
    token.write_text(TOKEN)
    many = [Parcel(str(number), parcel.path, parcel.size, parcel.sha256) for number in range(50)]
    carrier = Carrier(f"http://127.0.0.1:{port}", token, tried.put, Backoff(first=600.0, last=600.0))
    carrier.start()
    try:
        carrier.offer(many)
        assert tried.get(timeout=60.0).outcome is Outcome.CUT
        carrier.offer(many)
        with pytest.raises(queue.Empty):
            tried.get(timeout=0.3)
        carrier.hurry()  # the station can be reached again: at once
        assert tried.get(timeout=60.0).outcome is Outcome.CUT
    finally:
        carrier.stop()


def arrived_in_part(shelf: Shelf) -> int:
    """How much the station has of "a", when it has taken in what came before the cut: no whole number of chunks."""
    end = time.monotonic() + 10.0
    while len(shelf.files["a"].data) % CHUNK == 0 and time.monotonic() < end:
        time.sleep(0.01)
    here = len(shelf.files["a"].data)
    assert here % CHUNK
    return here


def wait_for(tried: "queue.Queue[Tried]", key: str) -> Outcome:
    """How the first try for ``key`` ended that was no waiting."""
    while True:
        one = tried.get(timeout=60.0)
        if one.parcel.evidence_id == key and one.outcome not in (Outcome.UNKNOWN, Outcome.TOKENLESS, Outcome.CUT):
            return one.outcome
