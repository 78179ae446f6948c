"""A TCP proxy between a dog and the station: the network that can be cut, slow or lossy.

What TCP makes of a bad network is done here to its stream of bytes: a lost packet is sent again after a time-out that
doubles with each loss (RFC 6298, from 0.2 s), and a connection that loses seven times running is given up.
"""

import asyncio
import contextlib
import random
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from xiaotian.scenarios.scenario import Network, Way

HOST = "127.0.0.1"
CHUNK = 1400  # bytes: about what a packet carries
UNDER_WAY = 64  # packets: what a slow line holds
RETRANSMIT_S = 0.2
MOST_LOSSES = 7  # 0.2 s doubled so often is 25 s, the order of a real give-up with an impatient peer


class GivenUp(ConnectionError):
    """A packet was lost too often."""


@dataclass
class NetworkProxy:
    """One dog's way to one port of the station; ``weather`` None is a good network."""

    dog: str
    port: int
    target: int
    weather: Network | None = None


class NetworkProxies:
    """All proxies of a run, on an event loop of their own."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wires", daemon=True)
        self._wires: list[NetworkProxy] = []
        self._changed = asyncio.Event()  # of some wire's weather
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def lay(self, dog: str, target: int) -> int:
        """A port of its own for ``dog`` that leads to ``target``."""
        port: int = self._do(self._lay(dog, target))
        return port

    def set_weather(self, dog: str, weather: Network | None) -> None:
        """How ``dog``'s network is from now on."""
        self._do(self._set(dog, weather))

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10.0)

    async def _lay(self, dog: str, target: int) -> int:
        wire = NetworkProxy(dog, 0, target)
        server = await asyncio.start_server(lambda r, w: self._serve(wire, r, w), HOST, 0)
        wire.port = server.sockets[0].getsockname()[1]
        self._wires.append(wire)
        self._servers.append(server)
        return wire.port

    async def _set(self, dog: str, weather: Network | None) -> None:
        for wire in self._wires:
            if wire.dog == dog:
                wire.weather = weather
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, wire: NetworkProxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._uncut(wire)
            there_reader, there_writer = await asyncio.open_connection(HOST, wire.target)
        except (OSError, asyncio.CancelledError):
            writer.close()
            self._tasks.discard(task)
            return
        ways = [
            asyncio.create_task(self._pump(wire, reader, there_writer)),
            asyncio.create_task(self._pump(wire, there_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for end in (writer, there_writer):
                end.close()
            self._tasks.discard(task)

    async def _pump(self, wire: NetworkProxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one direction: packets leave in order, each when it is due."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(UNDER_WAY)
        sender = asyncio.create_task(self._send(wire, reader, under_way))
        try:
            with contextlib.suppress(OSError):
                while True:
                    due, data = await under_way.get()
                    await asyncio.sleep(due - self._loop.time())
                    await self._uncut(wire)
                    if not data:
                        return
                    writer.write(data)
                    await writer.drain()
        finally:
            sender.cancel()

    async def _send(
        self, wire: NetworkProxy, reader: asyncio.StreamReader, under_way: "asyncio.Queue[tuple[float, bytes]]"
    ) -> None:
        """Read packets and reckon when each arrives; an empty one is the end."""
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                late = await self._suffer(wire, len(data))
                await under_way.put((self._loop.time() + late, data))
        await under_way.put((0.0, b""))

    async def _suffer(self, wire: NetworkProxy, size: int) -> float:
        """Hold a packet up at the narrow place; return for how long it is then under way."""
        weather = wire.weather
        if weather is None:
            return 0.0
        if weather.way is Way.SLOW:
            await asyncio.sleep(size / weather.bytes_per_s)
            return weather.delay_s
        if weather.way is Way.LOSSY:
            for tries in range(MOST_LOSSES):
                if self._chance.random() >= weather.loss:
                    return 0.0
                await asyncio.sleep(RETRANSMIT_S * 2**tries)
            raise GivenUp
        return 0.0

    async def _uncut(self, wire: NetworkProxy) -> None:
        while wire.weather is not None and wire.weather.way is Way.CUT:
            await self._changed.wait()
