"""Python imports this at its start where this folder is on PYTHONPATH: one part of the dog is then a broken one.

It is how the tests build a broken stack out of the sound one; nothing of it is in the product. The part is named by
BROKEN_PART, and swapped when its module is imported.
"""

import importlib.machinery
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import Any


def deaf(intrusion: Any) -> None:
    """Perception that sees, and never says."""

    class Intrusion(intrusion.Intrusion):
        def update(self, *args: Any, **kwargs: Any) -> list[Any]:
            super().update(*args, **kwargs)
            return []

    intrusion.Intrusion = Intrusion


def gate_off(safety: Any) -> None:
    """A safety gate that lets everything pass."""

    class SafetyGate(safety.SafetyGate):
        def update(self, inputs: Any, now: float) -> Any:
            super().update(inputs, now)
            command = inputs.command or safety.STILL
            return safety.Verdict(command, safety.Level.CLEAR, (), False, 9.0, 9.0)

    safety.SafetyGate = SafetyGate


def forgetting(outbox: Any) -> None:
    """An outbox that forgets what it has sent, whether it was stored or not."""

    class Outbox(outbox.Outbox):
        def sent(self, key: str, now: float) -> None:
            super().sent(key, now)
            self.received([key])

    outbox.Outbox = Outbox


PARTS = {
    "deaf": ("edge.perception.intrusion", deaf),
    "gate_off": ("edge.navigation.safety_gate", gate_off),
    "forgetting": ("edge.link.outbox", forgetting),
}


class _Swap(MetaPathFinder):
    """Finds one module as Python does, and breaks it when it is loaded."""

    def __init__(self, name: str, swap: Any) -> None:
        self._name, self._swap = name, swap

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self._name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            load = loader.exec_module

            def load_broken(module: ModuleType) -> None:
                load(module)
                self._swap(module)
                sys.stdout.write(f"this build is broken: {os.environ['BROKEN_PART']}\n")
                sys.stdout.flush()

            loader.exec_module = load_broken
        return spec


if part := os.environ.get("BROKEN_PART"):
    sys.meta_path.insert(0, _Swap(*PARTS[part]))
