"""``xiaotian server check``."""

from typing import Annotated

import typer

from fleet_server.core.clock import utc_now
from fleet_server.core.command_line import DatabaseUrl, DataDir, FleetDir, settings_or_exit
from fleet_server.doctor.check import Weight
from fleet_server.doctor.check import check as findings


def check(
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
    fleet_dir: FleetDir = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Only what lies on this computer: no broker, no port, no PostgreSQL.")
    ] = False,
) -> None:
    """Say what is wrong with the settings, a line each; rc 1 where the server could not work with them."""
    settings = settings_or_exit(data_dir=data_dir, database=database, fleet_dir=fleet_dir)
    wrong = 0
    for finding in findings(settings, utc_now(), offline):
        wrong += finding.weight is Weight.WRONG
        typer.echo(f"{finding.weight:8} {finding.setting:14} {finding.text}")
    if wrong:
        raise typer.Exit(1)
