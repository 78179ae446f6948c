"""The built console, with what browsers are told about it."""

from pathlib import Path

from fastapi import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# MapLibre GL runs its workers from blobs and draws pictures out of them; nothing comes from elsewhere.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # elements styled in place; styles run no code
        "img-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "child-src blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FOR_EVER = "public, max-age=31536000, immutable"  # the build puts a hash into the names below assets/
ASK_FIRST = "no-cache"
NOT_BUILT = """<!doctype html><meta charset="utf-8"><title>Xiaotian</title>
<p>The console is not built. Run <code>make setup</code> in the checkout, then reload this page.</p>
<p>控制台尚未构建。请在代码目录中运行 <code>make setup</code>，然后刷新本页。</p>
"""


def console_file(folder: Path, path: str) -> Response:
    """The file at ``path``, or the page itself for a path of the page's own; 404 for a missing asset."""
    index = folder / "index.html"
    if not index.is_file():
        return HTMLResponse(NOT_BUILT, 503, {"Cache-Control": "no-store"})
    file = _inside(folder, path)
    if path and file.is_file():
        return FileResponse(file, headers={"Cache-Control": FOR_EVER if path.startswith("assets/") else ASK_FIRST})
    if path.startswith("assets/"):
        raise HTTPException(404, "no such file")
    return FileResponse(index, headers={"Cache-Control": ASK_FIRST})


def _inside(folder: Path, path: str) -> Path:
    try:
        file = (folder / path).resolve()
        file.is_file()
    except (OSError, ValueError) as error:  # a name too long for the file system, or with a NUL in it
        raise HTTPException(404, "no such file") from error
    if not file.is_relative_to(folder.resolve()):
        raise HTTPException(404, "no such file")
    return file


class SecurityHeaders:
    """Adds the headers to every answer; the API's answers are not to be kept unless they say otherwise."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add(message["headers"], scope["path"])
            await send(message)

        await self.app(scope, receive, answer)


def _add(headers: list[tuple[bytes, bytes]], path: str) -> None:
    present = {name.lower() for name, _ in headers}
    wanted = HEADERS | ({"Cache-Control": "no-store"} if path.startswith("/api/") else {})
    headers += [(n.lower().encode(), v.encode()) for n, v in wanted.items() if n.lower().encode() not in present]
