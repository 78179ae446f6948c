"""What may be wrong, by a code that stays: the last part of a problem's ``type`` (RFC 9457). docs/api.md lists them."""

from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Kind:
    """``code`` is what programs read; the rest is for people."""

    code: str
    status: int
    title: str
    zh: str
    en: str


class Problems(Enum):
    """All kinds of problem; the first of a status is what is said where none is named."""

    CUT = Kind("cut", 400, "The request ended early", "请求中途断开，或无法读取", "It broke off, or cannot be read.")
    BAD_KEY = Kind(
        "bad-idempotency-key", 400, "The idempotency key is none", "幂等键无效", "1 to 128 printable ASCII characters."
    )
    NOT_SIGNED_IN = Kind("not-signed-in", 401, "Not signed in", "未登录，或密钥无效", "Sign in, or use a valid token.")
    NOT_ALLOWED = Kind(
        "not-allowed", 403, "Not allowed", "当前角色或令牌没有此权限", "Another role or scope is needed."
    )
    NOT_FOUND = Kind("not-found", 404, "Not found", "没有此对象或地址", "There is no such thing, or no such address.")
    NO_SUCH_METHOD = Kind(
        "no-such-method", 405, "Not that method", "该地址不支持此方法", "The address knows other methods."
    )
    TOO_SLOW = Kind("too-slow", 408, "The request did not come", "请求正文迟迟未到", "Its body was waited for in vain.")
    CONFLICT = Kind(
        "conflict",
        409,
        "Not as things stand",
        "当前状态下不能执行",
        "What is asked does not go with how things are now.",
    )
    UNREACHABLE = Kind(
        "unreachable-place",
        409,
        "No dog gets there",
        "机器犬无法到达",
        "`nearest`: the nearest place that can be reached.",
    )
    UNDER_WAY = Kind(
        "request-under-way", 409, "The first request is under way", "同一请求正在处理", "Ask again after `Retry-After`."
    )
    ANSWER_LOST = Kind(
        "answer-lost",
        409,
        "Done, and the answer is lost",
        "请求已执行，但答复已丢失",
        "It was done once; look at how it stands.",
    )
    CHANGED = Kind(
        "changed-meanwhile",
        412,
        "Changed by somebody else",
        "对象已被他人更改",
        "`version` is how it is now; `changedBy` and `changedAt` say who it was, where that is known.",
    )
    TOO_LARGE = Kind("too-large", 413, "Too large", "请求正文过大", "The body is larger than this address takes.")
    UNFIT = Kind(
        "unfit-content", 415, "Not that kind of content", "内容类型不符", "The content is not what it has to be."
    )
    NO_SUCH_RANGE = Kind("no-such-range", 416, "Not that range", "请求的字节范围不存在", "The content has other bytes.")
    MISDIRECTED = Kind(
        "misdirected", 421, "Another process leads", "应由主进程处理", "`X-Xiaotian-Leader` names the process to ask."
    )
    INVALID = Kind(
        "invalid-request",
        422,
        "The request is wrong",
        "请求内容有误",
        "`errors` names the fields, where some are at fault.",
    )
    KEY_REUSED = Kind(
        "idempotency-key-reused",
        422,
        "The key was used before",
        "幂等键已用于其他请求",
        "Another request needs a new key.",
    )
    TOO_MANY = Kind("too-many", 429, "Too many requests", "请求过于频繁", "Wait for the seconds of `Retry-After`.")
    FAULT = Kind("server-fault", 500, "The station has a fault", "服务器内部故障", "Its log has it under `instance`.")
    NOT_NOW = Kind("not-now", 503, "Not now", "暂时无法处理", "Nothing was changed; ask again later.")
    NO_ROOM = Kind("no-room", 507, "No room", "存储空间不足", "The station stores nothing at this moment.")


_BY_STATUS = {kind.value.status: kind.value for kind in reversed(Problems)}


def kind_of(status: int) -> Kind | None:
    """What is meant where a status alone is said; None: nothing beyond HTTP's own words."""
    return _BY_STATUS.get(status)


def title_of(status: int) -> str:
    """HTTP's own words."""
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"
