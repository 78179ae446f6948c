"""Whose page opens a WebSocket: a browser sends the cookie along with everybody's."""

from urllib.parse import urlsplit

from fastapi import WebSocket


def same_origin(socket: WebSocket) -> bool:
    """Browsers name the page's origin; other pages' scripts must not listen in. Programs send none."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")
