"""Downloads from a real server on this machine: whole, wrong, cut off, resumed."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.perception.cli import app
from edge.perception.model_download import MODELS, FetchError, Model, fetch
from tests.shared import shared

DATA = bytes(range(256)) * 1200
MODEL = Model("tiny", "tiny.onnx", "", hashlib.sha256(DATA).hexdigest(), len(DATA), "Apache-2.0", "for tests")


class Shelf(BaseHTTPRequestHandler):
    """/good answers ranges, /plain does not, /cut stops half-way, /wrong has other bytes, /endless never ends."""

    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.headers.get("Range", ""))
        start = int(self.headers.get("Range", "bytes=0-")[6:-1]) if self.path == "/good" else 0
        body = DATA[start:]
        if self.path == "/wrong":
            body = bytes(len(DATA))
        if self.path == "/none":
            self.send_error(404)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.path == "/cut":
            body = body[: len(body) // 2]
            self.close_connection = True
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server() -> Iterator[str]:
    Shelf.asked = []
    shelf = ThreadingHTTPServer(("127.0.0.1", 0), Shelf)
    thread = threading.Thread(target=shelf.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{shelf.server_port}"
    shelf.shutdown()
    shelf.server_close()
    thread.join()


def test_a_good_download_is_there_whole_and_progress_was_told(server: str, tmp_path: Path) -> None:
    told: list[int] = []
    path = fetch(MODEL, tmp_path / "new", f"{server}/good", lambda had, _: told.append(had))
    assert path.read_bytes() == DATA
    assert told[-1] == len(DATA)
    assert [p.name for p in path.parent.iterdir()] == ["tiny.onnx"]


def test_what_is_there_already_is_not_fetched_again(server: str, tmp_path: Path) -> None:
    fetch(MODEL, tmp_path, f"{server}/good")
    fetch(MODEL, tmp_path, f"{server}/good")
    assert len(Shelf.asked) == 1


def test_wrong_bytes_are_refused_and_thrown_away(server: str, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="pinned SHA-256"):
        fetch(MODEL, tmp_path, f"{server}/wrong")
    assert list(tmp_path.iterdir()) == []


def test_a_download_cut_off_goes_on_where_it_ended(server: str, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="the next try goes on from there"):
        fetch(MODEL, tmp_path, f"{server}/cut")
    had = (tmp_path / "tiny.onnx.part").stat().st_size
    assert 0 < had < len(DATA)
    assert not (tmp_path / "tiny.onnx").exists()
    assert fetch(MODEL, tmp_path, f"{server}/good").read_bytes() == DATA
    assert Shelf.asked[-1] == f"bytes={had}-"


def test_a_server_without_ranges_is_asked_for_all_of_it(server: str, tmp_path: Path) -> None:
    (tmp_path / "tiny.onnx.part").write_bytes(DATA[:1000])
    assert fetch(MODEL, tmp_path, f"{server}/plain").read_bytes() == DATA


def test_a_missing_file_and_a_missing_server_are_told_apart(server: str, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="404"):
        fetch(MODEL, tmp_path, f"{server}/none")
    with pytest.raises(FetchError, match="nothing was stored"):
        fetch(MODEL, tmp_path, "http://127.0.0.1:9/gone")


def test_the_pinned_hash_is_that_of_the_real_file() -> None:
    path = shared("models/yolox_nano.onnx")
    model = MODELS["yolox_nano"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == model.sha256
    assert path.stat().st_size == model.size_bytes


def test_the_command_says_what_went_wrong_and_ends_with_one(server: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["fetch", "--folder", str(tmp_path), "--url", f"{server}/wrong"])
    assert result.exit_code == 1
    assert "not fetched" in result.output
    assert CliRunner().invoke(app, ["fetch", "nothing"]).exit_code == 2


def test_the_list_names_every_model_and_the_choice() -> None:
    result = CliRunner().invoke(app, ["list"])
    assert result.exit_code == 0
    assert all(name in result.output for name in MODELS)
    assert "detector " in result.output
