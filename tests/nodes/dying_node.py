"""The runner with one node more, which dies of its first timer."""

from patrol_nodes import run
from rclpy.node import Node


class DyingNode(Node):
    def __init__(self) -> None:
        super().__init__("dying")
        self.create_timer(0.2, self._die)

    def _die(self) -> None:
        raise ZeroDivisionError("of nothing in particular")


if __name__ == "__main__":
    run.NODES["dying"] = ("__main__", "DyingNode", "dies")
    run.main()
