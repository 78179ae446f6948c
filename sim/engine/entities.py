"""Who and what can appear in a world, found in its SDF and its script beforehand: MuJoCo adds nothing later."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import structlog

from sim.engine import script
from sim.engine.dog import DogPlan, Make
from sim.engine.dog_bodies import add_dog
from sim.engine.mujoco_model import Touch, add_static, new_spec
from sim.engine.people import Figure, add_person, find_figure
from sim.engine.props import Prop, add_prop, find_prop, road_block
from sim.engine.script import MalformedScript, Script
from sim.engine.sdf import MalformedWorld, Model, World, read_model
from sim.engine.smoke_and_fire import Fire, Smoke, add_fire, add_smoke, find_fire, find_smoke
from sim.engine.transforms import Matrix
from sim.engine.walkers import follower

import mujoco  # isort: skip

log = structlog.get_logger()
MOVERS = (script.Move, script.Door, script.Remove)


@dataclass
class Roles:
    """What a world and its script call for. ``homes``: where the world has the models that the script moves."""

    walkers: list[Model] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    props: dict[str, Model] = field(default_factory=dict)
    homes: dict[str, Matrix] = field(default_factory=dict)
    plumes: list[str] = field(default_factory=list)
    blazes: list[str] = field(default_factory=list)


@dataclass
class Entities:
    """All of them in a compiled world."""

    figures: dict[str, Figure]
    props: dict[str, Prop]
    plumes: dict[str, Smoke]
    blazes: dict[str, Fire]

    def solid(self) -> list[int]:
        """The mocap bodies that can be touched; the others are posed for pictures alone."""
        links = [body for prop in self.props.values() for body, _ in prop.links]
        return [*(figure.hull for figure in self.figures.values()), *links]


def roles_in(world: World, told: Script, dogs: Sequence[DogPlan]) -> Roles:
    """The roles; raises MalformedScript where the script names what is not there, or one name for two things."""
    roles = Roles(walkers=[model for model in world.models if follower(model) is not None])
    taken = {model.name for model in world.models} | {plan.name for plan in dogs}
    mistakes: list[str] = []
    for entry in told:
        try:
            _cast(entry, roles, taken, {plan.name: plan for plan in dogs})
        except (ValueError, MalformedWorld) as error:
            mistakes.append(f"script: {type(entry).__struct_config__.tag} at {entry.at:g} s: {error}")
    _cast_movers(world, told, roles, mistakes)
    if mistakes:
        raise MalformedScript("\n".join(mistakes))
    return roles


def _cast(entry: script.Happening, roles: Roles, taken: set[str], dogs: dict[str, DogPlan]) -> None:
    dog = getattr(entry, "dog", None)
    if dog is not None and dog not in dogs:
        raise ValueError(f"there is no dog {dog!r}; there are {', '.join(dogs) or 'none'}")
    if isinstance(entry, script.Topple) and dogs[entry.dog].make is Make.LIGHT:
        raise ValueError(f"{entry.dog!r} has a light body, which cannot fall")
    walkers = {model.name for model in roles.walkers}
    lists = {"person": roles.people, "smoke": roles.plumes, "fire": roles.blazes}
    for name, role in _names(entry):
        if isinstance(role, Model):
            fits = name in roles.props and roles.props[name].name == role.name
        else:
            fits = name in lists[role] or (role == "person" and name in walkers)
        if fits:
            continue
        if name in taken:
            raise ValueError(f"{name!r} is already the name of something else")
        taken.add(name)
        if isinstance(role, Model):
            roles.props[name] = role
        else:
            lists[role].append(name)


def _names(entry: script.Happening) -> Iterator[tuple[str, Model | str]]:
    """The names that ``entry`` brings in, and what for."""
    match entry:
        case script.Person():
            yield entry.name, "person"
        case script.Gather():
            for n in range(entry.count):
                yield f"{entry.name}_{n + 1}", "person"
        case script.Vehicle() | script.Thing():
            yield entry.name, read_model(entry.model)
        case script.Block():
            yield entry.name, road_block(entry.width)
        case script.Smoke():
            yield entry.name, "smoke"
        case script.Fire():
            yield entry.name, "fire"
            if entry.smoke:
                yield smoke_of(entry.name), "smoke"


def smoke_of(fire: str) -> str:
    """The name of a fire's smoke."""
    return f"{fire}_smoke"


def _cast_movers(world: World, told: Script, roles: Roles, mistakes: list[str]) -> None:
    """Models of the world that the script moves, turns or takes away become props."""
    models = {model.name: model for model in world.models}
    brought = {*walkers_in(roles), *roles.people, *roles.props, *roles.plumes, *roles.blazes}
    brought |= {entry.name for entry in told if isinstance(entry, script.Gather)}
    for entry in told:
        if not isinstance(entry, MOVERS) or entry.name in roles.homes:
            continue
        if entry.name in models and entry.name not in brought:
            roles.props[entry.name] = models[entry.name]
            roles.homes[entry.name] = models[entry.name].pose
        elif entry.name not in brought or isinstance(entry, script.Door):
            near = script.nearest(entry.name, [*models, *brought])
            what = (
                f"there is no {'model' if isinstance(entry, script.Door) else 'thing'} {entry.name!r} to {_verb(entry)}"
            )
            mistakes.append(f"script: {_verb(entry)} at {entry.at:g} s: {what}{near}")


def _verb(entry: script.Happening) -> str:
    return str(type(entry).__struct_config__.tag)


def compile_world(
    world: World, roles: Roles, person: Model, dogs: Sequence[DogPlan], bodies: Sequence[Model]
) -> "mujoco.MjModel":
    """All of it as one MuJoCo model."""
    spec = new_spec(world)
    walkers = {model.name for model in roles.walkers}
    for model in world.models:
        if model.name in walkers or model.name in roles.homes:
            continue
        if not model.static:
            log.warning("sdf_not_supported", element=f"model {model.name}: free bodies; it is taken as static")
        add_static(spec, model)
    for name in (*walkers_in(roles), *roles.people):
        add_person(spec, person, name)
    for name, model in roles.props.items():
        add_prop(spec, replace(model, name=name), name)
    for name in roles.plumes:
        add_smoke(spec, name)
    for name in roles.blazes:
        add_fire(spec, name)
    for index, (plan, model) in enumerate(zip(dogs, bodies, strict=True)):
        touch = int(Touch.FIRST_DOG) << index
        add_dog(spec, model, (plan.x, plan.y, plan.theta), touch, plan.make is Make.LEGGED)
    return spec.compile()


def walkers_in(roles: Roles) -> list[str]:
    """The names of those who walk in the world's SDF."""
    return [model.name for model in roles.walkers]


def find_entities(compiled: "mujoco.MjModel", roles: Roles, person: Model) -> Entities:
    """The cast in the compiled world."""
    return Entities(
        figures={n: find_figure(compiled, person, n) for n in (*walkers_in(roles), *roles.people)},
        props={n: find_prop(compiled, model, n, roles.homes.get(n)) for n, model in roles.props.items()},
        plumes={n: find_smoke(compiled, n) for n in roles.plumes},
        blazes={n: find_fire(compiled, n) for n in roles.blazes},
    )
