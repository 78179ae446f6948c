"""The ways between an order's nodes, and what of them is still ahead of its dog."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from msgspec import UNSET

from fleet_server.dispatch.right_of_way import Stretch, stretches
from fleet_server.sites.narrow_places import NarrowPlaces, PlannedWay
from fleet_server.sites.walkable_ground import Place
from protocol.order import Node, NodePosition, Order
from protocol.state import AgvPosition, State

OFF_THE_WAY_M = 3.0  # who is farther from its planned way goes another, and how far it has come is not known


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """The sequence ids of the nodes, the way to each but the first (None: none is known), and the stretches."""

    sequence_ids: tuple[int, ...]
    ways: tuple[PlannedWay | None, ...]
    stretches: tuple[Stretch, ...]

    def claimed(self, base_end: int, everything: bool) -> tuple[int, frozenset[str]]:
        """Up to which sequence id the base would go next, and for which places: a stretch with narrow places, with all
        before and after it that needs none; or ``everything``."""
        places: frozenset[str] = frozenset()
        end = base_end
        for stretch in self.stretches:
            ends = self.sequence_ids[stretch.end]
            if ends <= base_end:
                continue
            if places and stretch.places and not everything:
                break
            places, end = places | stretch.places, ends
        return end, places

    def free_end(self, base_end: int) -> int:
        """Up to where the base can go for which nothing has to be given."""
        for stretch in self.stretches:
            if self.sequence_ids[stretch.end] > base_end:
                if stretch.places:
                    break
                base_end = self.sequence_ids[stretch.end]
        return base_end

    def needed(self, base_end: int, next_node: int, position: AgvPosition | None, places: NarrowPlaces) -> set[str]:
        """The narrow places of the base through which the dog has still to come; ``next_node`` is where it walks."""
        found: set[str] = set()
        for sequence_id, way in zip(self.sequence_ids[1:], self.ways, strict=True):
            if next_node <= sequence_id <= base_end and way is not None:
                walking = sequence_id == next_node and position is not None
                found |= _ahead(way, position, places) if walking and position else {c.place_id for c in way.crossings}
        return found


def _ahead(way: PlannedWay, position: AgvPosition, places: NarrowPlaces) -> set[str]:
    index, away = way.index_at(position.x, position.y)
    beside = places.beside(position.x, position.y)
    off = away > OFF_THE_WAY_M
    return {c.place_id for c in way.crossings if off or c.last >= index or c.place_id == beside}


def plan(order: Order, places: NarrowPlaces) -> PlannedOrder:
    """The shortest ways between the order's nodes, as far as the site's map knows."""
    at = [_place(node) for node in order.nodes]
    ways = [places.way(a, b) if a and b else None for a, b in pairwise(at)]
    stand_in = [places.inside(*at[0]) if at[0] else None, *(places.beside(*each) if each else None for each in at[1:])]
    crossed: list[Iterable[str]] = [[c.place_id for c in way.crossings] if way else [] for way in ways]
    ids = tuple(node.sequence_id for node in order.nodes)
    return PlannedOrder(ids, tuple(ways), tuple(stretches(stand_in, crossed)))


def way_out(order: Order, places: NarrowPlaces) -> tuple[int, Node] | None:
    """Where a dog that begins in a narrow place waits for the next one, and after which node (by its index) that is.

    In the open, as soon as it is out of the first: else it would wait in it, perhaps for one that wants in.
    """
    at = [_place(node) for node in order.nodes]
    first = order.nodes[0].node_position
    stands = places.inside(*at[0]) if at[0] else None
    if stands is None or first is UNSET:
        return None
    for index, (here, there) in enumerate(pairwise(at)):
        way = places.way(here, there) if here and there else None
        if way is None:
            return None
        out = next((p for p in way.points.tolist() if places.beside(p[0], p[1]) != stands), None)
        if out is not None:
            position = NodePosition(x=round(out[0], 2), y=round(out[1], 2), map_id=first.map_id)
            made = Node(
                node_id=f"out-{order.order_id[:8]}", sequence_id=0, released=True, actions=[], node_position=position
            )
            on = {crossing.place_id for crossing in way.crossings} | {places.beside(*there) if there else None}
            return (index, made) if on - {stands, None} else None
    return None


def next_node(state: State | None, order_id: str) -> int:
    """The sequence id of the node to which the vehicle walks in this order; of the first where it has not begun."""
    if state is None or state.order_id != order_id:
        return 0
    ahead = [node.sequence_id for node in state.node_states]
    return min(ahead) if ahead else state.last_node_sequence_id + 1


def _place(node: Node) -> Place | None:
    return (node.node_position.x, node.node_position.y) if node.node_position is not UNSET else None
