"""The runner as a real process: it ends cleanly when asked to, and whole when a part of it dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2")

from tests.broker import broker
from tests.edge.link.station import Station
from tests.shared import ROOT
from xiaotian.ros_domain import free_domain

PATIENCE_S = 90.0
LOCAL = {"ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"}
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a runner; none outlives its test."""
    running: list[subprocess.Popen[str]] = []

    def started(program: list[str], *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, *program, *arguments]
        env = {**os.environ, **LOCAL, "ROS_DOMAIN_ID": str(free_domain())}
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=pipe, stderr=subprocess.STDOUT, text=True)
        running.append(process)
        return process

    yield started
    for process in running:
        process.kill()
        process.wait()


RUN = ["-m", "patrol_nodes.run"]


def dog(data: Path, port: int = 9) -> list[str]:
    settings = str(ROOT / "ros2_ws/src/patrol_bringup/config/dog.yaml")
    told = [
        "--ros-args",
        "-r",
        "__ns:=/dog1",
        "--params-file",
        settings,
        "-p",
        f"data_dir:={data}",
        "-p",
        f"mqtt_port:={port}",
    ]
    return [*told, "-p", "server_url:=http://127.0.0.1:9"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_it_says_goodbye_and_ends_with_0(start: Start, tmp_path: Path, number: int) -> None:
    with broker(tmp_path) as here, Station(here.port) as station:
        process = start(RUN, "mission", "link", *dog(tmp_path / "dog", here.port))
        station.hear("connection", lambda said: said["connectionState"] == "ONLINE")
        station.hear("state")
        process.send_signal(number)
        out, _ = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, out
        assert "Traceback" not in out
        station.hear("connection", lambda said: said["connectionState"] == "OFFLINE")


def test_a_node_that_dies_ends_the_others_with_1_and_its_trace(start: Start, tmp_path: Path) -> None:
    process = start(["-m", "tests.nodes.dying_node"], "mission", "dying", *dog(tmp_path / "dog"))
    out, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert "dying failed" in out
    assert "of nothing in particular" in out


def test_a_node_that_cannot_start_ends_the_process_with_its_reason(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    began = time.monotonic()
    process = start(RUN, "link", "mission", *dog(tmp_path / "file/dog"))
    out, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert "NotADirectoryError" in out
    assert time.monotonic() - began < PATIENCE_S / 2


def test_help_names_every_node_and_what_it_does(start: Start) -> None:
    process = start(RUN, "--help")
    out, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    for name in ("localization", "navigator", "safety", "mission", "link", "perception", "--ros-args"):
        assert name in out


def test_an_unknown_node_is_refused(start: Start) -> None:
    process = start(RUN, "cook")
    out, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 2
    assert "cook" in out
