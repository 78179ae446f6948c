"""The shift report as a page that is whole by itself, and as a PDF."""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fleet_server.ledger.report_document import ReportDocument

if TYPE_CHECKING:
    from jinja2 import Template

HERE = Path(__file__).parent
TEMPLATE = HERE / "report_page.typ"


def page(document: ReportDocument) -> bytes:
    """HTML with its styles inside, and no script."""
    return _template().render(doc=document).encode()


def pdf(document: ReportDocument) -> bytes:
    """PDF, with the Chinese font inside as far as it is used."""
    import pylopdf_fonts_zh_cn  # both are large, and few requests need them
    import typst

    fonts = Path(pylopdf_fonts_zh_cn.__file__).parent  # Noto Sans SC
    told = {"report": json.dumps(document.plain(), ensure_ascii=False)}
    made: bytes = typst.compile(
        TEMPLATE, root=HERE, font_paths=[fonts], ignore_system_fonts=True, sys_inputs=told, format="pdf"
    )
    return made


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # few requests need it

    pages = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)
    return pages.get_template("report_page.html")
