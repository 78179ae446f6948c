"""The embedded broker: iotcore as a child process that dies with us, on this machine alone."""

import socket
import threading
from pathlib import Path
from typing import Self

import iotcore
import structlog

HOST = "127.0.0.1"
MOST_PAYLOAD = 2 * 1024 * 1024  # a site with its map; iotcore's own default is 20 KB
READY_S = 10.0
RESTART_S = 1.0

LISTENER = """
[{kind}.1]
name = "{kind}"
listen = "{host}:{port}"
next_connection_delay_ms = 1
[{kind}.1.connections]
connection_timeout_ms = 60000
max_payload_size = {payload}
max_inflight_count = 500
dynamic_filters = true
"""
# rumqttd encrypts, and neither asks a client for its certificate nor knows who may say what (seen with iotcore 0.4).
TLS = """
[{kind}.1.tls]
certpath = "{folder}/station.pem"
keypath = "{folder}/station.key"
capath = "{folder}/ca.pem"
"""
ROUTER = """
id = 0

[router]
id = 0
max_connections = 2000
max_outgoing_packet_count = 10000
max_segment_size = 10485760
max_segment_count = 10
"""

log = structlog.get_logger()


class PortTaken(OSError):
    """Somebody listens on the broker's port already."""


class EmbeddedBroker:
    """MQTT 5 on ``port`` and MQTT 3.1.1 on ``v4_port``; if its process ends, it is started again.

    ``tls`` is a folder with the station's certificate; then MQTT 5 is spoken through TLS, and 3.1.1 not at all.
    """

    def __init__(self, folder: Path, port: int, v4_port: int | None = None, tls: Path | None = None) -> None:
        self.port = port
        self._tls = tls
        self._config = folder / "broker.toml"
        self.v4_port = None if tls else v4_port if v4_port is not None else _next_if_free(port)
        self._broker: iotcore.Broker | None = None
        self._ending = threading.Event()
        self._watch = threading.Thread(target=self._keep, name="broker", daemon=True)

    def __enter__(self) -> Self:
        """Start it, and return when it listens; raises PortTaken."""
        for port in (self.port, self.v4_port):
            if port is not None and _taken(port):
                raise PortTaken(f"port {port} of {HOST} is taken; choose another with --mqtt-port, or stop what has it")
        self._config.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._config.write_text(configuration(self.port, self.v4_port, self._tls))
        self._start()
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._ending.set()
        self._watch.join(READY_S)
        if self._broker is not None:
            self._broker.stop()

    def _start(self) -> None:
        self._broker = iotcore.Broker(config_path=str(self._config))
        self._broker.start(READY_S)

    def _keep(self) -> None:
        while not self._ending.wait(RESTART_S):
            if self._broker is not None and not self._broker.is_running:
                log.error("the broker has ended; it is started again")
                try:
                    self._start()
                except (OSError, RuntimeError) as error:
                    log.warning("the broker does not start", reason=str(error))


def configuration(port: int, v4_port: int | None, tls: Path | None = None) -> str:
    """The broker's configuration, in rumqttd's TOML; ``tls`` is the folder with the station's certificate."""
    listeners = LISTENER.format(kind="v5", host=HOST, port=port, payload=MOST_PAYLOAD)
    if tls is not None:
        listeners += TLS.format(kind="v5", folder=tls.resolve())
    if v4_port is not None:
        listeners += LISTENER.format(kind="v4", host=HOST, port=v4_port, payload=MOST_PAYLOAD)
    return ROUTER + listeners


def _next_if_free(port: int) -> int | None:
    if port >= 65535 or _taken(port + 1):
        log.warning("no MQTT 3.1.1: its port is taken", port=port + 1)
        return None
    return port + 1


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False
