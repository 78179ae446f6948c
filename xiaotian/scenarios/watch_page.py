"""`xiaotian sim watch`: a page that shows scenarios while they run, on this machine alone.

It reads what a run leaves in its folder: `told.jsonl` of the runner, `truth.jsonl` of the simulator.
"""

import json
import threading
from functools import cache
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from xiaotian.scenarios.report_pages import SCRIPT, STYLE
from xiaotian.scenarios.report_translations import WORDS, say
from xiaotian.scenarios.run_log import TOLD
from xiaotian.scenarios.svg_drawing import Frame, Ground, svg

HOST = "127.0.0.1"
TRUTH = "truth.jsonl"
LIVE = (Path(__file__).parent / "watch_page.js").read_text(encoding="utf-8")
MOST_BYTES = 1_000_000  # of a file, in one answer


class Watch:
    """A web server over the folder of a run; ``url`` is where it is looked at."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._server = ThreadingHTTPServer((HOST, port), _handler(folder))
        self._server.daemon_threads = True
        self.url = f"http://{HOST}:{self._server.server_address[1]}"

    def serve(self) -> None:
        """Serve until ``close``."""
        self._server.serve_forever(0.2)

    def start(self) -> None:
        """Serve in a thread of its own."""
        threading.Thread(target=self.serve, name="watch", daemon=True).start()

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()


def runs(folder: Path) -> list[dict[str, Any]]:
    """The runs in ``folder``, the one that told something last first."""
    files = sorted(folder.glob(f"*/{TOLD}"), key=lambda file: file.stat().st_mtime, reverse=True)
    return [{"key": file.parent.name, **_first_line(file)} for file in files]


def news(folder: Path, told: int, truth: int) -> dict[str, Any]:
    """What both files of a run have beyond these offsets, and the offsets to ask from next."""
    told_lines, told_at = _lines(folder / TOLD, told)
    truth_lines, truth_at = _lines(folder / TRUTH, truth)
    return {"told": told_lines, "truth": truth_lines, "toldAt": told_at, "truthAt": truth_at}


def _lines(file: Path, offset: int) -> tuple[list[Any], int]:
    """The whole lines beyond ``offset``; one that is still being written waits."""
    try:
        with file.open("rb") as stream:
            stream.seek(offset)
            data = stream.read(MOST_BYTES)
    except FileNotFoundError:
        return [], offset
    whole = data[: data.rfind(b"\n") + 1]
    return [json.loads(line) for line in whole.splitlines()], offset + len(whole)


def _first_line(file: Path) -> dict[str, Any]:
    lines, _ = _lines(file, 0)
    return lines[0] if lines else {}


def _handler(folder: Path) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers for one folder."""

        def do_GET(self) -> None:
            """Answer."""
            asked = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(asked.query).items()}
            if self.headers.get("Host", "").partition(":")[0] not in (HOST, "localhost"):
                self.send_error(HTTPStatus.FORBIDDEN)  # another page's name that was bent to this machine
            elif asked.path == "/":
                self._say("text/html; charset=utf-8", _page())
            elif asked.path == "/runs":
                self._say("application/json", json.dumps(runs(folder)))
            elif asked.path in ("/ground", "/news"):
                self._of_a_run(asked.path, query)
            else:
                self.send_error(HTTPStatus.NOT_FOUND)

        def _of_a_run(self, path: str, query: dict[str, str]) -> None:
            known = {run["key"]: run for run in runs(folder)}
            run = known.get(query.get("run", ""))
            offsets = query.get("told", "0"), query.get("truth", "0")
            if run is None or not all(offset.isdecimal() for offset in offsets):
                self.send_error(HTTPStatus.NOT_FOUND)
            elif path == "/ground":
                self._say("image/svg+xml", _ground(run["site"]))
            else:
                self._say("application/json", json.dumps(news(folder / run["key"], *map(int, offsets))))

        def _say(self, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing: the page asks twice a second."""

    return Handler


@cache
def _ground(site: str) -> str:
    ground = Ground(Path(site))
    origin, metre = ground.grid.origin, ground.grid.resolution
    zones = [(p.x, p.y) for zone in ground.site.zones for p in zone.polygon]
    stops = [(c.pose.x, c.pose.y) for c in ground.site.checkpoints]
    frame = Frame.round([*zones, *stops] or [(origin.x, origin.y), (origin.x + 100 * metre, origin.y)])
    parts = [ground.floor(frame), '<g id="trails"></g><g id="truth"></g><g id="incidents"></g>']
    return svg(frame, parts, "map live", "the site")


def _page() -> str:
    words = json.dumps({key: WORDS[key] for key in ("walking", "passed", "failed", "waiting")}, ensure_ascii=False)
    title = escape("Xiaotian · watch")
    return (
        f"<!doctype html><html lang='zh'><head><meta charset='utf-8'><title>{title}</title>"
        "<link rel='icon' href='data:,'>"
        f"<meta name='viewport' content='width=device-width, initial-scale=1'><style>{STYLE}</style></head>"
        f"<body class='watch'><button id='language' type='button'>中文 / English</button><main>"
        f"<header><h1><span id='verdict' class='badge'></span> <span id='name'>{say('waiting')}</span></h1>"
        f"<p class='about'><select id='run'></select> <b id='clock'></b></p></header>"
        f"<div class='stand'><section id='ground'></section><section><ol id='told'></ol></section></div></main>"
        f"<script>const WORDS = {words};\n{SCRIPT}\n{LIVE}</script></body></html>"
    )
