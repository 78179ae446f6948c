"""`xiaotian sim`: serve a world, draw its map, look at it."""

import json
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sim.engine.simulation import DogPlan

ROOT = Path(__file__).resolve().parent
YARD = ROOT / "worlds/station_yard/world.sdf"
app = typer.Typer(help="The simulator.", no_args_is_help=True, pretty_exceptions_enable=False)

Script = Annotated[
    Path | None,
    typer.Option(help="What happens, and when: a JSON list (docs/simulation.md).", exists=True, dir_okay=False),
]
World = Annotated[Path, typer.Option(help="The world's SDF file.", exists=True, dir_okay=False)]


@app.command()
def serve(
    world: World = YARD,
    dog: Annotated[list[str] | None, typer.Option(help="NAME:X,Y,THETA[:legged|light]; may be repeated.")] = None,
    rate: Annotated[float, typer.Option(help="Simulated seconds a second; 0: as fast as it goes.", min=0)] = 1.0,
    seed: Annotated[int, typer.Option(help="Of all noise.")] = 0,
    report: Annotated[Path | None, typer.Option(help="Where to write what happened, as JSON, at the end.")] = None,
    light: Annotated[str, typer.Option(help="day, dusk or night.")] = "day",
    pictures: Annotated[bool, typer.Option(help="Whether the dogs' cameras see; without, no OpenGL is needed.")] = True,
    duration: Annotated[float | None, typer.Option(help="End after so many simulated seconds.")] = None,
    script: Script = None,
    depth: Annotated[bool, typer.Option(help="Whether the dogs have depth cameras.")] = False,
    cues: Annotated[
        bool, typer.Option("--cues", help='Lines {"entry": N} on stdin call entries of the script.')
    ] = False,
    live: Annotated[Path | None, typer.Option(help="Write the truth there while it runs, a JSON line each.")] = None,
    clock_ahead: Annotated[
        float, typer.Option(help="By how many seconds simulated time is ahead of this computer's clock at the start.")
    ] = 0.0,
    record_commands: Annotated[Path | None, typer.Option(help="Write a tape of the run, for `replay`.")] = None,
) -> None:
    """Serve a world to ROS 2 until Ctrl-C (or SIGTERM), then write the report.

    Each dog has, under /NAME/: scan, imu, odom, battery_state, camera/image_raw, camera/camera_info; it obeys cmd_vel,
    and stands when that is older than half a second. Simulated time, on /clock, starts at this computer's, or
    --clock-ahead of it.
    """
    from sim.engine.lighting import Light
    from sim.engine.replay import Beginning, ReplayRecorder
    from sim.engine.script import read_script
    from sim.engine.sdf import MalformedWorld

    try:
        plans = [parse_dog(text) for text in dog or []]
        told = read_script(script) if script else ()
        beginning = Beginning(world, tuple(plans), seed, float(round(time.time() + clock_ahead)), Light(light), told)
        sim = beginning.simulation(pictures)
    except (MalformedWorld, ValueError) as error:
        typer.echo(f"xiaotian sim: {error}", err=True)
        raise typer.Exit(1) from error
    from sim.ros.control_channel import Cues, Live
    from sim.ros.serve import serve as run

    tape = ReplayRecorder(record_commands, beginning) if record_commands else None
    called, told_to = Cues() if cues else None, Live(live) if live else None
    result = run(sim, rate, report, duration, depth, called, told_to, tape)
    summary = {name: {k: v for k, v in told.items() if k != "path"} for name, told in result["dogs"].items()}
    typer.echo(json.dumps({"dogs": summary, "real_time_factor": result["real_time_factor"]}))


@app.command()
def replay(
    tape: Annotated[Path, typer.Argument(help="What `serve --record-commands` wrote.", exists=True, dir_okay=False)],
    report: Annotated[Path | None, typer.Option(help="Where to write what happened, as JSON.")] = None,
) -> None:
    """Run again what is on a tape, without ROS; the return code is 0 when it was the same to the last bit."""
    from sim.engine.replay import replay

    try:
        played = replay(tape)
    except ValueError as error:
        typer.echo(f"xiaotian sim: {error}", err=True)
        raise typer.Exit(1) from error
    sim = played.simulation
    told = {"same": played.same, "trace": sim.trace, "simulated_s": round(sim.elapsed, 2)}
    if report is not None:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(json.dumps({**told, "dogs": sim.report(), "events": sim.events(), "truth": sim.truths}))
    typer.echo(json.dumps(told))
    raise typer.Exit(0 if played.same else 1)


@app.command(name="map")
def draw_map(
    world: Annotated[Path, typer.Argument(help="The world's SDF file.", exists=True)] = YARD,
    folder: Annotated[Path | None, typer.Option(help="Where to; default: beside the world.")] = None,
) -> None:
    """Draw a world's occupancy map from its SDF: map.pgm and map.yaml, in Nav2's format."""
    from sim import occupancy_map

    typer.echo(str(occupancy_map.write(world, folder)))


@app.command()
def render(
    out: Annotated[Path, typer.Argument(help="The PNG to write.")],
    world: World = YARD,
    pose: Annotated[str, typer.Option(help="X,Y,Z,YAW,PITCH of the eye: metres, degrees; looks down by PITCH.")] = "",
    light: Annotated[str, typer.Option(help="day, dusk or night.")] = "day",
    width: Annotated[int, typer.Option(min=16)] = 1280,
    height: Annotated[int, typer.Option(min=16)] = 960,
    dog: Annotated[list[str] | None, typer.Option(help="NAME:X,Y,THETA: a dog that stands there.")] = None,
    script: Script = None,
    after: Annotated[float, typer.Option(help="Look after so many simulated seconds.", min=0)] = 0.0,
) -> None:
    """Look at a world, from above or from a pose: at its start, or later in what a script tells."""
    from PIL import Image

    from sim.engine.lighting import Light
    from sim.engine.script import read_script
    from sim.engine.snapshot import snapshot

    at = tuple(float(v) for v in pose.split(",")) if pose else (0.0, -62.0, 46.0, 90.0, 40.0)
    if len(at) != 5:
        raise typer.BadParameter("expected X,Y,Z,YAW,PITCH", param_hint="--pose")
    x, y, z, yaw, pitch = at
    try:
        eye = (x, y, z, math.radians(yaw), math.radians(pitch))
        plans, told = [parse_dog(text) for text in dog or []], read_script(script) if script else ()
        picture = snapshot(world, plans, eye, Light(light), width, height, told, after)
    except ValueError as error:
        typer.echo(f"xiaotian sim: {error}", err=True)
        raise typer.Exit(1) from error
    Image.fromarray(picture).save(out)
    typer.echo(str(out))


def parse_dog(text: str) -> "DogPlan":
    """NAME:X,Y,THETA[:legged|light] as a plan; raises ValueError."""
    from sim.engine.simulation import DogPlan, Make

    name, _, rest = text.partition(":")
    place, _, make = rest.partition(":")
    words = place.split(",")
    if not name or len(words) != 3:
        raise ValueError(f"--dog {text!r}: expected NAME:X,Y,THETA[:legged|light]")
    x, y, theta = (float(word) for word in words)
    return DogPlan(name, x, y, theta, Make(make or "legged"))
