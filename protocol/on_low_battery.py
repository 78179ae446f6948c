"""``onLowBattery``: an action at an order's first node, beside the standard's, for vehicles whose factsheet offers it.

It says what becomes of the order when the vehicle has to charge on the way: ``policy``. Without it the order ends.
"""

from enum import StrEnum

ON_LOW_BATTERY = "onLowBattery"


class LowBatteryPolicy(StrEnum):
    """What a vehicle does with its order when it has to charge."""

    RESUME = "resume"  # charges, and goes on where it left
    END = "end"  # breaks off, and stays at its dock
