"""systemd's sd_notify: a service says that it is ready, and again and again that it is alive.

Without ``NOTIFY_SOCKET``, which systemd sets for services of Type=notify, all of it does nothing.
"""

import os
import socket

READY, STOPPING, ALIVE = "READY=1", "STOPPING=1", "WATCHDOG=1"


def notify(state: str) -> bool:
    """Say ``state``; whether anybody asked for it and was there."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
            door.connect(f"\0{address[1:]}" if address.startswith("@") else address)
            door.sendall(state.encode())
    except OSError:  # a service works without its supervisor
        return False
    return True


def watchdog_s() -> float | None:
    """How often ALIVE is to be said, in seconds: half of what systemd waits. None: nobody waits."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    try:
        return int(os.environ["WATCHDOG_USEC"]) / 2e6
    except (KeyError, ValueError):
        return None
