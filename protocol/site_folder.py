"""A site as a folder: ``site.yaml`` and a map in Nav2's map_server format. Read once, checked here."""

import math
from pathlib import Path
from typing import Annotated, Any, get_args

import msgspec
import yaml
from msgspec import UNSET, Meta, UnsetType

from protocol.header import NonNegative, Wire
from protocol.map_file import grid_map, read_map_yaml
from protocol.on_blocked import MOST_TRIES, BlockedPolicy
from protocol.on_link_loss import MOST_MINUTES, LinkLossPolicy
from protocol.on_low_battery import LowBatteryPolicy
from protocol.rules import ZoneRules
from protocol.site import Checkpoint, Dock, EvidenceKey, Geodetic, GridMap, Text, Zone
from protocol.speech import MOST_SENTENCES, SiteSentence

SITE_FILE = "site.yaml"


class MalformedSite(ValueError):
    """A site folder that cannot be used; the text names the file, the place in it and what was expected."""


class StopAction(Wire, frozen=True, kw_only=True):
    """What a dog does at a stop; ``seconds`` is for ``dwell``."""

    type: str
    seconds: NonNegative | UnsetType = UNSET


class OnBlocked(Wire, frozen=True, kw_only=True):
    """What a dog does that cannot get to a stop; ``tries`` is for ``skip`` and ``home``."""

    policy: BlockedPolicy
    tries: Annotated[int, Meta(ge=1, le=MOST_TRIES)] | UnsetType = UNSET

    def __post_init__(self) -> None:
        if (self.policy is not BlockedPolicy.WAIT) != (self.tries is not UNSET):
            raise ValueError("skip and home need tries, and wait takes none")


class Stop(Wire, frozen=True, kw_only=True):
    """A checkpoint of a route and the work there; ``theta`` where the dog looks another way than the checkpoint's."""

    checkpoint_id: str
    actions: list[StopAction] = []
    theta: Annotated[float, Meta(ge=-math.tau, le=math.tau)] | UnsetType = UNSET
    on_blocked: OnBlocked | UnsetType = UNSET


class OnLinkLoss(Wire, frozen=True, kw_only=True):
    """What a dog on the route does when the station is out of reach; ``minutes`` is for ``carryOnThenHome``."""

    policy: LinkLossPolicy
    minutes: Annotated[float, Meta(ge=0, le=MOST_MINUTES)] | UnsetType = UNSET

    def __post_init__(self) -> None:
        if (self.policy is LinkLossPolicy.CARRY_ON_THEN_HOME) != (self.minutes is not UNSET):
            raise ValueError("carryOnThenHome needs minutes, and no other policy takes them")


class OnLowBattery(Wire, frozen=True, kw_only=True):
    """What becomes of a round when the dog has to charge."""

    policy: LowBatteryPolicy


class StarterRoute(Wire, frozen=True, kw_only=True):
    """A route that a site comes with."""

    route_id: str
    name: Text
    stops: Annotated[list[Stop], Meta(min_length=1)]
    on_link_loss: OnLinkLoss | UnsetType = UNSET
    on_blocked: OnBlocked | UnsetType = UNSET
    on_low_battery: OnLowBattery | UnsetType = UNSET


class SiteFile(Wire, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``site.yaml``; its keys are the wire's in snake_case. ``map`` names the map's YAML file beside it.

    ``evidence_key``: dogs seal originals to it; left out, no original is kept. ``sentences``: what operators have dogs
    speak there, the usual first; they are for operators, and no dog is told them.
    """

    site_id: str
    name: Text
    timezone: str
    origin: Geodetic
    map: str
    zones: list[Zone] = []
    checkpoints: list[Checkpoint] = []
    docks: list[Dock] = []
    routes: list[StarterRoute] = []
    evidence_key: EvidenceKey | UnsetType = UNSET
    sentences: Annotated[list[SiteSentence], Meta(max_length=MOST_SENTENCES)] | UnsetType = UNSET


def read_site(folder: Path) -> tuple[SiteFile, GridMap]:
    """The site in ``folder`` and its map; raises MalformedSite."""
    path = folder / SITE_FILE
    said = _camel(_yaml(path))
    site = _convert(said, SiteFile, path)
    for zone in said.get("zones", []):
        refuse_unknown(zone.get("rules"), ZoneRules, f"{path}: zone {zone['zoneId']!r}, rules")
    known = {checkpoint.checkpoint_id for checkpoint in site.checkpoints}
    for route in site.routes:
        for stop in route.stops:
            if stop.checkpoint_id not in known:
                raise MalformedSite(f"{path}: route {route.route_id!r} stops at {stop.checkpoint_id!r}, no checkpoint")
    return site, read_map(folder / site.map, site.site_id)


def read_map(path: Path, map_id: str) -> GridMap:
    """The map that ``path`` (map.yaml) describes, as the wire carries it; raises MalformedSite."""
    picture = path
    try:
        described = read_map_yaml(path.read_text(encoding="utf-8"))
        picture = path.parent / described.image
        return grid_map(described, picture.read_bytes(), map_id)
    except OSError as error:
        raise MalformedSite(f"{picture}: {error.strerror}") from error
    except ValueError as error:
        raise MalformedSite(f"{picture}: {error}") from error


def refuse_unknown(said: Any, kind: type[Any], where: str) -> None:
    """Raise MalformedSite at the first key that no rule has: the wire lets it pass, for a later version's sake."""
    fields = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
    for key, value in said.items() if isinstance(said, dict) else ():
        if key not in fields:
            raise MalformedSite(f"{where}: {key!r} is none; there are {', '.join(fields)}")
        rule = next((each for each in get_args(fields[key]) if isinstance(each, type(Wire))), None)
        if rule is not None:
            refuse_unknown(value, rule, f"{where}.{key}")


def _yaml(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MalformedSite(f"{path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise MalformedSite(f"{path}: {error}") from error


def _convert(data: Any, kind: type[Any], path: Path) -> Any:
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise MalformedSite(f"{path}: {error}") from error


def _camel(value: Any) -> Any:
    """The same tree with its mappings' keys in the wire's camelCase."""
    if isinstance(value, dict):
        return {_camel_key(str(key)): _camel(item) for key, item in value.items()}
    return [_camel(item) for item in value] if isinstance(value, list) else value


def _camel_key(key: str) -> str:
    head, *tail = key.split("_")
    return head + "".join(part.capitalize() for part in tail)
