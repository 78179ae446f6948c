"""``instantActions``: what a vehicle has to do now, beside its order (VDA 5050 2.1.0, 6.9)."""

from protocol.header import Header
from protocol.order import Action


class InstantActions(Header, frozen=True, kw_only=True):
    """Actions to be carried out as they arrive: cancelOrder, startPause, stopPause, and the like."""

    actions: list[Action]
