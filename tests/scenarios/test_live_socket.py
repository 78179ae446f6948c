"""The runner's ear: it hears what the live socket says, and what came to its end while it was deaf."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec
import uvicorn
from fastapi import FastAPI, WebSocket

from xiaotian.api_client.models import PatrolStatus, PatrolView, TextView
from xiaotian.child_processes import wait_for
from xiaotian.local_stack import free_port
from xiaotian.scenarios.live_socket import Heard, LiveSocket


def station(said: str, patrols: list[PatrolView]) -> FastAPI:
    """A server that says ``said`` on its live socket, and has these patrols, none of them open."""
    app = FastAPI()
    nothing: list[dict[str, str]] = []
    app.get("/api/v1/patrols")(lambda: msgspec.to_builtins(patrols))
    app.get("/api/v1/incidents")(lambda: nothing)

    @app.post("/api/v1/session")
    def sign_in() -> dict[str, str]:
        return {}

    @app.websocket("/api/v1/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_json({"type": said, "data": {}})
        while True:
            await asyncio.sleep(60)

    return app


@contextmanager
def running(app: FastAPI, port: int) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=0))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started, 20, "the server")
    yield
    server.should_exit = True
    thread.join(20)


def completed_patrol() -> PatrolView:
    nothing: dict[str, None] = dict.fromkeys(
        ("call_id", "canceled_by", "interrupted_for", "reason", "started_at", "waits_for")
    )
    names = dict.fromkeys(("assigned_by", "dog_id", "order_id", "patrol_id", "route_id", "site_id"), "p")
    times = dict.fromkeys(("created_at", "ended_at"), datetime.now(UTC))
    more = {
        "cancel_requested": False,
        "checkpoints": [],
        "live": True,
        "progress": 1.0,
        "status": PatrolStatus.COMPLETED,
    }
    return PatrolView(**nothing, **names, **times, **more, route_name=TextView(zh="p", en="p"))  # type: ignore[arg-type]


def test_what_ended_while_the_server_was_gone_is_heard_when_it_is_back() -> None:
    port, heard = free_port(), list[Heard]()

    def kinds() -> list[str]:
        while not ear.heard.empty():
            heard.append(ear.heard.get())
        return [each.kind for each in heard]

    with LiveSocket(f"http://127.0.0.1:{port}", "secret") as ear:
        wait_for(lambda: "link" in kinds(), 20, "the ear to miss the server")
        with running(station("snapshot", []), port):
            wait_for(lambda: "snapshot" in kinds(), 20, "the snapshot")
        wait_for(lambda: bool(kinds()) and [e.data for e in heard if e.kind == "link"][-1] is False, 20, "silence")
        with running(station("dogs", [completed_patrol()]), port):
            wait_for(lambda: "patrol" in kinds() and "dogs" in kinds(), 20, "what was missed")
    assert [each.data["status"] for each in heard if each.kind == "patrol"] == ["COMPLETED"]
