"""Weights that are fetched rather than committed: a table of them, and a download that ends whole or not at all."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

CHUNK = 64 * 1024
TIMEOUT = 30.0
"""Seconds without a byte until a download is called broken."""


Progress = Callable[[int, int], None]
"""Hears of bytes had and bytes in all."""


class FetchError(RuntimeError):
    """A download that did not end with the right bytes; the text says why, and what is left."""


@dataclass(frozen=True)
class Model:
    """A file of weights and where it comes from; ``sha256`` is pinned here, whoever serves it."""

    name: str
    file: str
    url: str
    sha256: str
    size_bytes: int
    licence: str
    what: str


MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        Model(
            name="yolox_nano",
            file="yolox_nano.onnx",
            url="https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0/yolox_nano.onnx",
            sha256="695e750a5d5754bb5a8d5325643b59282191a7e7a564e435a415fd3c578eab14",
            size_bytes=3660092,
            licence="Apache-2.0",
            what="YOLOX-nano, 416 x 416, COCO: the detector of a dog without a GPU",
        ),
    )
}


def is_whole(path: Path, model: Model) -> bool:
    """Whether ``path`` is there and has the pinned hash."""
    return path.is_file() and _sha256(path) == model.sha256


def fetch(model: Model, folder: Path, url: str | None = None, progress: Progress = lambda *_: None) -> Path:
    """Download ``model`` into ``folder`` and return its path; does nothing where it is already whole.

    Bytes gather in ``FILE.part``, from which the next call goes on; the file gets its name only with the right
    hash. ``url`` overrides the model's own (a mirror).
    Raises FetchError.
    """
    target = folder / model.file
    if is_whole(target, model):
        return target
    part = folder / f"{model.file}.part"
    source = url or model.url
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _download(source, part, model, progress)
    except httpx.HTTPError as error:
        raise FetchError(f"{source}: {error or type(error).__name__}; {_left(part)}") from error
    except OSError as error:
        raise FetchError(f"{part}: {error.strerror}") from error
    if _sha256(part) != model.sha256:
        part.unlink()
        raise FetchError(f"{source}: the bytes do not have the pinned SHA-256 {model.sha256}; they were thrown away")
    part.replace(target)
    return target


def _download(source: str, part: Path, model: Model, progress: Progress) -> None:
    """Complete ``part``, from where it ends if the server can do ranges, else from the start."""
    had = part.stat().st_size if part.exists() else 0
    if had >= model.size_bytes:  # whole or wrong: the hash tells
        return
    headers = {"Range": f"bytes={had}-"} if had else {}
    with httpx.stream("GET", source, headers=headers, timeout=TIMEOUT, follow_redirects=True) as response:
        response.raise_for_status()
        resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
        had = had if resumed else 0
        with part.open("ab" if resumed else "wb") as file:
            for chunk in response.iter_bytes(CHUNK):
                file.write(chunk)
                had += len(chunk)
                progress(had, model.size_bytes)
                if had > model.size_bytes:  # not our file: no need to fill the disk with it
                    return


def _left(part: Path) -> str:
    had = part.stat().st_size if part.exists() else 0
    return f"{had} bytes are kept, and the next try goes on from there" if had else "nothing was stored"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
