"""What a rule tells: one thing in the world, once."""

from dataclasses import dataclass

from edge.perception.person_location import Located
from edge.perception.tracking import Track
from protocol.anomaly import AnomalyKind
from protocol.site import Text

NO_REASON = Text(zh="", en="")


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to be told, decided by the frame of stamp ``at``; ``zone_id`` is empty where no zone is concerned.

    ``reason`` is a sentence that says which values passed which limits. ``other_than`` are tracks of this patrol of
    which it is known that they are somebody else's: both were in view at once.
    """

    zone_id: str
    track: Track
    place: Located
    at: float
    kind: AnomalyKind = AnomalyKind.PERSON_IN_RESTRICTED_ZONE
    reason: Text = NO_REASON
    other_than: tuple[int, ...] = ()
