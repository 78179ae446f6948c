"""``/docs/problems``: what a problem's ``type`` leads to; for anybody, since it tells nothing of the station."""

from html import escape

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from fleet_server.core.problem_kinds import Problems
from fleet_server.core.problems import PAGE as ADDRESS
from fleet_server.handbook.api import PAGE

router = APIRouter(include_in_schema=False)
TITLE = "API 错误类型 Problems of the API"


@router.get(ADDRESS)
def problem_page() -> HTMLResponse:
    """All kinds, each under its code."""
    rows = "".join(
        f'<tr id="{each.value.code}"><td><code>{each.value.code}</code></td><td>{each.value.status}</td>'
        f"<td>{escape(each.value.title)}</td><td>{escape(each.value.zh)}</td><td>{escape(each.value.en)}</td></tr>"
        for each in Problems
    )
    head = "<tr><th>type</th><th>status</th><th>title</th><th>说明</th><th></th></tr>"
    return HTMLResponse(PAGE.format(lang="zh-CN", title=TITLE, body=f"<h1>{TITLE}</h1><table>{head}{rows}</table>"))
