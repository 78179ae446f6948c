"""A ROS domain in which nobody is heard: what shares a domain by chance drives other people's dogs."""

import random
import socket

MOST = 101  # domains of ROS 2 on Linux whose ports lie below the ephemeral ones; 0 is everybody's


def free_domain(first: int = 0) -> int:
    """The first free domain from ``first`` on, 1 to 100; without one, from anywhere."""
    start = first or random.randrange(1, MOST)
    asked = [1 + (start - 1 + n) % (MOST - 1) for n in range(MOST - 1)]
    return next((domain for domain in asked if not _taken(domain)), asked[0])


def _taken(domain: int) -> bool:
    """Whether a participant of this machine listens there: its first unicast port (RTPS 2.5, 9.6.2.3) is taken."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("0.0.0.0", 7400 + 250 * domain + 10))  # noqa: S104 - bound for a moment, nothing is read
        except OSError:
            return True
    return False
