"""One dog: which nodes run in which process, with which parameters."""

import contextlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.link.identity import Identity
from protocol.mqtt_client import Tls
from protocol.sd_notify import ALIVE, READY, notify
from protocol.topics import PREFIX
from sim.package_files import of_package
from xiaotian.child_processes import Family, Process, interruptible
from xiaotian.robot_profile import DEFAULT, read_profile

ROOT = Path(__file__).resolve().parents[1]
RESTART_S = 2.0  # long enough that a process which cannot start does not fill the log
BRINGUP = of_package("patrol_bringup", "config")

# The gate has a process of its own, so that nothing that thinks can hold it up; so has the camera, for its load.
PROCESSES: dict[str, list[str]] = {
    "safety": ["safety"],
    "drive": ["localization", "navigator", "mission", "link"],
    "perception": ["perception"],
}


@dataclass(frozen=True)
class Dog:
    """What a dog has to know at its start. Metres and radians in the frame ``map``."""

    name: str
    site: Path
    data: Path
    start: tuple[float, float, float]
    mqtt_host: str
    mqtt_port: int
    server_url: str
    upload_token_file: Path
    station_key_file: Path | None = None
    manufacturer: str = "xiaotian"
    mqtt_prefix: str = PREFIX
    tls: Tls | None = None
    detector: str = "auto"
    simulated: bool = True
    profile: str = DEFAULT


def enrolled(identity: Identity, site: Path, data: Path, start: tuple[float, float, float]) -> Dog:
    """The dog that enrolment made, standing at ``start`` on ``site``."""
    about = identity.about
    return Dog(
        name=about.name,
        manufacturer=about.manufacturer,
        site=site,
        data=data,
        start=start,
        mqtt_host=about.mqtt_host,
        mqtt_port=about.mqtt_port,
        mqtt_prefix=about.mqtt_prefix,
        server_url=about.server_url,
        upload_token_file=identity.upload_token,
        station_key_file=identity.station_key,
        tls=Tls(identity.authority, identity.certificate, identity.key),
    )


def processes(dog: Dog) -> list[Process]:
    """The processes of ``dog``."""
    return [
        Process(f"{dog.name}-{name}", [sys.executable, "-m", "patrol_nodes.run", *nodes, *_ros_arguments(dog)])
        for name, nodes in PROCESSES.items()
    ]


def ros_environment(domain_id: int) -> dict[str, str]:
    """The environment in which processes of one ROS graph meet, and no others: this machine, this domain."""
    profiles = str(BRINGUP / "fastdds.xml")
    return {
        "ROS_DOMAIN_ID": str(domain_id),
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "FASTRTPS_DEFAULT_PROFILES_FILE": profiles,
        "FASTDDS_DEFAULT_PROFILES_FILE": profiles,
        "PYTHONUNBUFFERED": "1",
        # NumPy's threads only fight each other for the two cores that a small computer has.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def run(dog: Dog, domain_id: int, say: Callable[[str], None]) -> None:
    """Keep the dog's processes running until interrupted; one that ends is started again after a pause."""
    interruptible()
    ros = ros_environment(domain_id)
    with Family(dog.data / "logs") as family, contextlib.suppress(KeyboardInterrupt):
        waiting = [(0.0, process) for process in processes(dog)]
        notify(READY)
        while True:
            now = time.monotonic()
            for due, process in [item for item in waiting if item[0] <= now]:
                waiting.remove((due, process))
                say(f"{process.name} starts")
                family.start(Process(process.name, process.command, ros))
            for process, code in family.take_ended():
                say(f"{process.name} ended with {code}; it starts again in {RESTART_S:.0f} s")
                waiting.append((now + RESTART_S, process))
            notify(ALIVE)
            time.sleep(0.2)


def _ros_arguments(dog: Dog) -> list[str]:
    parameters = {
        "use_sim_time": str(dog.simulated).lower(),
        "dog": dog.name,
        "site_folder": str(dog.site),
        "data_dir": str(dog.data),
        "mqtt_host": dog.mqtt_host,
        "mqtt_port": str(dog.mqtt_port),
        "server_url": dog.server_url,
        "upload_token_file": str(dog.upload_token_file),
        "station_key_file": str(dog.station_key_file or ""),
        "manufacturer": dog.manufacturer,
        "mqtt_prefix": dog.mqtt_prefix,
        "tls_ca": str(dog.tls.ca) if dog.tls else "",
        "tls_certificate": str(dog.tls.certificate) if dog.tls else "",
        "tls_key": str(dog.tls.key) if dog.tls else "",
        "detector": dog.detector,
        "initial_x": f"{dog.start[0]:.6f}",
        "initial_y": f"{dog.start[1]:.6f}",
        "initial_theta": f"{dog.start[2]:.6f}",
    }
    if dog.simulated:
        parameters["speech.output"] = "file"
    profile = read_profile(dog.profile)
    arguments = ["--ros-args", "-r", f"__ns:=/{dog.name}"]
    for file in (BRINGUP / "dog.yaml", profile.file):
        arguments += ["--params-file", str(file)]
    for ours, theirs in profile.remappings():
        arguments += ["-r", f"{ours}:={theirs}"]
    for name, value in parameters.items():
        if value:  # an empty one is the default of every text, and ROS cannot read it here
            arguments += ["-p", f"{name}:={value}"]
    return arguments
