"""A station's evidence door, as the contract of the upload says, and a line to it that can be cut after any byte."""

import contextlib
import hashlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response
from starlette.requests import ClientDisconnect

TOKEN = "let me in"


@dataclass
class File:
    size: int
    sha256: str
    data: bytes = b""


class Shelf:
    """What is known, what has come of it, and where each PATCH began; a real server on 127.0.0.1."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self.begun: list[int] = []
        self._at: dict[int, Callable[[], None]] = {}
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._server = uvicorn.Server(uvicorn.Config(self._app(), log_level="critical", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10.0)

    def know(self, key: str, data: bytes, sha256: str = "") -> None:
        self.files[key] = File(len(data), sha256 or hashlib.sha256(data).hexdigest())

    def at(self, offset: int, then: Callable[[], None]) -> None:
        """Call ``then`` when a PATCH begins at ``offset``, once."""
        self._at[offset] = then

    def _find(self, key: str, request: Request) -> File:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise HTTPException(401, "no valid upload token")
        if key not in self.files:
            raise HTTPException(404, "not announced yet")
        return self.files[key]

    def _app(self) -> FastAPI:
        app = FastAPI()

        @app.head("/api/v1/evidence/{key}")
        def offset(key: str, request: Request) -> Response:
            file = self._find(key, request)
            return Response(headers={"Upload-Offset": str(len(file.data)), "Upload-Length": str(file.size)})

        @app.patch("/api/v1/evidence/{key}")
        async def upload(key: str, request: Request) -> Response:
            file, start = self._find(key, request), int(request.headers["Upload-Offset"])
            self.begun.append(start)
            self._at.pop(start, lambda: None)()
            if start != len(file.data):
                raise HTTPException(409, "another offset")
            with contextlib.suppress(ClientDisconnect):
                async for chunk in request.stream():
                    file.data += chunk
            if len(file.data) == file.size and hashlib.sha256(file.data).hexdigest() != file.sha256:
                file.data = b""
                raise HTTPException(422, "the hash is wrong")
            return Response(status_code=204, headers={"Upload-Offset": str(len(file.data))})

        return app


class Line:
    """A TCP line to ``port`` that breaks after ``most`` bytes have gone out; later connections live."""

    def __init__(self, port: int, most: int) -> None:
        self._to, self._most = port, most
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self.cuts = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._door.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._door.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                threading.Thread(target=self._back, args=(far, near), daemon=True).start()
                self._forth(near, far)

    def _forth(self, near: socket.socket, far: socket.socket) -> None:
        while data := near.recv(8192):
            if self.cuts == 0 and len(data) > self._most:
                far.sendall(data[: self._most])
                self.cuts += 1
                break
            self._most -= len(data) if self.cuts == 0 else 0
            far.sendall(data)
        for end in (far, near):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _back(self, far: socket.socket, near: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := far.recv(8192):
                near.sendall(data)
