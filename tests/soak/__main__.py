"""`make soak HOURS=n`: a station whose days are short, a broker, twenty dogs with incidents, viewers that come and go.

Memory, handles, threads, rows, disk and latency over time go into an HTML page; rc 1 where one is not flat.
"""

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import psutil

from tests.answers import is_well
from tests.broker import broker
from tests.chaos.storm import wait
from tests.fleet_server.world import API, PASSWORD, write_site
from tests.soak.flatness import Bound, judged
from tests.soak.load import STAY_S, Viewers, Walkers
from tests.soak.page import page
from xiaotian.local_stack import free_port

SAMPLES = 120  # of a run, whatever its length
PROBES = 9  # requests of a sample
PATIENCE_S = 120.0
KEPT = 0.15  # of the run: what is older ages out, so that rows come to a stand before the judged part begins
MOST_WAITING = 20  # pictures at the end: a second's wait of those just seen, and no queue that grows
DAYS = 40  # daily runs in the whole
AGED = (
    "incidents",
    "sightings",
    "evidence",
    "evidence_anomalies",
    "telemetry_minutes",
    "telemetry_quarters",
    "sign_ins",
)
BOUNDS = {
    "memory, MB": Bound(0.04, 6.0),
    "handles": Bound(0.1, 6.0),
    "threads": Bound(0.1, 3.0),
    "rows that age out": Bound(0.15, 60.0),
    "disk, MB": Bound(0.1, 4.0),
    "median answer, ms": Bound(0.5, 40.0),
}
NOT_JUDGED = ("audit rows", "load")


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--dogs", type=int, default=20)
    parser.add_argument("--viewers", type=int, default=6)
    parser.add_argument("--out", type=Path, default=Path("out/soak.html"))
    given = parser.parse_args()
    seconds = 3600.0 * given.hours
    times: list[float] = []
    figures: dict[str, list[float]] = {name: [] for name in (*BOUNDS, *NOT_JUDGED)}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xiaotian-soak-")))
        mqtt, port = stack.enter_context(broker(folder)), free_port()
        server = _server(stack, folder, mqtt.port, port, seconds)
        wait(lambda: _answers(port), PATIENCE_S, "the server")
        walkers = Walkers(mqtt.port, port, folder / "station/robot_token", given.dogs, 1)
        viewers = Viewers(port, given.viewers, 1)
        for part in (walkers, viewers):
            part.start()
            stack.callback(part.stop)
        began = time.monotonic()
        for number in range(SAMPLES):
            time.sleep(max(0.0, began + (number + 1) * seconds / SAMPLES - time.monotonic()))
            if not walkers.alive:
                break
            times.append((time.monotonic() - began) / 60.0)
            for name, value in _sample(server, folder / "station", port).items():
                figures[name].append(value)
    failures = [*walkers.failures, *viewers.failures]
    if len(times) < SAMPLES:
        sys.stderr.write(f"the dogs ended after {len(times)} of {SAMPLES} samples: {failures[:5]}\n")
        return 1
    verdicts = [judged(name, times, figures[name], bound) for name, bound in BOUNDS.items()]
    given.out.parent.mkdir(parents=True, exist_ok=True)
    title = f"{given.hours:g} hours: {walkers.seen} sightings, {walkers.uploaded} pictures, {viewers.sessions} visits"
    given.out.write_text(page(title, times, figures, verdicts), encoding="utf-8")
    summary = {
        "hours": given.hours,
        "sightings": walkers.seen,
        "pictures": walkers.uploaded,
        "visits": viewers.sessions,
        "pictures_waiting": len(walkers.waiting),
        "failed_visits": len(viewers.failures),
        "failed_pictures": len(walkers.failures),
        "not_flat": [verdict.name for verdict in verdicts if not verdict.flat],
        "risen": {v.name: [round(v.risen, 2), "of", round(v.allowed, 2), "at", round(v.middle, 1)] for v in verdicts},
        "page": str(given.out),
    }
    sys.stdout.write(json.dumps(summary) + "\n")
    if failures:
        sys.stderr.write("\n".join(failures[:5]) + "\n")
    idle = not (walkers.uploaded and viewers.sessions)
    return 1 if summary["not_flat"] or failures or idle or len(walkers.waiting) > MOST_WAITING else 0


def _server(stack: ExitStack, folder: Path, mqtt_port: int, port: int, seconds: float) -> psutil.Process:
    kept = str(KEPT * seconds / 86_400.0)
    environment = os.environ | {
        "XIAOTIAN_ADMIN_PASSWORD": PASSWORD,
        "XIAOTIAN_DAILY_S": str(seconds / DAYS),
        "XIAOTIAN_RETENTION_DAYS": kept,
        "XIAOTIAN_HISTORY_DAYS": kept,
        "XIAOTIAN_HISTORY_QUARTERS_DAYS": kept,
        "XIAOTIAN_SESSION_HOURS": str(max(KEPT * seconds, 2.0 * STAY_S[1]) / 3600.0),  # no visit outlasts it
    }
    command = [sys.executable, "-m", "xiaotian.cli", "server", "--port", str(port), "--mqtt-port", str(mqtt_port)]
    command += [
        "--broker",
        "external",
        "--data-dir",
        str(folder / "station"),
        "--site",
        str(write_site(folder / "yard")),
    ]
    log = stack.enter_context((folder / "server.log").open("wb"))
    process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)

    def end() -> None:
        process.send_signal(signal.SIGTERM)
        process.wait(30.0)

    stack.callback(end)
    return psutil.Process(process.pid)


def _answers(port: int) -> bool:
    return is_well(f"http://127.0.0.1:{port}{API}/health/ready")


def _sample(server: psutil.Process, data: Path, port: int) -> dict[str, float]:
    with closing(sqlite3.connect(f"file:{data / 'xiaotian.sqlite3'}?mode=ro", uri=True, timeout=30.0)) as base:
        rows = sum(base.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in AGED)
        audit = base.execute("SELECT count(*) FROM audit_log").fetchone()[0]
    answers = []
    with httpx.Client(base_url=f"http://127.0.0.1:{port}{API}", trust_env=False, timeout=PATIENCE_S) as client:
        for _ in range(PROBES):
            began = time.perf_counter()
            client.get("/health/ready").raise_for_status()
            answers.append(1000 * (time.perf_counter() - began))
    return {
        "memory, MB": server.memory_info().rss / 1e6,
        "handles": server.num_fds(),
        "threads": server.num_threads(),
        "rows that age out": rows,
        "disk, MB": sum(path.stat().st_size for path in data.rglob("*") if path.is_file()) / 1e6,
        "median answer, ms": sorted(answers)[PROBES // 2],
        "audit rows": audit,
        "load": os.getloadavg()[0],
    }


if __name__ == "__main__":
    sys.exit(main())
