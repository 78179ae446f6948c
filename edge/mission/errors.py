"""What can be wrong, as the standard's errors (VDA 5050 2.1.0, 6.10.5 and 6.6.4)."""

from enum import StrEnum

from msgspec import UNSET

from protocol.order import Order
from protocol.state import Error, ErrorLevel, ErrorReference


class Fault(StrEnum):
    """The types of error that a dog reports; the first five are the standard's own."""

    VALIDATION = "validationError"
    ORDER = "orderError"
    ORDER_UPDATE = "orderUpdateError"
    NO_ORDER_TO_CANCEL = "noOrderToCancel"
    NO_ROUTE = "noRouteError"
    INSTANT_ACTION = "instantActionError"
    ORDER_ABORTED = "orderAborted"
    LOCALIZATION_LOST = "localizationLost"
    BATTERY_LOW = "batteryLow"
    BATTERY_CRITICAL = "batteryCritical"
    BATTERY_UNKNOWN = "batteryUnknown"
    HELD_BY_SAFETY = "heldBySafety"
    FALLEN = "fallen"
    WAY_BLOCKED = "wayBlocked"
    LINK_LOST = "linkLost"
    CHARGING = "chargingError"
    CLOCK_STANDS = "clockStands"
    DRIVER_LOST = "driverLost"


MOST_TEXT = 300  # characters: what others sent is quoted, and a state must not outgrow the wire for it


def warning(fault: Fault, description: str, hint: str = "", **references: str) -> Error:
    """An error that heals by itself, or by another order; ``hint``: what to do. Empty references are left out."""
    return _error(fault, ErrorLevel.WARNING, description, hint, references)


def fatal(fault: Fault, description: str, hint: str = "", **references: str) -> Error:
    """An error that needs a person."""
    return _error(fault, ErrorLevel.FATAL, description, hint, references)


def _error(fault: Fault, level: ErrorLevel, description: str, hint: str, references: dict[str, str]) -> Error:
    listed = [ErrorReference(reference_key=k, reference_value=short(text)) for k, text in references.items() if text]
    return Error(
        error_type=fault,
        error_level=level,
        error_description=short(description) or UNSET,
        error_hint=hint or UNSET,
        error_references=listed or UNSET,
    )


def named(order: Order) -> dict[str, str]:
    """The references of an error about ``order`` (7.1)."""
    ids = {"topic": "order", "headerId": str(order.header_id)}
    return ids | {"orderId": order.order_id, "orderUpdateId": str(order.order_update_id)}


def short(text: str) -> str:
    """``text``, or its beginning."""
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"
