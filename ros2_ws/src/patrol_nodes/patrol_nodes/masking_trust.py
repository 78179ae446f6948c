"""Whether pictures may leave a dog, live or as clips, that this detector masks."""

from rclpy.node import Node

from edge.perception.detector import Detector
from edge.perception.person_sim import PersonSim


def masks_people(node: Node, detector: Detector) -> bool:
    """A detector that knows simulated people alone is not trusted with the heads of real ones."""
    return not isinstance(detector, PersonSim) or bool(node.get_parameter("use_sim_time").value)
