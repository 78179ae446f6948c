"""The topics of the situation, below a prefix; an empty one is an end."""

import hashlib
import json
import re

from fleet_server.mqtt_feed.situation import Said, Situation

ONLINE, OFFLINE = b"online", b"offline"


def topics(situation: Situation, root: str) -> dict[str, bytes]:
    """What each topic holds."""
    said = {site_topic(root, each["siteId"]): each for each in situation.sites}
    said |= {f"{site_topic(root, each['siteId'])}/incidents/{each['incidentId']}": each for each in situation.incidents}
    said |= {f"{site_topic(root, each['siteId'])}/patrols/{each['patrolId']}": each for each in situation.patrols}
    said |= {dog_topic(root, each["dogId"]): each for each in situation.dogs}
    return {topic: payload(each) for topic, each in said.items()}


def status_topic(root: str) -> str:
    """``online`` while the station publishes; ``offline`` by its last will."""
    return f"{root}/status"


def site_topic(root: str, site_id: str) -> str:
    """A site's own topic."""
    return f"{root}/sites/{level(site_id)}"


def dog_topic(root: str, dog_id: str) -> str:
    """A dog's own topic."""
    return f"{root}/dogs/{level(dog_id)}"


def level(name: str) -> str:
    """``name`` as one level of a topic, of letters that Home Assistant takes; two names never become one."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", name)
    return plain if plain == name else f"{plain}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def payload(said: Said) -> bytes:
    """As JSON."""
    return json.dumps(said, ensure_ascii=False).encode()
