"""Signatures of messages over HTTP, both ways, as Standard Webhooks 1.0 has them (standardwebhooks.com).

HMAC-SHA256 over ``id.timestamp.body``, base64, in ``webhook-signature: v1,...``; the secret is ``whsec_`` and base64.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=5)  # between the sender's clock and ours
PREFIX = "whsec_"
LONGEST_ID = 128  # characters


class BadSignature(ValueError):
    """A message that is not from whom it says; the text says why."""


def made_up_secret() -> str:
    """A new secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signed(secret: str, message_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """The headers that prove a message."""
    stamp = str(int(now.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{_signature(secret, message_id, stamp, body)}",
    }


def check(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The id of a message that is right and fresh; raises BadSignature."""
    message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not 0 < len(message_id) <= LONGEST_ID or not message_id.isprintable():
        raise BadSignature("webhook-id is missing or too long")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        raise BadSignature("webhook-timestamp is no time in seconds")
    if abs(int(stamp) - now.timestamp()) > TOLERANCE.total_seconds():
        raise BadSignature("webhook-timestamp is not of now")
    right = _signature(secret, message_id, stamp, body).encode()
    said = (each.removeprefix("v1,") for each in headers.get("webhook-signature", "").split(" ")[:10])
    if not any(hmac.compare_digest(right, each.encode("utf-8", "surrogateescape")) for each in said):
        raise BadSignature("webhook-signature is not right")
    return message_id


def _signature(secret: str, message_id: str, stamp: str, body: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise BadSignature("the secret is none") from error
    content = f"{message_id}.{stamp}.".encode("utf-8", "surrogateescape") + body
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
