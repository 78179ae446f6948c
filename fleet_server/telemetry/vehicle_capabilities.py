"""What a vehicle can, by its factsheet (VDA 5050 2.1.0, 6.15); ours can more than the standard, others need not."""

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec import UNSET

from protocol.factsheet import ActionScope, Factsheet, NavigationType
from protocol.on_blocked import ON_BLOCKED
from protocol.on_link_loss import ON_LINK_LOSS
from protocol.on_low_battery import ON_LOW_BATTERY

RULES = frozenset({ON_LINK_LOSS, ON_BLOCKED, ON_LOW_BATTERY})  # ours: asked of a vehicle only where it offers them
EMERGENCY_STOP = "emergencyStop"  # an instant action of our dogs', beside the standard's
EXTENSIONS = frozenset({"takePhoto", "dwell", ON_LINK_LOSS})


@dataclass(frozen=True, slots=True)
class Features:
    """``known`` is False until there is a factsheet: then the vehicle is asked for all, and may refuse.

    With ``bare`` it is then asked for nothing but to walk.

    ``fields`` are the last parts of the names of the optional parameters that it heeds; ``most_nodes`` 0: no limit.
    """

    known: bool = False
    bare: bool = False
    node_actions: frozenset[str] = frozenset()
    instant_actions: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    plans_its_way: bool = True
    most_nodes: int = 0

    @property
    def extensions(self) -> bool:
        """Whether it can all that our own dogs can at a checkpoint."""
        return self.node_actions >= EXTENSIONS

    def does(self, action_type: str) -> bool:
        """Whether it may be asked for this at a node; our own rules only where they are offered."""
        return action_type in self.node_actions or not (self.known or self.bare or action_type in RULES)

    def takes(self, action_type: str) -> bool | None:
        """Whether it may be asked for this at once; None: it has not said yet what it can."""
        return action_type in self.instant_actions if self.known else None

    def heeds(self, field: str) -> bool:
        """Whether this optional field may be sent (6.1.1: only what the vehicle supports)."""
        return not self.known or field in self.fields

    def unable(self, actions: Iterable[str]) -> list[str]:
        """Which of ``actions`` it cannot do, each once."""
        return sorted({action for action in actions if not self.does(action)})


def features(sheet: Factsheet | None, bare: bool = False) -> Features:
    """What ``sheet`` promises; ``bare``: without one, that it walks and no more."""
    if sheet is None:
        return Features(bare=bare)
    said = sheet.protocol_features
    most = sheet.protocol_limits.max_array_lens.order_nodes
    return Features(
        known=True,
        node_actions=_actions(sheet, ActionScope.NODE),
        instant_actions=_actions(sheet, ActionScope.INSTANT),
        fields=frozenset(each.parameter.rpartition(".")[2] for each in said.optional_parameters),
        plans_its_way=NavigationType.AUTONOMOUS in sheet.type_specification.navigation_types,
        most_nodes=0 if most is UNSET else most,
    )


def _actions(sheet: Factsheet, scope: ActionScope) -> frozenset[str]:
    return frozenset(a.action_type for a in sheet.protocol_features.agv_actions if scope in a.action_scopes)
