"""What a server answers that may not be up yet: it is asked again and again, so by one client for all."""

import httpx

# httpx.get makes a client each time, and reads the world's certificates for it: 40 ms of the processor, where this
# takes one. No connection is kept: that of a process that was killed is none to the one that took its place.
_CLIENT = httpx.Client(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


def answer_of(url: str, timeout_s: float = 2.0) -> httpx.Response | None:
    """None: it does not answer."""
    try:
        return _CLIENT.get(url, timeout=timeout_s)
    except httpx.HTTPError:
        return None


def is_well(url: str, timeout_s: float = 2.0) -> bool:
    """Whether it answers, and no error."""
    answer = answer_of(url, timeout_s)
    return answer is not None and answer.is_success


def broker_of(url: str, timeout_s: float = 2.0) -> str:
    """What the server whose API is at ``url`` says of its broker; empty while it says nothing."""
    answer = answer_of(f"{url}/health", timeout_s)
    return "" if answer is None else str(answer.json()["broker"])
