"""``/docs``: the API's reference as one page, and its OpenAPI document; for whoever is signed in.

It is HTML without a script, so that it works in a closed network, under the console's Content-Security-Policy.
"""

import json
from collections.abc import Iterator
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, JSONResponse

from fleet_server.core.current_user import ONCE, RIGHT, current_user
from fleet_server.handbook.api import PAGE

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

router = APIRouter(include_in_schema=False, dependencies=[Depends(current_user)])
TITLE = "API 参考 API reference"
OPEN = "无需登录，或凭其自身的凭证 No sign-in, or a secret of its own"
NOT_KEPT = {"Cache-Control": "no-store"}  # by no proxy, which would give it to whoever asks
BOUNDS = {
    "minimum": "≥",
    "exclusiveMinimum": ">",
    "maximum": "≤",
    "exclusiveMaximum": "<",
    "minLength": "length ≥",
    "maxLength": "length ≤",
    "minItems": "items ≥",
    "maxItems": "items ≤",
    "pattern": "~",
}
Json = dict[str, Any]


@router.get("/docs/openapi.json")
def openapi_document(request: Request) -> JSONResponse:
    """The document that the page is made of."""
    return JSONResponse(request.app.openapi(), headers=NOT_KEPT)


@router.get("/docs")
def api_reference(request: Request) -> HTMLResponse:
    """All operations by room, then what they take and answer."""
    return HTMLResponse(page_of(request.app.openapi()), headers=NOT_KEPT)


def page_of(document: Json) -> str:
    """The page, as HTML."""
    return PAGE.format(lang="zh-CN", title=TITLE, body="".join(_body(document)))


def _body(document: Json) -> Iterator[str]:
    by_room: dict[str, list[tuple[str, str, Json]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            by_room[operation["tags"][0]].append((method.upper(), path, operation))
    yield f"<h1>{TITLE}</h1><p>{escape(document['info']['title'])} {escape(document['info']['version'])} · "
    yield '<a href="/docs/openapi.json">OpenAPI</a> · <a href="/docs/problems">错误类型 Problems</a> · '
    yield '<a href="#schemas">数据 Schemas</a></p><ul>'
    for tag in document["tags"]:
        yield f'<li><a href="#{_anchor(tag["name"])}">{escape(tag["description"])} {escape(tag["name"])}</a></li>'
    yield "</ul>"
    for tag in document["tags"]:
        yield f'<h2 id="{_anchor(tag["name"])}">{escape(tag["description"])} {escape(tag["name"])}</h2>'
        for operation in by_room[tag["name"]]:
            yield from _operation(*operation)
    yield '<h2 id="schemas">数据 Schemas</h2>'
    for name, schema in document["components"]["schemas"].items():
        yield f'<h3 id="schema-{escape(name)}"><code>{escape(name)}</code></h3>'
        yield from _schema(schema)


def _operation(method: str, path: str, operation: Json) -> Iterator[str]:
    name = operation["operationId"]
    yield f'<h3 id="{escape(name)}"><a href="#{escape(name)}"><code>{method} {escape(path)}</code></a></h3>'
    yield _html(operation["description"])
    right = operation.get(RIGHT)
    needed = f"<code>{escape(right)}</code>" if right else OPEN
    once = " · <code>Idempotency-Key</code>" if operation.get(ONCE) else ""
    yield f"<p>权限 Right: {needed}{once}</p>"
    if parameters := operation.get("parameters"):
        yield "<table><tr><th>参数 Parameter</th><th>in</th><th>类型 Type</th><th></th></tr>"
        for each in parameters:
            yield _row(each["name"], each["required"], f"<td>{each['in']}</td>", each["schema"])
        yield "</table>"
    for media_type, content in operation.get("requestBody", {"content": {}})["content"].items():
        yield f"<p>请求 Body: <code>{escape(media_type)}</code> {_type(content['schema'])}</p>"
        if "example" in content:
            example = content["example"]
            said = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=2)
            yield f"<pre>{escape(said)}</pre>"
    answers = [_answer(status, each) for status, each in operation["responses"].items() if status != "default"]
    yield f"<p>应答 Answers: {', '.join(answers)}</p>"


def _answer(status: str, response: Json) -> str:
    kinds = [f"{_type(each['schema'])}" for each in response.get("content", {}).values() if "schema" in each]
    return f"{status} {' | '.join(kinds)}".strip()


def _schema(schema: Json) -> Iterator[str]:
    if "description" in schema:
        yield _html(schema["description"])
    if "properties" in schema:
        required = schema.get("required", ())
        yield "<table>"
        for name, each in schema["properties"].items():
            yield _row(name, name in required, "", each)
        yield "</table>"
    else:
        yield f"<p>{_type(schema)}</p>"


def _row(name: str, required: bool, more: str, schema: Json) -> str:
    about = escape(schema.get("description", ""))
    default = f" = {escape(json.dumps(schema['default'], ensure_ascii=False))}" if "default" in schema else ""
    star = "*" if required else ""
    return f"<tr><td><code>{escape(name)}</code>{star}</td>{more}<td>{_type(schema)}{default}</td><td>{about}</td></tr>"


def _type(schema: Json) -> str:
    """What a value has to be, in one line of HTML."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rsplit("/", 1)[1])
        return f'<a href="#schema-{name}">{name}</a>'
    if "enum" in schema:
        return " | ".join(f"<code>{escape(json.dumps(each))}</code>" for each in schema["enum"])
    if "const" in schema:
        return f"<code>{escape(json.dumps(schema['const']))}</code>"
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " | ".join(_type(each) for each in schema[several])
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"[{_type(schema.get('items', {}))}]{_bounds(schema)}"
    return f"{escape(schema.get('format', kind))}{_bounds(schema)}"


def _bounds(schema: Json) -> str:
    told = [f"{words} {schema[key]}" for key, words in BOUNDS.items() if key in schema]
    return f" ({escape(', '.join(told))})" if told else ""


def _html(markdown: str) -> str:
    html: str = _markdown().render(markdown)
    return html


@cache
def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # few requests need it

    return MarkdownIt("commonmark")


def _anchor(room: str) -> str:
    return "room-" + room.replace(" ", "-")
