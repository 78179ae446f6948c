"""How fast the simulated world goes: with all of a dog's ROS stack at work, with eight dogs, with up to sixteen.

Each figure is in simulated seconds a second, and beside it stands the bare `mj_step` of the same MuJoCo model, timed in
the same run: what nothing built on MuJoCo can pass. Beside it, what does not change with what else goes on:
seconds of a core for each simulated second (`core_s`). The whole stack is staged as `xiaotian demo` stages it, and its
time is taken while a dog walks a patrol. The table goes to docs/simulation_speed.md and .png.
`python -m bench sim --direct`: only the dog as one object in lock-step with the world, without ROS, on one core.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from bench._line_plot import plot
from bench._lockstep_speed import WANTED, measured
from sim.engine.simulation import DogPlan, Make, Simulation
from xiaotian.child_processes import Family
from xiaotian.local_stack import YARD, LocalStack, Plan
from xiaotian.robot_processes import ros_environment

import mujoco  # isort: skip  (the simulator chooses its OpenGL first)

COUNTS = (1, 2, 4, 8, 16)
SIMULATED_S = 12.0  # of each row of the table
PATROL_S = 25.0  # of the wall's clock, with the whole stack
LEAST_M_PER_S = 0.2  # stops at checkpoints and all: less, and its nodes did not keep up with the simulator
BARE_S = 4.0  # simulated, of the reference
ROUTE = "demo_round"  # 100 m and more: it does not end meanwhile
DOMAIN = 190
DOCS = Path(__file__).resolve().parents[1] / "docs"


def run(arguments: list[str] | None = None) -> dict[str, Any]:
    """The figures, and the table as rows of (dogs, light, legged)."""
    direct = measured()
    if "--direct" in (arguments or []):
        what = "simulated seconds a second of one core, a light dog and all its mind but the camera, in lock-step"
        figure = direct["direct"]
        return {"figure": figure, "reference": WANTED, "ratio": round(figure / WANTED, 3), "what": what, **direct}
    before = os.getloadavg()[0]
    whole, cores = _whole_stack()
    bare = _bare(("legged",))
    rows = [_row(n) for n in COUNTS]
    told = {
        "figure": whole,
        "reference": bare,
        "ratio": round(whole / bare, 3),
        "core_s": cores,
        "what": "a legged dog on patrol, lidar 10 Hz, camera 640x480 5 Hz, all its nodes; against bare mj_step",
        "eight_light_with_lidar": rows[3]["light"],
        "eight_light_bare": _bare(("light",) * 8),
        "table": rows,
        **direct,
        "load_before": round(before, 2),
        "cores": os.cpu_count(),
    }
    _draw(rows, told)
    return told


def _plans(bodies: tuple[str, ...]) -> list[DogPlan]:
    """Dogs in a row on the yard's free square."""
    return [
        DogPlan(f"dog{n + 1}", 5.0 + 1.5 * (n % 4), 4.0 - 1.5 * (n // 4), 0.0, Make(b)) for n, b in enumerate(bodies)
    ]


def _bare(bodies: tuple[str, ...]) -> float:
    """MuJoCo's own step of the world with these dogs, and nothing else."""
    sim = Simulation(YARD / "world.sdf", _plans(bodies), pictures=False)
    steps = round(BARE_S / sim.model.opt.timestep)
    mujoco.mj_step(sim.model, sim.data, 100)
    began = time.perf_counter()
    mujoco.mj_step(sim.model, sim.data, steps)
    return round(BARE_S / (time.perf_counter() - began), 2)


def _row(count: int) -> dict[str, float]:
    (light, light_cores), (legged, legged_cores) = _served(count, "light"), _served(count, "legged")
    return {"dogs": count, "light": light, "light_core_s": light_cores, "legged": legged, "legged_core_s": legged_cores}


def _served(count: int, body: str) -> tuple[float, float]:
    """`count` dogs with lidar, IMU, odometry and battery on ROS topics, no cameras: how fast, and at what cost."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "xiaotian.cli", "sim", "serve", "--rate", "0", "--no-pictures"]
        for plan in _plans((body,) * count):
            command += ["--dog", f"{plan.name}:{plan.x},{plan.y},{plan.theta}:{body}"]
        command += ["--duration", str(SIMULATED_S), "--report", str(report)]
        environment = {**os.environ, **ros_environment(DOMAIN)}
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=300)
        told = json.loads(report.read_text())
        return round(told["real_time_factor"], 2), round(told["cpu_s"] / told["simulated_s"], 3)


def _whole_stack() -> tuple[float, dict[str, float]]:
    """One legged dog on patrol, with nodes, broker and server: simulated seconds a second, and cores by part."""
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(Path(folder), rate=0.0, domain_id=DOMAIN)
        with Family(plan.folder / "logs") as family:
            stage = LocalStack(plan, family, lambda _: None)
            stage.start()
            with stage.client() as client:
                client.assign_patrol(ROUTE, "dog1")
            parts = psutil.Process().children(recursive=True)
            worked = [sum(part.cpu_times()[:2]) for part in parts]
            began = time.time()
            while time.time() < began + PATROL_S:
                family.check()
                time.sleep(0.2)
            ended = time.time()
            worked = [sum(part.cpu_times()[:2]) - before for part, before in zip(parts, worked, strict=True)]
            spent = list(zip(map(_part, parts), worked, strict=True))
            family.stop()
        clock = [pair for pair in stage.report()["clock"] if began <= pair[0] <= ended]
        walked = stage.report()["dogs"]["dog1"]["distance_m"]
        if walked < LEAST_M_PER_S * (clock[-1][1] - clock[0][1]):
            raise RuntimeError(f"the dog walked {walked} m: its nodes did not keep up")
        factor = (clock[-1][1] - clock[0][1]) / (clock[-1][0] - clock[0][0])
        simulated = factor * (ended - began)
        cores = {name: round(sum(s for n, s in spent if n == name) / simulated, 3) for name, _ in spent}
        return round(factor, 2), {**cores, "all": round(sum(worked) / simulated, 3)}


def _part(process: psutil.Process) -> str:
    """What a process of the stage is, by its command."""
    words = process.cmdline()
    known = {
        "server": "server",
        "sim": "simulator",
        "safety": "safety",
        "localization": "drive",
        "perception": "perception",
    }
    return next((name for word, name in known.items() if word in words), "server")


TABLE = """# What dogs cost

Written by `make bench NAME=sim`: simulated seconds a second, as fast as it goes, with lidar, IMU, odometry and battery
on ROS topics and no cameras; on {cores} cores, at a load average of {load_before} before.

| dogs | light | legged | light: seconds of a core | legged: seconds of a core |
|---|---|---|---|---|
{rows}

One legged dog on patrol with camera, lidar and its whole ROS stack: {figure:.2f} times, at {all:.2f} seconds of a core
for a simulated second; the bare `mj_step` of its world in the same run: {reference:.1f}. On a busy machine the first
figure falls; the seconds of a core hardly do.

Without ROS, the dog as one object in lock-step with the world (docs/architecture.md), on one core, by the processor's
time: {direct:.1f} times real time for a light dog, {direct_legged:.1f} for a legged one, {direct_with_camera:.1f} with
a camera and its detector. `python -m bench sim --direct` measures that alone, and what each part of the mind costs.

![The same as a plot](simulation_speed.png)
"""


def _draw(rows: list[dict[str, Any]], told: dict[str, Any]) -> None:
    """The table and the plot, for docs/simulation.md."""
    cells = [
        f"| {r['dogs']} | {r['light']:.1f} | {r['legged']:.1f} | {r['light_core_s']:.2f} | {r['legged_core_s']:.2f} |"
        for r in rows
    ]
    text = TABLE.format(**{**told, "rows": "\n".join(cells), "all": told["core_s"]["all"]})
    (DOCS / "simulation_speed.md").write_text(text)
    figures = {body: [row[body] for row in rows] for body in ("light", "legged")}
    plot(DOCS / "simulation_speed.png", "simulated seconds a second", [float(n) for n in COUNTS], figures, 1.0)
