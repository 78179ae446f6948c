"""The network between a dog and its station can be cut, slow and lossy."""

import socket
import threading
from collections.abc import Iterator

import pytest

from xiaotian.scenarios.network_proxy import NetworkProxies
from xiaotian.scenarios.scenario import Network, Way

CUT = Network(way=Way.CUT, seconds=1.0)


@pytest.fixture
def station() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(20)
        yield listening


def port_of(listening: socket.socket) -> int:
    port: int = listening.getsockname()[1]
    return port


def call(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def exactly(end: socket.socket, size: int) -> bytes:
    end.settimeout(20)
    got = b""
    while len(got) < size:
        part = end.recv(size - len(got))
        if not part:
            break
        got += part
    return got


def test_what_one_end_says_the_other_hears_whole(station: socket.socket) -> None:
    said = bytes(range(256)) * 400
    with NetworkProxies(0) as wires, call(wires.lay("rex", port_of(station))) as dog:
        there, _ = station.accept()
        with there:
            threading.Thread(target=dog.sendall, args=(said,)).start()
            assert exactly(there, len(said)) == said
            there.sendall(b"received")
            assert exactly(dog, 8) == b"received"


def test_the_end_of_one_side_is_the_end_of_the_other(station: socket.socket) -> None:
    with NetworkProxies(0) as wires, call(wires.lay("rex", port_of(station))) as dog:
        there, _ = station.accept()
        with there:
            dog.sendall(b"last words")
            dog.close()
            assert exactly(there, 11) == b"last words"


def test_nothing_passes_a_cut_and_what_waited_arrives_when_it_is_mended(station: socket.socket) -> None:
    with NetworkProxies(0) as wires, call(wires.lay("rex", port_of(station))) as dog:
        there, _ = station.accept()
        with there:
            wires.set_weather("rex", CUT)
            dog.sendall(b"are you there?")
            there.settimeout(0.3)
            with pytest.raises(TimeoutError):
                there.recv(1)
            wires.set_weather("rex", None)
            assert exactly(there, 14) == b"are you there?"


def test_who_calls_during_a_cut_gets_through_after_it(station: socket.socket) -> None:
    with NetworkProxies(0) as wires:
        port = wires.lay("rex", port_of(station))
        wires.set_weather("rex", CUT)
        station.settimeout(0.3)
        with call(port) as dog:
            dog.sendall(b"hello")
            with pytest.raises(TimeoutError):
                station.accept()
            wires.set_weather("rex", None)
            station.settimeout(20)
            there, _ = station.accept()
            with there:
                assert exactly(there, 5) == b"hello"


def test_one_dog_s_cut_is_not_the_other_s(station: socket.socket) -> None:
    with NetworkProxies(0) as wires:
        port = wires.lay("ace", port_of(station))
        wires.lay("rex", port_of(station))
        wires.set_weather("rex", CUT)
        with call(port) as dog:
            there, _ = station.accept()
            with there:
                dog.sendall(b"fine")
                assert exactly(there, 4) == b"fine"


def test_a_slow_line_carries_all_of_it_in_its_order(station: socket.socket) -> None:
    said = bytes(range(256)) * 20
    with NetworkProxies(0) as wires, call(wires.lay("rex", port_of(station))) as dog:
        wires.set_weather("rex", Network(way=Way.SLOW, seconds=1.0, delay_s=0.05, bytes_per_s=200_000.0))
        there, _ = station.accept()
        with there:
            dog.sendall(said)
            assert exactly(there, len(said)) == said


def test_a_lossy_line_carries_all_of_it_or_breaks(station: socket.socket) -> None:
    said = bytes(range(256)) * 40
    with NetworkProxies(0) as wires, call(wires.lay("rex", port_of(station))) as dog:
        wires.set_weather("rex", Network(way=Way.LOSSY, seconds=1.0, loss=0.3))
        there, _ = station.accept()
        with there:
            dog.sendall(said)
            assert exactly(there, len(said)) == said


def test_a_line_that_loses_everything_breaks(station: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    import xiaotian.scenarios.network_proxy

    monkeypatch.setattr(xiaotian.scenarios.network_proxy, "RETRANSMIT_S", 0.001)
    with NetworkProxies(0) as wires, call(wires.lay("rex", port_of(station))) as dog:
        there, _ = station.accept()
        with there:
            wires.set_weather("rex", Network(way=Way.LOSSY, seconds=1.0, loss=1.0))
            dog.sendall(b"lost")
            assert exactly(there, 1) == b""


def test_a_station_that_is_gone_ends_the_call(station: socket.socket) -> None:
    with NetworkProxies(0) as wires:
        port = wires.lay("rex", port_of(station))
        station.close()
        with call(port) as dog:
            assert exactly(dog, 1) == b""
