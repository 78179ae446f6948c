"""Real dog cores on rounds by chance through doorways and dead ends, by a lossy line: no two in one, and all arrive."""

import math
import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import msgspec
import numpy as np
import pytest
from PIL import Image, ImageDraw
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from edge.mission.events import GoalEnded, InstantActionsCame, OrderCame, Outcome
from edge.mission.state import compose
from edge.types import Pose2D, PoseEstimate, Twist2D
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.events import Events
from fleet_server.core.vehicle_publisher import VehiclePublisher
from fleet_server.dispatch.order_building import draw_order
from fleet_server.dispatch.order_sender import OrderSender
from fleet_server.dispatch.tables import Reservation
from fleet_server.dispatch.traffic_control import TrafficControl
from fleet_server.patrols.progress import follow
from fleet_server.patrols.queries import progress_of, records, write_back
from fleet_server.patrols.tables import OPEN, Patrol, PatrolStatus
from fleet_server.sites.narrow_places import NarrowPlaces
from fleet_server.sites.site_import import import_site
from fleet_server.sites.tables import Site
from fleet_server.sites.walkable_ground import Grounds
from fleet_server.store.database import Database
from fleet_server.store.migrate import migrate
from fleet_server.telemetry.fleet_state import Fleet
from protocol.codec import decode, encode, header
from protocol.connection import Connection, ConnectionState
from protocol.instant_actions import InstantActions
from protocol.order import Order
from protocol.site import Checkpoint, Pose, Text
from protocol.state import AgvPosition, Error, ErrorLevel, OperatingMode, State
from protocol.topics import Address
from tests.edge.mission.world import NOW, Dog, situation
from tests.fleet_server.world import database_in, write_site

SPEED = 1.0  # m/s
STEP_S = 0.5
Point = tuple[float, float]
LOST = 0.3  # of what is said, either way
# Four rooms round a cross of walls with a door in each arm, and a corridor that ends, off the room in the south-east.
# No two ways round are as long: a dog plans its own, and might take a door other than the one that was reserved.
PLACES = {
    "sw": (4.0, 4.0),
    "se": (16.0, 6.0),
    "nw": (4.0, 16.0),
    "ne": (16.0, 16.0),
    "middle_w": (7.0, 9.0),
    "corridor": (17.5, 1.5),
}
CHECKPOINTS = {
    name: Checkpoint(checkpoint_id=name, name=Text(zh=name, en=name), pose=Pose(x=x, y=y, theta=0.0))
    for name, (x, y) in PLACES.items()
}
DOORS = ((10.0, 3.5), (10.0, 13.0), (3.0, 10.0), (14.0, 10.0))


def draw_map(path: Path) -> None:
    image = Image.new("L", (200, 200), 254)
    pen = ImageDraw.Draw(image)

    def fill(x0: float, y0: float, x1: float, y1: float, value: int = 0) -> None:
        pen.rectangle((round(10 * x0), 199 - round(10 * y1), round(10 * x1), 199 - round(10 * y0)), fill=value)

    fill(9.9, 0, 10.1, 20)
    fill(0, 9.9, 20, 10.1)
    for x, y in DOORS:
        fill(x - 0.5, y - 0.5, x + 0.5, y + 0.5, 254)
    fill(13, 2.1, 20, 2.3)
    fill(13, 0, 20, 0.9)
    image.save(path)


@dataclass
class Walker(Dog):
    """Walks by the ways of the site's map, at a metre a second."""

    places: NarrowPlaces | None = None
    way: tuple[int, deque[Point]] = field(
        default_factory=lambda: (-1, deque())
    )  # to the goal of that number, what is left of it

    def _walk(self, seconds: float) -> None:
        if self.going is None or not seconds:
            return
        here, left = (self.place.x, self.place.y), SPEED * seconds
        if self.way[0] != self.going.goal:
            self.way = self.going.goal, self._way(here, (self.going.x, self.going.y))
        points = self.way[1]
        while points and left > 0:
            length = math.dist(here, points[0])
            if length > left:
                share = left / length
                here = (here[0] + share * (points[0][0] - here[0]), here[1] + share * (points[0][1] - here[1]))
                break
            left, here = left - length, points.popleft()
        pose = PoseEstimate(Pose2D(*here, 0.0), np.eye(3) * 0.01, 0.9, self.now)
        self.situation = replace(self.situation, pose=pose, twist=Twist2D(SPEED, 0, 0))
        if not points:
            self.coming.append(GoalEnded(self.going.goal, Outcome.REACHED))
            self.going = None

    def _way(self, here: Point, there: Point) -> deque[Point]:
        assert self.places is not None
        way = self.places.way(here, there)
        assert way is not None
        return deque([*((x, y) for x, y in way.points.tolist()[1:-1]), there])


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder = tmp_path_factory.mktemp("traffic")
    site = write_site(folder / "yard")
    draw_map(site / "map.pgm")
    made = database_in(folder)
    migrate(made.engine)
    with made.write() as session:
        import_site(session, site, datetime.fromtimestamp(NOW, UTC), Events())
    yield made
    made.close()


class Yard:
    """The station's traffic control and sender, and dogs, each with an order that follows the other."""

    def __init__(self, session: Session, chance: random.Random, dogs: int) -> None:
        self.session, self.chance, self.now = session, chance, datetime.fromtimestamp(NOW, UTC)
        for table in (Patrol, Reservation):
            session.execute(delete(table))
        self.fleet, self.grounds = Fleet(timedelta(seconds=60), "xiaotian"), Grounds()
        self.fleet.link_up = True
        site = session.scalars(select(Site)).one()
        self.map_id = site.map_id
        self.places = NarrowPlaces(self.grounds.of(site))
        self.bus = VehiclePublisher()
        self.bus.attach(self._carry)
        self.traffic, self.sender = TrafficControl(self.fleet, self.grounds), OrderSender(self.bus, self.fleet)
        self.dogs: dict[str, Walker] = {}
        self.rounds = {f"dog{n}": deque(self._stops() for _ in range(chance.randint(1, 3))) for n in range(dogs)}
        free = chance.sample([*PLACES.values(), *DOORS, (2.0, 2.0), (18.0, 18.0), (2.0, 18.0)], dogs)
        for dog_id, (x, y) in zip(self.rounds, free, strict=True):
            where = replace(situation(x, y), map_id=self.map_id, docks=())
            self.dogs[dog_id] = Walker(situation=where, places=self.places)
            online = Connection(
                **header(Address("xiaotian", dog_id, "xiaotian"), 0, NOW), connection_state=ConnectionState.ONLINE
            )
            self.fleet.hear(Address("xiaotian", dog_id, "xiaotian"), online, self.now)
            self._hear(dog_id)

    def step(self) -> None:
        self.now += timedelta(seconds=STEP_S)
        for dog_id, dog in self.dogs.items():
            dog.step(STEP_S)
            if self.chance.random() > LOST:
                self._hear(dog_id)
        if self.chance.random() < 0.02:  # another process leads, or this one was started again
            self.traffic = TrafficControl(self.fleet, self.grounds)
            self.sender = OrderSender(self.bus, self.fleet)
        self._give()
        for part in (self.traffic, self.sender):
            part.update(self.session, self.now, ChangeEvents())
        self.session.flush()

    def inside(self) -> dict[str, str]:
        found = {dog: self.places.inside(each.place.x, each.place.y) for dog, each in self.dogs.items()}
        return {dog: place for dog, place in found.items() if place is not None}

    @property
    def over(self) -> bool:
        return not any(self.rounds.values()) and not self._open()

    def _open(self) -> list[Patrol]:
        return list(self.session.scalars(select(Patrol).where(Patrol.status.in_(OPEN))))

    def _stops(self) -> list[str]:
        """One that ends in a dead end would keep it, and whoever wants in would rightly wait for ever."""
        return [*self.chance.choices(sorted(PLACES), k=self.chance.randint(1, 4)), self.chance.choice(("sw", "ne"))]

    def _give(self) -> None:
        busy = {patrol.dog_id for patrol in self._open()}
        for dog_id, rounds in self.rounds.items():
            vehicle = self.fleet.get(dog_id)
            if dog_id in busy or not rounds or vehicle is None or vehicle.position is None or vehicle.executing:
                continue
            stops = rounds.popleft()
            here = self.dogs[dog_id].place
            start = AgvPosition(x=here.x, y=here.y, theta=0.0, map_id=self.map_id, position_initialized=True)
            drawn = draw_order(
                [{"checkpointId": name, "actions": []} for name in stops],
                CHECKPOINTS,
                start,
                vehicle.address,
                str(uuid4()),
                self.now.timestamp(),
                lambda: str(uuid4()),
            )
            self.session.add(
                Patrol(
                    patrol_id=str(uuid4()),
                    route_id="r",
                    route_name={"zh": "r", "en": "r"},
                    site_id="yard",
                    dog_id=dog_id,
                    manufacturer="xiaotian",
                    order_id=drawn.order.order_id,
                    order=msgspec.to_builtins(drawn.order),
                    status=PatrolStatus.SENT,
                    created_at=self.now,
                    assigned_by="chance",
                    checkpoints=records(drawn.checkpoints),
                )
            )
        self.session.flush()

    def _hear(self, dog_id: str) -> None:
        dog, address = self.dogs[dog_id], Address("xiaotian", dog_id, "xiaotian")
        told = decode(encode(compose(dog.report(), dog.situation, address, dog.now)), State)
        self.fleet.hear(address, told, self.now)
        for patrol in self.session.scalars(select(Patrol).where(Patrol.dog_id == dog_id, Patrol.status.in_(OPEN))):
            write_back(patrol, follow(progress_of(patrol), patrol.order_id, None, told, self.now))

    def _carry(self, topic: str, payload: bytes, _qos: int, _retain: bool, _beside: Sequence[tuple[str, str]]) -> bool:
        if self.chance.random() > LOST:
            dog = self.dogs[topic.split("/")[-2]]
            if topic.endswith("/order"):
                dog.tell(OrderCame(decode(payload, Order)))
            elif topic.endswith("/instantActions"):
                dog.tell(InstantActionsCame(decode(payload, InstantActions)))
        return True


def walk(session: Session, seed: int, most: int) -> tuple[int, int]:
    """All rounds of a yard; the steps that it took, and the updates by which orders grew."""
    chance = random.Random(seed)
    yard = Yard(session, chance, chance.randint(2, most))
    assert len({yard.places.inside(*door) for door in (*DOORS, PLACES["corridor"])}) == len(DOORS) + 1
    for step in range(4000):
        if yard.over:
            ended = list(session.scalars(select(Patrol)))
            assert {patrol.status for patrol in ended} == {PatrolStatus.COMPLETED}
            return step, sum(patrol.order["orderUpdateId"] for patrol in ended)
        yard.step()
        inside = yard.inside()
        assert len(set(inside.values())) == len(inside), f"two in one narrow place: {inside}"
    waits = [(p.dog_id, p.status, p.waits_for, p.order["orderUpdateId"]) for p in yard._open()]
    raise AssertionError(f"they do not arrive: {waits}")


def test_dogs_by_chance_in_doorways_and_dead_ends_never_meet_in_one_and_all_arrive(database: Database) -> None:
    with database.write() as session:
        updates = [walk(session, seed, most=6)[1] for seed in (1, 2)]
        assert sum(updates) > 5, "nobody had to wait"
        session.rollback()


def test_two_that_stand_in_one_doorway_are_both_let_out_of_it(database: Database) -> None:
    with database.write() as session:
        yard = Yard(session, random.Random(0), 2)
        yard.rounds = {dog_id: deque([[where]]) for dog_id, where in zip(yard.dogs, ("sw", "se"), strict=True)}
        for dog_id, dog in yard.dogs.items():
            dog.situation = replace(situation(*DOORS[0]), map_id=yard.map_id, docks=())
            yard._hear(dog_id)
        for _ in range(400):
            if yard.over:
                break
            yard.step()
        assert yard.over
        session.rollback()


@pytest.mark.parametrize("battery_low", [False, True])
def test_nobody_is_sent_head_on_to_a_dog_that_goes_home_by_itself(database: Database, battery_low: bool) -> None:
    """The one walks to its dock in the south-west, which the station did not order; the other is to go the other way
    through the doorway between them, and waits in the open until it has come through."""
    with database.write() as session:
        yard = Yard(session, random.Random(0), 2)
        home, other = yard.dogs
        yard.rounds = {home: deque(), other: deque([["se"]])}
        door = yard.places.inside(*DOORS[0])
        assert door is not None
        _goes_home(yard, home, 14.0, driving=True, low=battery_low)
        _stands(yard, other, 6.0)
        yard._give()
        (order,) = session.scalars(select(Patrol))
        yard.traffic.update(session, yard.now, ChangeEvents())
        assert order.waits_for is not None
        assert order.waits_for["heldBy"] == home
        assert [node["released"] for node in order.order["nodes"]] == [True, False]
        _stands(yard, home, 4.0)  # it has come through
        for _ in range(100):
            if yard.over:
                break
            yard.step()
        assert (order.status, yard.inside()) == (PatrolStatus.COMPLETED, {})
        session.rollback()


def test_a_dog_that_stands_or_is_driven_by_hand_keeps_nothing_of_a_way_home(database: Database) -> None:
    with database.write() as session:
        for driving, mode in ((False, "AUTOMATIC"), (True, "MANUAL")):
            yard = Yard(session, random.Random(0), 2)
            home, other = yard.dogs
            yard.rounds = {home: deque(), other: deque([["se"]])}
            _goes_home(yard, home, 14.0, driving=driving, low=False, mode=mode)
            _stands(yard, other, 6.0)
            yard._give()
            (order,) = session.scalars(select(Patrol))
            yard.traffic.update(session, yard.now, ChangeEvents())
            assert order.waits_for is None
        session.rollback()


def _stands(yard: Yard, dog_id: str, x: float) -> None:
    yard.dogs[dog_id].situation = replace(situation(x, 3.5), map_id=yard.map_id, docks=())
    yard._hear(dog_id)


def _goes_home(yard: Yard, dog_id: str, x: float, *, driving: bool, low: bool, mode: str = "AUTOMATIC") -> None:
    dog, address = yard.dogs[dog_id], Address("xiaotian", dog_id, "xiaotian")
    _stands(yard, dog_id, x)
    said = compose(dog.report(), dog.situation, address, dog.now)
    errors = [Error(error_type="batteryLow", error_level=ErrorLevel.WARNING)] if low else []
    said = msgspec.structs.replace(said, driving=driving, operating_mode=OperatingMode(mode), errors=errors)
    yard.fleet.hear(address, said, yard.now)
