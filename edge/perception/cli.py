"""``xiaotian models``: weights that are fetched, and which detector a dog would choose."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table

from edge.perception.detector_selection import AUTO, cache_dir, choose, places
from edge.perception.model_download import MODELS, FetchError, Model, fetch, is_whole

app = typer.Typer(help="Weights of the detectors: list them, fetch them.", no_args_is_help=True)


@app.command("list")
def list_models() -> None:
    """Which weights are known, where they are here, and which detector 'auto' would take."""
    console = Console()
    table = Table("model", "licence", "size", "found in", "what")
    folders = places([])
    for model in MODELS.values():
        found = next((str(folder) for folder in folders if is_whole(folder / model.file, model)), "not here")
        table.add_row(model.name, model.licence, f"{model.size_bytes / 1e6:.1f} MB", found, model.what)
    console.print(table)
    console.print(str(choose(AUTO, folders)), highlight=False, soft_wrap=True)


@app.command("fetch")
def fetch_model(
    name: Annotated[str, typer.Argument(help="which model; `xiaotian models list` names them")] = "yolox_nano",
    folder: Annotated[Path | None, typer.Option(help="where to; the user's cache where not given")] = None,
    url: Annotated[str | None, typer.Option(help="a mirror; the SHA-256 stays the pinned one")] = None,
) -> None:
    """Download weights, check them against the pinned SHA-256, and put them where dogs look for them."""
    errors = Console(stderr=True)
    if name not in MODELS:
        errors.print(f"no model {name!r}; there are: {', '.join(MODELS)}", highlight=False)
        raise typer.Exit(2)
    try:
        path = _fetch_with_bar(MODELS[name], folder or cache_dir(), url)
    except FetchError as error:
        errors.print(f"not fetched: {error}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
    Console().print(f"{name}: {path}", highlight=False, soft_wrap=True)


def _fetch_with_bar(model: Model, folder: Path, url: str | None) -> Path:
    columns = (TextColumn(model.name), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(model.name, total=model.size_bytes)
        return fetch(model, folder, url, lambda had, whole: bar.update(task, completed=had, total=whole))
