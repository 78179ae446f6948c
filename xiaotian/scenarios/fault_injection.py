"""What the runner itself does to a run: the network, the broker, the server, a dog's power; each for a time."""

from collections.abc import Callable
from dataclasses import dataclass

from xiaotian.api_client import operation as op
from xiaotian.child_processes import Family, Process
from xiaotian.local_stack import LocalStack
from xiaotian.robot_processes import PROCESSES
from xiaotian.scenarios.network_proxy import NetworkProxies
from xiaotian.scenarios.scenario import BrokerDown, Cancel, ClearFall, Fault, Happening, Network, PowerCut, ServerDown


@dataclass(frozen=True)
class _UnderWay:
    name: str
    until: float
    mend: Callable[[], None]


class Faults:
    """Begins faults and mends them when their time is over."""

    def __init__(self, stage: LocalStack, family: Family, wires: NetworkProxies, broker: Process) -> None:
        self._stage = stage
        self._family = family
        self._wires = wires
        self._broker = broker
        self._under_way: list[_UnderWay] = []

    @property
    def under_way(self) -> bool:
        """Whether a fault is still to be mended."""
        return bool(self._under_way)

    def begin(self, happening: Happening, now: float) -> None:
        """Do what ``happening`` says; its end comes by ``end_due``."""
        fault = happening.fault
        assert fault is not None
        mend = self._do(fault)
        seconds = getattr(fault, "seconds", 0.0)
        if mend is not None:
            self._under_way.append(_UnderWay(happening.id, now + seconds, mend))

    def end_due(self, now: float) -> list[str]:
        """Mend what is over; the ids of it."""
        over = [fault for fault in self._under_way if fault.until <= now]
        self._under_way = [fault for fault in self._under_way if fault not in over]
        for fault in over:
            fault.mend()
        return [fault.name for fault in over]

    def _do(self, fault: Fault) -> Callable[[], None] | None:
        if isinstance(fault, Network):
            return self._spoil_network(fault)
        if isinstance(fault, BrokerDown):
            killed = self._family.kill(self._broker.name)
            return lambda: self._start(killed)
        if isinstance(fault, ServerDown):
            self._family.kill("server")
            return self._stage.start_server
        if isinstance(fault, PowerCut):
            return self._cut_power(fault)
        dog = fault.dog or self._first
        if isinstance(fault, ClearFall):
            self._clear_fall(dog)
        else:
            assert isinstance(fault, Cancel)
            self._cancel(dog)
        return None

    def _spoil_network(self, fault: Network) -> Callable[[], None]:
        dogs = [fault.dog] if fault.dog else list(self._stage.dogs)
        for dog in dogs:
            self._wires.set_weather(dog, fault)

        def mend() -> None:
            for dog in dogs:
                self._wires.set_weather(dog, None)

        return mend

    def _cut_power(self, fault: PowerCut) -> Callable[[], None]:
        """Kill a dog's processes; those that come back are not told where the dog stands."""
        dog = fault.dog or self._first
        names = [f"{dog}-{part}" for part in fault.processes or PROCESSES]
        for name in names:
            self._family.kill(name)

        def mend() -> None:
            for process in self._stage.dog_processes(dog, found=False):
                if process.name in names:
                    self._start(process)

        return mend

    def _cancel(self, dog: str) -> None:
        with self._stage.client() as client:
            for patrol in client.ask(op.PATROLS, query={"dogId": dog}):
                if patrol.ended_at is None:
                    client.ask(op.CANCEL_PATROL, patrol_id=patrol.patrol_id)

    def _clear_fall(self, dog: str) -> None:
        with self._stage.client() as client:
            client.ask(op.CLEAR_FALL, dog_id=dog)

    @property
    def _first(self) -> str:
        return next(iter(self._stage.dogs))

    def _start(self, process: Process) -> None:
        self._family.start(process)
