"""``onBlocked``: an action at an order's node, beside the standard's, for vehicles whose factsheet offers it.

At the order's first node it says what the vehicle does whenever the way to one of the other nodes stays blocked; at any
other node, for the way to that node alone. ``policy``, and ``tries``: how often the way is tried, for ``skip`` and
``home``. Without it the vehicle breaks off and goes home, for the standard lets it leave out no node.
"""

from enum import StrEnum

ON_BLOCKED = "onBlocked"
MOST_TRIES = 20


class BlockedPolicy(StrEnum):
    """What a vehicle does when it cannot get to a node."""

    SKIP = "skip"  # goes on with the next; the work there has FAILED
    WAIT = "wait"  # tries on, for as long as it takes
    HOME = "home"  # breaks off and goes home
