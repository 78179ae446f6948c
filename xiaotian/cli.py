"""The command `xiaotian`. A room's own commands are loaded only when they are called."""

import importlib
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from xiaotian.mapping.cli import map_

DETECTOR_HELP = "auto, fallback, a path to an ONNX file, or ultralytics:NAME."

app = typer.Typer(
    name="xiaotian",
    help="哮天: the control and telemetry stack of robotic patrol dogs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

ROOMS = {
    "server": ("fleet_server.cli", "The fleet server: API, console, broker, database."),
    "fleet": ("fleet_server.enrolment.cli", "The fleet's keys: set a station up, invite dogs, revoke them."),
    "audit": ("fleet_server.audit.cli", "The audit log: verify it; its signed head, to be kept elsewhere."),
    "evidence": (
        "fleet_server.evidence_package.cli",
        "Evidence: verify a package, make the evidence key, open an original.",
    ),
    "dog": ("edge.link.cli", "A dog's identity: enrol at a station."),
    "install": ("xiaotian.install.cli", "Services of systemd: a station's server, a dog's nodes."),
    "sim": ("sim.cli", "The simulator: serve a world, run scenarios in it."),
    "models": ("edge.perception.cli", "The detectors' weights: which are here, and fetching them."),
}
MOUNTED = {  # not in the room, whose fence they would break
    "sim": [("xiaotian.scenarios.cli", "run"), ("xiaotian.scenarios.cli", "watch"), ("xiaotian.mapping.cli", "walk")]
}


SITE_HELP = "A site folder, or the name of one of ours; default: the station's yard."


@app.command()
def demo(
    dogs: Annotated[int, typer.Option(min=1, max=8, help="How many dogs; the first is legged, the others light.")] = 2,
    port: Annotated[int, typer.Option(help="The console's port on 127.0.0.1.")] = 8080,
    mqtt_port: Annotated[int, typer.Option(help="The broker's port on 127.0.0.1.")] = 1883,
    site: Annotated[Path | None, typer.Option(help=SITE_HELP)] = None,
    rate: Annotated[float, typer.Option(min=0.1, help="Simulated seconds a second.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Of the sensors' noise, and of what happens when.")] = 0,
    detector: Annotated[str, typer.Option(help=DETECTOR_HELP)] = "auto",
    patrol: Annotated[bool, typer.Option(help="Send the dogs on their rounds, and have things happen.")] = True,
    folder: Annotated[Path, typer.Option(help="Where data and logs of this run go; made anew.")] = Path("var/demo"),
) -> None:
    """A station at work on one machine: dogs on their rounds, the server and the console, until Ctrl-C.

    What happens stands in sim/demo/SITE.yaml; `smoke` is its beginning.
    """
    from xiaotian import demo as room

    def go() -> None:
        room.run(*room.prepare(folder.resolve(), site, dogs, seed, rate, detector, port, mqtt_port), patrol)

    _or_say_why(go)


@app.command()
def smoke(
    dogs: Annotated[int, typer.Option(min=1, max=8, help="How many dogs of the demo walk.")] = 2,
    site: Annotated[Path | None, typer.Option(help=SITE_HELP)] = None,
    detector: Annotated[str, typer.Option(help=DETECTOR_HELP)] = "auto",
    rate: Annotated[float, typer.Option(min=0.1, help="Simulated seconds a second.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Of the sensors' noise.")] = 0,
    timeout: Annotated[
        float, typer.Option(help="Simulated seconds for the patrols; it ends as soon as they have.")
    ] = 300.0,
    folder: Annotated[Path | None, typer.Option(help="Keep data and logs here; default: a temporary folder.")] = None,
) -> None:
    """The demo's beginning without a screen and with an end: one JSON line of what happened; rc 0 when all went well.

    All did when every patrol was completed at all its checkpoints, the incident was told once, and no dog touched
    anything or fell. `wrong` in the line names what was not so.
    """
    from xiaotian import demo as staged
    from xiaotian import smoke as room

    kept = (folder or Path(tempfile.mkdtemp(prefix="xiaotian-smoke-"))).resolve()

    def go() -> None:
        plan, story = staged.prepare(kept, site, dogs, seed, rate, detector, live=True)
        line = room.run(plan, story, timeout, lambda text: typer.echo(f"smoke: {text}", err=True))
        typer.echo(json.dumps(line))
        if line["wrong"]:
            raise RuntimeError(f"{'; '.join(line['wrong'])} (logs in {kept / 'logs'})")

    _or_say_why(go)


@app.command()
def robot(
    site: Annotated[Path, typer.Option(help="The site folder that the dog starts with.")],
    start: Annotated[tuple[float, float, float], typer.Option(help="x y theta on the map: where it stands now.")],
    identity: Annotated[
        Path | None, typer.Option(help="The folder of `xiaotian dog enroll`: who it is, and all of its station.")
    ] = None,
    name: Annotated[str, typer.Option(help="Without an identity: the serial number, and the ROS namespace.")] = "",
    mqtt_host: Annotated[str, typer.Option(help="Without an identity: the station's broker.")] = "127.0.0.1",
    mqtt_port: Annotated[int, typer.Option(help="Without an identity: the broker's port.")] = 1883,
    server_url: Annotated[
        str, typer.Option(help="Without an identity: the fleet server, for evidence.")
    ] = "http://127.0.0.1:8080",
    upload_token_file: Annotated[
        Path | None, typer.Option(help="Without an identity: the file with the station's upload token.")
    ] = None,
    station_key_file: Annotated[
        Path | None, typer.Option(help="Without an identity: the station's public key, to obey nothing else.")
    ] = None,
    data: Annotated[Path, typer.Option(help="The dog's own storage.")] = Path("var/dog"),
    detector: Annotated[str, typer.Option(help=DETECTOR_HELP)] = "auto",
    domain_id: Annotated[int, typer.Option(help="ROS_DOMAIN_ID.", envvar="ROS_DOMAIN_ID")] = 0,
    simulated: Annotated[bool, typer.Option(help="Time comes from /clock.")] = False,
    profile: Annotated[
        str, typer.Option(help="What the robot carries: a name of patrol_bringup/config/robots, or a file .yaml.")
    ] = "xiaotian_dog",
) -> None:
    """A dog's nodes, on the dog itself, until Ctrl-C; a process that dies is started again, and that is logged."""
    from dataclasses import replace

    from edge.link.identity import read_identity
    from xiaotian import robot_processes as room

    def dog() -> room.Dog:
        if identity is not None:
            return room.enrolled(read_identity(identity), site, data, start)
        if not name or upload_token_file is None:
            raise ValueError("needs --identity, or --name and --upload-token-file")
        return room.Dog(name, site, data, start, mqtt_host, mqtt_port, server_url, upload_token_file, station_key_file)

    def go() -> None:
        made = replace(dog(), detector=detector, simulated=simulated, profile=profile)
        room.run(made, domain_id, lambda text: typer.echo(f"robot: {text}", err=True))

    _or_say_why(go)


app.command("map")(map_)


def _or_say_why(go: Callable[[], None]) -> None:
    """Run ``go``; what it was not able to do is said in a line, with rc 1."""
    from xiaotian.child_processes import ProcessDied

    try:
        go()
    except (ProcessDied, TimeoutError, RuntimeError, ValueError, OSError) as error:
        typer.echo(f"xiaotian: {error}", err=True)
        raise typer.Exit(1) from error


def _mount(called: str | None) -> None:
    for name, (module, text) in ROOMS.items():
        if name == called:
            room = importlib.import_module(module).app
            for module, command in MOUNTED.get(name, []):
                room.command()(getattr(importlib.import_module(module), command))
            app.add_typer(room, name=name, help=text)
        else:
            app.command(name, help=text)(lambda: None)


def main() -> None:
    """The entry point of the command."""
    _mount(next((argument for argument in sys.argv[1:] if not argument.startswith("-")), None))
    app()


if __name__ == "__main__":
    main()
