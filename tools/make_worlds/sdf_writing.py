"""SDF text: parts with a colour, models made of them, and a world of models. Metres, radians, x east, y north, z up."""

from collections.abc import Sequence
from dataclasses import dataclass, field

Colour = tuple[float, float, float]
Pose = tuple[float, ...]  # x y z, or x y z roll pitch yaw
DRAG = 500.0  # N s/m, of model://person in Gazebo: with so much force a m/s he walks at his speed

HEAD = """<?xml version="1.0"?>
<!-- Written by `python -m tools.make_worlds`: change the layout there, not here. -->
<sdf version="1.9">
  <world name="{name}">
    <physics name="two_milliseconds" type="ignored">
      <max_step_size>0.002</max_step_size>
      <real_time_factor>1</real_time_factor>
    </physics>
    <plugin filename="gz-sim-physics-system" name="gz::sim::systems::Physics"/>
    <plugin filename="gz-sim-user-commands-system" name="gz::sim::systems::UserCommands"/>
    <plugin filename="gz-sim-scene-broadcaster-system" name="gz::sim::systems::SceneBroadcaster"/>
    <plugin filename="gz-sim-sensors-system" name="gz::sim::systems::Sensors">
      <render_engine>ogre2</render_engine>
    </plugin>
    <plugin filename="gz-sim-imu-system" name="gz::sim::systems::Imu"/>
    <spherical_coordinates>
      <surface_model>EARTH_WGS84</surface_model>
      <world_frame_orientation>ENU</world_frame_orientation>
      <latitude_deg>{latitude}</latitude_deg>
      <longitude_deg>{longitude}</longitude_deg>
      <elevation>4</elevation>
      <heading_deg>0</heading_deg>
    </spherical_coordinates>
    <scene>
      <ambient>0.55 0.56 0.6 1</ambient>
      <background>0.62 0.76 0.92 1</background>
    </scene>
    <light name="sun" type="directional">
      <pose>0 0 30 0 0 0</pose>
      <diffuse>0.75 0.73 0.68 1</diffuse>
      <specular>0.2 0.2 0.2 1</specular>
      <direction>0.35 0.45 -0.82</direction>
      <cast_shadows>false</cast_shadows>
    </light>
    <light name="sky" type="directional">
      <pose>0 0 30 0 0 0</pose>
      <diffuse>0.22 0.24 0.28 1</diffuse>
      <specular>0 0 0 1</specular>
      <direction>-0.5 -0.4 -0.77</direction>
      <cast_shadows>false</cast_shadows>
    </light>
"""


@dataclass(frozen=True)
class Paint:
    """A surface: its colour, how much it shines back, and the light that it gives off itself."""

    colour: Colour
    shine: float = 0.1
    glow: Colour | None = None

    def xml(self) -> str:
        """The <material>."""
        colour, shine = numbers((*self.colour, 1)), numbers((self.shine,) * 3 + (1,))
        glow = f"<emissive>{numbers((*self.glow, 1))}</emissive>" if self.glow else ""
        return (
            f"<material><ambient>{colour}</ambient><diffuse>{colour}</diffuse>"
            f"<specular>{shine}</specular>{glow}</material>"
        )


@dataclass
class Thing:
    """A static model of one link, its parts added one by one; their names must differ."""

    name: str
    pose: Pose = (0, 0, 0)
    _lines: list[str] = field(default_factory=list)

    def seen(self, name: str, at: Pose, size: Sequence[float], paint: Paint) -> None:
        """A part that is seen and not felt. Three sizes make a box, two (radius, length) a cylinder."""
        self._lines += [
            f'        <visual name="{name}">',
            f"          <pose>{pose(at)}</pose>",
            f"          <geometry>{geometry(size)}</geometry>",
            f"          {paint.xml()}",
            "        </visual>",
        ]

    def felt(self, name: str, at: Pose, size: Sequence[float]) -> None:
        """A part that is felt and not seen."""
        self._lines += [
            f'        <collision name="{name}_collision">',
            f"          <pose>{pose(at)}</pose>",
            f"          <geometry>{geometry(size)}</geometry>",
            "        </collision>",
        ]

    def solid(self, name: str, at: Pose, size: Sequence[float], paint: Paint) -> None:
        """A part that is both."""
        self.felt(name, at, size)
        self.seen(name, at, size, paint)

    def xml(self) -> list[str]:
        """Its lines."""
        head = [f'    <model name="{self.name}">', "      <static>true</static>"]
        if any(self.pose):
            head.append(f"      <pose>{pose(self.pose)}</pose>")
        return [*head, '      <link name="link">', *self._lines, "      </link>", "    </model>"]


@dataclass
class World:
    """A world to be: what stands in it, in the order in which it was put there."""

    name: str
    latitude: float
    longitude: float
    _lines: list[str] = field(default_factory=list)

    def ground(self, width: float, height: float, paint: Paint) -> None:
        """The plane that all stands on, its middle at the origin. It is what the map covers."""
        plane = f"<geometry><plane><normal>0 0 1</normal><size>{numbers((width, height))}</size></plane></geometry>"
        self._lines += [
            '    <model name="ground">',
            "      <static>true</static>",
            '      <link name="link">',
            f'        <collision name="ground_collision">{plane}</collision>',
            f'        <visual name="ground">{plane}{paint.xml()}</visual>',
            "      </link>",
            "    </model>",
        ]

    def add(self, thing: Thing) -> None:
        """Put ``thing`` there."""
        self._lines += thing.xml()

    def include(self, model: str, name: str, at: Pose, extra: str = "") -> None:
        """Put a copy of ``model://model`` there; ``extra`` is more XML in the include."""
        self._lines += [
            "    <include>",
            f"      <uri>model://{model}</uri>",
            f"      <name>{name}</name>",
            f"      <pose>{pose(at)}</pose>",
            *([extra] if extra else []),
            "    </include>",
        ]

    def person(
        self, name: str, way: Sequence[tuple[float, float]], speed: float, pause: float, top: Colour, trousers: Colour
    ) -> None:
        """Somebody who walks from point to point, round and round."""
        points = "".join(f"<waypoint>{numbers(point)}</waypoint>" for point in way)
        extra = (
            '      <plugin filename="gz-sim-trajectory-follower-system" name="gz::sim::systems::TrajectoryFollower">\n'
            "        <link_name>link</link_name><loop>true</loop><range_tolerance>0.3</range_tolerance>\n"
            f"        <force>{DRAG * speed:g}</force><torque>30</torque>\n"
            f"        <waypoints>{points}</waypoints>\n"
            f"        <speed>{speed:g}</speed><pause>{pause:g}</pause>\n"
            f"        <top>{numbers(top)}</top><trousers>{numbers(trousers)}</trousers>\n"
            "      </plugin>"
        )
        self.include("person", name, (*way[0], 0), extra)

    def xml(self) -> str:
        """The whole file."""
        head = HEAD.format(name=self.name, latitude=self.latitude, longitude=self.longitude)
        return head + "\n".join([*self._lines, "  </world>", "</sdf>", ""])


def geometry(size: Sequence[float]) -> str:
    """What goes into <geometry>."""
    if len(size) == 3:
        return f"<box><size>{numbers(size)}</size></box>"
    radius, length = size
    return f"<cylinder><radius>{radius:g}</radius><length>{length:g}</length></cylinder>"


def pose(at: Pose) -> str:
    """Six numbers."""
    return numbers((*at, 0, 0, 0)[:6])


def numbers(values: Sequence[float]) -> str:
    """With blanks between, to the tenth of a millimetre."""
    return " ".join(f"{round(value, 4) + 0:g}" for value in values)
