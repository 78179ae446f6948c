"""`xiaotian map` and `xiaotian sim walk`."""

import json
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from edge.mapping.mapper import Tell

PICTURE = "walk.png"


def map_(
    recording: Annotated[
        Path,
        typer.Argument(help="A .mcap or .db3 file, or the folder of `ros2 bag record`, of scan, odom, imu."),
    ],
    out: Annotated[Path, typer.Option(help="Where map.pgm, map.yaml and walk.png go; made if need be.")],
    start: Annotated[
        tuple[float, float, float],
        typer.Option(help="x y theta (m, m, rad): where on the map the walk began. x is east and y north on a site."),
    ] = (0.0, 0.0, 0.0),
    resolution: Annotated[float, typer.Option(min=0.02, max=0.5, help="Metres a cell.")] = 0.1,
    dog: Annotated[str, typer.Option(help="Whose walk, where the recording has several dogs.")] = "",
    profile: Annotated[
        str, typer.Option(help="What the robot carries: a name of patrol_bringup/config/robots, or a file .yaml.")
    ] = "xiaotian_dog",
) -> None:
    """Make a site's map from a recorded walk: map.pgm and map.yaml for Nav2's map_server and for a site folder.

    Record while a person leads the dog once round the site, along walls and between things, through each gate, and at
    the end past the place where it began: a map is as true as its loops are closed. On the dog:

        ros2 bag record -s mcap -o walk /dog1/scan /dog1/odom /dog1/imu

    or, in the simulator, `xiaotian sim walk SITE --out walk.mcap`. Then

        xiaotian map walk --out my_site

    and look at my_site/walk.png: straight walls are straight, none is drawn twice, and nothing closes a way that is
    open. Who walked by is not drawn; what stood still the whole time is: paint it white in map.pgm. With a site.yaml
    beside them map.pgm and map.yaml are a site folder (docs/mapping.md).
    """
    from edge.mapping.bag_reading import read_recording
    from edge.mapping.leveled_walk import walk_in
    from edge.mapping.map_files import draw_walk, write_map
    from edge.mapping.mapper import make_map
    from edge.types import Pose2D
    from xiaotian.robot_profile import lidar_of

    began = time.monotonic()
    with _refusals(), _progress() as tell:
        tell("reading", 0.0)
        walk = walk_in(read_recording(recording, dog), lidar_of(profile))
        for warning in walk.warnings:
            typer.echo(f"map: {warning}", err=True)
        made = make_map(walk, Pose2D(*start), resolution, tell)
        file = write_map(made.grid, out)
        draw_walk(made.grid, made.poses, out / PICTURE)
    if made.loops == 0:
        typer.echo(
            "map: no loop was closed: the walk never came back to a place; far ends of the map may be off", err=True
        )
    told = {
        "map": str(file),
        "picture": str(out / PICTURE),
        "size_m": [round(made.grid.frame.width * resolution, 1), round(made.grid.frame.height * resolution, 1)],
        "free_m2": round(float(made.grid.free().sum()) * resolution**2),
        "walked_m": round(made.metres, 1),
        "loops": made.loops,
        "legs_told_too_much": round(made.scale - 1, 3),
        "seconds": round(time.monotonic() - began, 1),
    }
    typer.echo(json.dumps(told))


def walk(
    site: Annotated[str, typer.Argument(help="A site folder with a world.sdf, or the name of one of ours.")],
    out: Annotated[Path, typer.Option(help="The recording to write, .mcap.")],
    through: Annotated[
        list[str] | None, typer.Option(help="X,Y to walk to, on the world; may be repeated. Default: the checkpoints.")
    ] = None,
    start: Annotated[str, typer.Option(help="X,Y,THETA: where the walk begins and ends; default: a checkpoint.")] = "",
    people: Annotated[int, typer.Option(min=0, help="How many people walk about meanwhile.")] = 0,
    slip: Annotated[float, typer.Option(help="How much farther the legs believe to get, as a share.")] = 0.0,
    script: Annotated[Path | None, typer.Option(help="What happens (docs/simulation.md).", exists=True)] = None,
    speed: Annotated[float, typer.Option(min=0.1, max=1.0, help="m/s.")] = 0.8,
    points: Annotated[bool, typer.Option(help="Record the 3-D lidar, too.")] = True,
    seed: Annotated[int, typer.Option(help="Of noise, and of the people.")] = 0,
) -> None:
    """Lead a simulated dog once round a site, without a map, and record what its drivers say, for `xiaotian map`.

    It is led to each place, the nearest first, and back to where it began, as a person with a remote control would.
    The last line tells the start, as `xiaotian map --start` takes it, so that the map lies where the world's does.
    """
    import numpy as np

    from xiaotian.mapping.simulated_walk import plan_of, record

    def tell(text: str) -> None:
        typer.echo(f"walk: {text}", err=True)

    with _refusals():
        entries = json.loads(script.read_text(encoding="utf-8")) if script else []
        places = [_numbers("--through", text, 2) for text in through or []]
        begin = _numbers("--start", start, 3) if start else None
        plan = plan_of(site, begin, places)
        entries += plan.people(people, np.random.default_rng(seed))
        if slip:
            entries += [plan.slip(slip)]
        walked = record(plan.world, out, plan.start, plan.ways, entries, seed, speed, points, tell=tell)
    told: dict[str, Any] = {"recording": str(out), "walked_m": round(walked.metres, 1)}
    told |= {"seconds": round(walked.seconds), "missed": walked.missed, "start": [round(v, 4) for v in walked.begin]}
    typer.echo(json.dumps(told))


def _numbers(option: str, text: str, count: int) -> tuple[float, ...]:
    try:
        values = tuple(float(word) for word in text.split(","))
    except ValueError:
        values = ()
    if len(values) != count or not all(map(math.isfinite, values)):
        raise ValueError(f"{option} {text!r}: expected {count} numbers with commas between them")
    return values


@contextmanager
def _refusals() -> Iterator[None]:
    """What cannot be done is said in a line, with rc 1."""
    try:
        yield
    except (ValueError, OSError) as error:
        typer.echo(f"xiaotian: {error}", err=True)
        raise typer.Exit(1) from error


@contextmanager
def _progress() -> Iterator["Tell"]:
    """A bar on a terminal, a line for each thing that is begun elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console, seen = Console(stderr=True), set[str]()
    if not console.is_terminal:

        def say(what: str, share: float) -> None:
            if what not in seen and share >= 0:
                seen.add(what)
                typer.echo(f"map: {what}", err=True)

        yield say
        return
    with Progress(TextColumn("{task.description:20}"), BarColumn(), TimeElapsedColumn(), console=console) as bars:
        tasks: dict[str, Any] = {}

        def show(what: str, share: float) -> None:
            if what not in tasks:
                for task in tasks.values():
                    bars.update(task, completed=1.0)
                tasks[what] = bars.add_task(what, total=1.0)
            bars.update(tasks[what], completed=share)

        yield show
