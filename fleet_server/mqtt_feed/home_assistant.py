"""Home Assistant's MQTT discovery (home-assistant.io/integrations/mqtt): a device for each site and each dog."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version

from fleet_server.mqtt_feed.situation import DogActivity, Said, Situation
from fleet_server.mqtt_feed.topics import dog_topic, level, payload, site_topic, status_topic

WHEN = "{{ value_json.newestIncident.receivedAt if value_json.newestIncident else 'None' }}"
NEWEST = "{{ (value_json.newestIncident or {}) | tojson }}"


@dataclass(frozen=True, slots=True)
class Entity:
    """``component`` is Home Assistant's; ``names`` are Chinese and English; ``template`` reads the device's topic."""

    component: str
    object_id: str
    names: tuple[str, str]
    template: str
    more: Said


def _figure(object_id: str, chinese: str, english: str, field: str) -> Entity:
    more: Said = {"state_class": "measurement"}
    return Entity("sensor", object_id, (chinese, english), f"{{{{ value_json.{field} }}}}", more)


OF_A_SITE = (
    Entity(
        "binary_sensor",
        "incident",
        ("有未结事件", "Incident"),
        "{{ 'ON' if value_json.openIncidents > 0 else 'OFF' }}",
        {"device_class": "problem"},
    ),
    _figure("open_incidents", "未结事件", "Open incidents", "openIncidents"),
    _figure("unacknowledged", "未确认事件", "Unacknowledged incidents", "unacknowledged"),
    Entity(
        "sensor",
        "newest_incident",
        ("最新事件", "Newest incident"),
        WHEN,
        {"device_class": "timestamp", "json_attributes_template": NEWEST},
    ),
    _figure("patrols", "进行中的巡逻", "Patrols under way", "patrolsUnderWay"),
    _figure("dogs_live", "在线机器犬", "Dogs live", "dogsLive"),
)
OF_A_DOG = (
    Entity(
        "binary_sensor",
        "live",
        ("在线", "Live"),
        "{{ 'ON' if value_json.live else 'OFF' }}",
        {"device_class": "connectivity"},
    ),
    Entity(
        "sensor",
        "state",
        ("状态", "State"),
        "{{ value_json.state }}",
        {"device_class": "enum", "options": [str(each) for each in DogActivity]},
    ),
    Entity(
        "sensor",
        "battery",
        ("电量", "Battery"),
        "{{ value_json.batteryCharge }}",
        {"device_class": "battery", "state_class": "measurement", "unit_of_measurement": "%"},
    ),
    Entity(
        "sensor",
        "last_contact",
        ("最后联系", "Last contact"),
        "{{ value_json.lastContact }}",
        {"device_class": "timestamp"},
    ),
)


def discovery(situation: Situation, root: str, prefix: str, language: str) -> dict[str, bytes]:
    """The retained configurations below ``prefix``, with names in ``language`` (zh or en)."""
    said: dict[str, bytes] = {}
    for site in situation.sites:
        device = {"name": site["name"].get(language) or site["siteId"], "manufacturer": "Xiaotian", "model": "site"}
        node = f"{level(root)}_site_{level(site['siteId'])}"
        said |= _configurations(OF_A_SITE, node, device, site_topic(root, site["siteId"]), root, prefix, language)
    for dog in situation.dogs:
        device = {"name": dog["dogId"], "manufacturer": dog["manufacturer"], "model": "dog"}
        node = f"{level(root)}_dog_{level(dog['dogId'])}"
        said |= _configurations(OF_A_DOG, node, device, dog_topic(root, dog["dogId"]), root, prefix, language)
    return said


def _configurations(
    entities: tuple[Entity, ...], node: str, device: Said, topic: str, root: str, prefix: str, language: str
) -> Iterator[tuple[str, bytes]]:
    for entity in entities:
        unique_id = f"{node}_{entity.object_id}"
        said = {
            "name": entity.names[("zh", "en").index(language)],
            "unique_id": unique_id,
            "default_entity_id": f"{entity.component}.{unique_id.lower()}",
            "device": {"identifiers": [node], **device},
            "origin": {"name": "Xiaotian", "sw_version": version("xiaotian")},
            "availability_topic": status_topic(root),
            "state_topic": topic,
            "value_template": entity.template,
            **entity.more,
        }
        if "json_attributes_template" in said:
            said["json_attributes_topic"] = topic
        yield f"{prefix}/{entity.component}/{node}/{entity.object_id}/config", payload(said)
