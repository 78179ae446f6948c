"""``compareToReference``: a few looks at a checkpoint against what the dog remembers of it, and what is to be told.

What it has no reference for, in this light or from this place, it remembers. A change is told once, and remembered too:
it is how the checkpoint is now.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from edge.perception.alert import Alert
from edge.perception.camera_geometry import View
from edge.perception.checkpoint_references import References
from edge.perception.detector import Detection
from edge.perception.person_location import Located
from edge.perception.reference_comparison import (
    PATCH_PIXELS,
    STIRRED,
    Change,
    Comparison,
    Difference,
    Hindrance,
    Look,
    compare,
    of_one_place,
    shows_enough,
)
from edge.perception.tracking import Track
from protocol.anomaly import AnomalyKind
from protocol.site import Text

LOOKS, EVERY = 3, 0.8
"""Pictures compared, and seconds from one to the next: who walks by is elsewhere in each."""
PATIENCE = 15.0
"""Seconds for all of them; then the camera has sent too few."""
FIRST_NUMBER = 4_000_000
"""Track ids of changes begin here."""
FARTHEST = 20.0
"""Metres: what is seen above the ground, or farther, is taken to be there."""


class Outcome(StrEnum):
    """What came of comparing."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    KEPT = "kept"
    NOT_COMPARABLE = "notComparable"
    FAILED = "failed"


WORDS = {
    Change.ADDED: ("新增", "added"),
    Change.MISSING: ("缺失", "missing"),
    Change.CHANGED: ("变动", "changed"),
}
WHY = {
    Hindrance.OTHER_PLACE: "seen from another place",
    Hindrance.OTHER_LIGHT: "in another light",
    Hindrance.NOTHING_TO_SEE: "nothing to recognise in the picture: too dark, or covered",
    Hindrance.LITTLE_AGREES: "too little of the picture agrees",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """The end of an action; ``text`` says what came of it, ``alert`` is for the station."""

    action_id: str
    outcome: Outcome
    text: str
    alert: Alert | None = None

    @property
    def success(self) -> bool:
        """Whether there was a comparison; one that shows nothing can tell that too."""
        return self.outcome is not Outcome.FAILED


@dataclass
class _Asked:
    action_id: str
    node_id: str
    since: float
    looks: list[Look]
    last: float = -math.inf


class CheckpointComparison:
    """One comparison at a time."""

    def __init__(self, references: References) -> None:
        self._references = references
        self._asked: _Asked | None = None
        self._count = 0

    def ask(self, action_id: str, node_id: str, now: float) -> str:
        """Compare what is to be seen from ``now`` (s) on with what is known of the checkpoint; why that cannot be, or
        nothing."""
        if self._asked is not None and 0 <= now - self._asked.since <= PATIENCE:
            return "another comparison is under way"
        self._asked = _Asked(action_id, node_id, now, [])
        return ""

    def give_up(self) -> None:
        """Nobody waits for the comparison under way any more."""
        self._asked = None

    def wants(self, now: float) -> bool:
        """Whether the frame of stamp ``now`` is to be looked at."""
        return self._asked is not None and not 0 <= now - self._asked.last < EVERY

    def update(self, look: Look | None, now: float) -> Compared | None:
        """Take a look that was wanted, None where no picture may be kept; what came of it, once there are enough."""
        asked = self._asked
        if asked is None:
            return None
        if look is None:
            return self._end(Outcome.FAILED, "no picture is kept here, or the dog does not know where it is")
        if now - asked.since > PATIENCE:
            return self._end(Outcome.FAILED, f"too few pictures in {PATIENCE:.0f} s")
        if asked.looks and not of_one_place(look.view, asked.looks[0].view):
            return self._end(Outcome.FAILED, "the dog walked on")
        if asked.looks and not of_one_place(look.view, asked.looks[0].view, STIRRED):
            asked.looks.clear()  # a dog that has just arrived may turn a little longer
        asked.looks.append(look)
        asked.last = now
        return self._judge(asked, now) if len(asked.looks) >= LOOKS else None

    def _judge(self, asked: _Asked, now: float) -> Compared:
        told = [compare(reference, asked.looks) for reference in self._references.of(asked.node_id)]
        able = [each for each in told if each.hindrance is None]
        if able:
            best = min(able, key=lambda each: sum(one.patches for one in each.differences))
            return self._changed(asked, best, now) if best.differences else self._unchanged(best)
        hindered = [each for each in told if each.hindrance is Hindrance.LITTLE_AGREES]
        if not shows_enough(asked.looks[-1]):
            return self._end(Outcome.NOT_COMPARABLE, f"not comparable: {WHY[Hindrance.NOTHING_TO_SEE]}")
        if hindered:
            alike = max(each.alike for each in hindered)
            return self._end(Outcome.NOT_COMPARABLE, f"not comparable: {WHY[Hindrance.LITTLE_AGREES]} ({alike:.0%})")
        first = "the first of this checkpoint" if not told else f"all others are {_why(told)}"
        lost = self._keep(asked)
        if lost:
            return self._end(Outcome.FAILED, lost.en)
        return self._end(Outcome.KEPT, f"kept as a reference: {first}")

    def _unchanged(self, best: Comparison) -> Compared:
        return self._end(Outcome.UNCHANGED, f"as it was: {best.alike:.0%} of what can be recognised is found again")

    def _changed(self, asked: _Asked, best: Comparison, now: float) -> Compared:
        alert = self._alert(asked.looks[-1].view, best, now)
        lost = self._keep(asked)
        if lost:
            said = alert.reason
            alert = replace(alert, reason=Text(zh=f"{said.zh}；{lost.zh}", en=f"{said.en}; {lost.en}"))
        return self._end(Outcome.CHANGED, alert.reason.en, alert)

    def _keep(self, asked: _Asked) -> Text | None:
        """Remember the last look; why that cannot be: then the change is told at the next visit too."""
        try:
            self._references.keep(asked.node_id, asked.looks[-1])
        except OSError as error:
            why = error.strerror or repr(error)
            return Text(zh=f"参照无法保存：{why}", en=f"the reference cannot be kept: {why}")
        return None

    def _end(self, outcome: Outcome, text: str, alert: Alert | None = None) -> Compared:
        asked, self._asked = self._asked, None
        assert asked is not None
        return Compared(asked.action_id, outcome, text, alert)

    def _alert(self, view: View, best: Comparison, now: float) -> Alert:
        places = [_place(each, view) for each in best.differences]
        zh, en = [], []
        for each, place in zip(best.differences, places, strict=True):
            away = math.hypot(place.x - view.pose.x, place.y - view.pose.y)
            zh.append(f"约 {away:.0f} 米处{WORDS[each.kind][0]}")
            en.append(f"{WORDS[each.kind][1]} about {away:.0f} m away")
        patches = best.differences[0].patches
        reason = Text(
            zh=f"巡检点与参照不同：{'，'.join(zh)}；最大一处 {patches} 个图块未能找到，其余 {best.alike:.0%} 一致",
            en=f"Other than the reference: {', '.join(en)}; of the largest {patches} patches are not found, "
            f"{best.alike:.0%} of all are",
        )
        seen = Detection(best.differences[0].box, best.alike, "change")
        track = Track(FIRST_NUMBER + self._count, seen, best.alike, LOOKS, places[0])
        self._count += 1
        return Alert("", track, places[0], now, AnomalyKind.CHECKPOINT_CHANGED, reason)


def _why(told: list[Comparison]) -> str:
    return " or ".join(sorted({WHY[each.hindrance] for each in told if each.hindrance is not None}))


def _place(seen: Difference, view: View) -> Located:
    """Where its lower edge meets the ground; as far as FARTHEST where it does not.

    A patch is lost that it fills in part alone: its edge lies half a patch above that of the box, give or take.
    """
    x, y, high = view.place()
    ray = view.ray((seen.box.left + seen.box.right) / 2, seen.box.bottom - PATCH_PIXELS / 2)
    far = min(high / -ray.slope, FARTHEST) if ray.slope < 0 else FARTHEST
    pixels = PATCH_PIXELS / view.intrinsics.fy
    along, across = min(far**2 / high * pixels, far), far * pixels
    cos, sin, own = math.cos(ray.azimuth), math.sin(ray.azimuth), view.position_deviation**2
    return Located(
        x + far * cos,
        y + far * sin,
        (along * cos) ** 2 + (across * sin) ** 2 + own,
        (along**2 - across**2) * sin * cos,
        (along * sin) ** 2 + (across * cos) ** 2 + own,
    )
