"""docs/operator.md as a page, with its pictures; a station's network is closed, so it comes from the server itself."""

from enum import StrEnum

from fastapi import APIRouter, HTTPException
from starlette.responses import FileResponse, HTMLResponse

from fleet_server.core.current_user import needs
from fleet_server.core.rights import Right
from fleet_server.core.station import StationHere

router = APIRouter(prefix="/handbook", tags=["handbook"], include_in_schema=False)  # a page, for people


class Language(StrEnum):
    """In which there is a handbook, as the console calls it."""

    ZH = "zh"
    EN = "en"


FILES = {Language.ZH: ("operator.md", "zh-CN"), Language.EN: ("operator.en.md", "en")}
PAGE = """<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<style>
body {{ max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }}
body {{ font: 16px/1.7 system-ui, "Noto Sans CJK SC", sans-serif; }}
h1, h2, h3 {{ line-height: 1.3; margin-top: 2em; }}
h1 {{ margin-top: 0; }}
img {{ max-width: 100%; height: auto; border-radius: 8px; }}
table {{ display: block; overflow-x: auto; border-collapse: collapse; }}
th, td {{ padding: 0.4em 0.8em 0.4em 0; border-bottom: 1px solid #8884; text-align: left; vertical-align: top; }}
kbd, code {{ padding: 0 0.3em; border: 1px solid #8886; border-radius: 4px; font-size: 0.9em; }}
</style>
<main>{body}</main></html>
"""


@router.get("/{language}", **needs(Right.SEE))
def handbook(language: Language, station: StationHere) -> HTMLResponse:
    """The handbook in a language."""
    from markdown_it import MarkdownIt  # few requests need it

    name, lang = FILES[language]
    file = station.settings.handbook_dir / name
    if not file.is_file():
        raise HTTPException(404, f"there is no handbook at {file}")
    text = file.read_text(encoding="utf-8")
    title = text.partition("\n")[0].lstrip("# ")
    body = MarkdownIt("commonmark").enable("table").render(text)
    return HTMLResponse(PAGE.format(lang=lang, title=title, body=body))


@router.get("/operator/{name}", **needs(Right.SEE))
def picture(name: str, station: StationHere) -> FileResponse:
    """A picture of the handbook."""
    folder = station.settings.handbook_dir / "operator"
    if name not in {file.name for file in folder.glob("*.png")}:
        raise HTTPException(404, f"the handbook has no picture {name!r}")
    return FileResponse(folder / name)
