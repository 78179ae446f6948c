"""`xiaotian demo`: a station's world with dogs on patrol, the fleet server and the console, until Ctrl-C."""

import time
from pathlib import Path

import httpx
from rich.console import Console
from rich.panel import Panel

from xiaotian.processes import Family, interruptible
from xiaotian.stage import Plan, Stage, fresh

console = Console()


def run(plan: Plan, patrol: bool) -> None:
    """Run the demo in ``plan.folder``, which is made anew; ``patrol`` sends the dogs on the starter routes."""
    fresh(plan.folder)
    interruptible()
    with Family(plan.folder / "logs") as family:
        try:
            stage = Stage(plan, family, lambda part: console.print(f"[dim]starting[/] {part}"))
            stage.start()
            if patrol:
                with stage.client() as client:
                    _send_out(stage, client)
            _greet(stage, plan.folder)
            while True:
                family.check()
                time.sleep(0.5)
        except KeyboardInterrupt:
            console.print("\n[dim]stopping[/]")


def _send_out(stage: Stage, client: httpx.Client) -> None:
    routes = client.get("/routes").json()
    for dog, route in zip(stage.dogs, routes, strict=False):
        answer = client.post("/patrols", json={"routeId": route["routeId"], "dogId": dog})
        if answer.is_error:
            console.print(f"[yellow]{dog} stays: {answer.json()['detail']}[/]")
        else:
            console.print(f"[dim]{dog} walks[/] {route['name']['zh']} ({route['name']['en']})")


def _greet(stage: Stage, folder: Path) -> None:
    console.print(
        Panel(
            f"[bold]哮天 Xiaotian[/]\n\nopen        [bold cyan]{stage.url}[/]\nuser        [bold]admin[/]\n"
            f"password    [bold]{stage.password}[/]\n\n[dim]MQTT 127.0.0.1:{stage.mqtt_port}, "
            f"ROS_DOMAIN_ID {stage.ros['ROS_DOMAIN_ID']}, logs in {folder / 'logs'}\nCtrl-C ends it[/]",
            expand=False,
        )
    )
