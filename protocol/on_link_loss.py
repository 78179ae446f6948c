"""``onLinkLoss``: an action at an order's node, beside the standard's, for vehicles whose factsheet offers it.

It says what the vehicle does from there on when the station is out of reach: ``policy``, and ``minutes`` for
``carryOnThenHome``. The vehicle obeys it alone. Without it the standard's rule holds: on to the last released node.
"""

from enum import StrEnum

ON_LINK_LOSS = "onLinkLoss"
MOST_MINUTES = 24 * 60.0


class LinkLossPolicy(StrEnum):
    """What a vehicle does without its station."""

    CARRY_ON = "carryOn"
    CARRY_ON_THEN_HOME = "carryOnThenHome"
    HOME = "home"
    STAND = "stand"
