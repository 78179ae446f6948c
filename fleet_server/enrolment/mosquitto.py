"""What Mosquitto is told: its configuration, and who may say and hear what, by its dynamic security plugin.

A dog is a client of the plugin by the name in its certificate, which no other certificate ever bears. To take a dog
out is to delete that client: Mosquitto ends its connection at once, and gives nothing to anybody whom it does not know.
(To disable it would not do: a certificate passes the plugin's sign-in, and the dog would be back with all its rights;
seen with Mosquitto 2.0.11.) The name is the client id as well, whatever the client says: else one dog could take the
place of another at the broker, again and again, and so keep it off.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fleet_server.core.fleet_folder import SERVER
from protocol.topics import TABLE, Address, Topic

CONTROL = "$CONTROL/dynamic-security/v1"
PLUGIN = next(
    iter(sorted(Path("/usr/lib").glob("*/mosquitto_dynamic_security.so"))),  # Debian's, on whatever machine
    Path("/usr/lib/mosquitto_dynamic_security.so"),
)
MOST_PACKET = 2 * 1024 * 1024 + 64 * 1024  # bytes: a site with its map, and its head
SHOWN = 20  # characters of a dog's name in its certificate; with the serial number 61 of the 64 that X.509 allows
MOST_WAITING = 2000  # messages that wait for one client; what a dog must not lose it says again

CONFIGURATION = """\
# Written by `xiaotian fleet init`. Start: mosquitto -c {folder}/mosquitto.conf
user {user}
per_listener_settings false
allow_anonymous false
plugin {plugin}
plugin_opt_config_file {folder}/dynamic-security.json
persistence true
persistence_location {folder}/
max_packet_size {most}
max_queued_messages {waiting}
max_inflight_messages 100
log_type error
log_type warning
log_type notice

listener {port} {bind}
cafile {folder}/ca.pem
certfile {folder}/station.pem
keyfile {folder}/station.key
tls_version tlsv1.2
require_certificate true
use_identity_as_username true
use_username_as_clientid true
"""


def username(address: Address, serial: int) -> str:
    """The name in a dog's certificate of this serial number, by which the broker knows it."""
    return f"{address.serial_number[:SHOWN]}.{serial:x}"


def configuration(folder: Path, bind: str, port: int, user: str, plugin: Path) -> str:
    """Mosquitto's configuration file; ``bind`` is the address on which it listens."""
    return CONFIGURATION.format(
        folder=folder, user=user, plugin=plugin, most=MOST_PACKET, waiting=MOST_WAITING, port=port, bind=bind
    )


def first_rules() -> str:
    """The plugin's own file at the start: the fleet server may do all, and nobody else is known."""
    everything = [
        _rule(kind, topic)
        for topic in ("#", "$CONTROL/dynamic-security/#")
        for kind in ("publishClientSend", "publishClientReceive", "subscribePattern")
    ]
    rules = {
        "defaultACLAccess": dict.fromkeys(("publishClientSend", "publishClientReceive", "subscribe"), False)
        | {"unsubscribe": True},
        "roles": [{"rolename": "station", "acls": everything}],
        "groups": [],
        "clients": [{"username": SERVER, "roles": [{"rolename": "station"}]}],
    }
    return json.dumps(rules, indent=2) + "\n"


def admission(address: Address, name: str) -> list[dict[str, Any]]:
    """The plugin's commands that let a dog in whose certificate bears ``name``; each may be said again."""
    return [
        {"command": "createRole", "rolename": name, "acls": _rules(address)},
        {"command": "createClient", "username": name, "roles": [{"rolename": name}]},
    ]


def expulsion(name: str) -> list[dict[str, Any]]:
    """The commands that end the connection and all rights of the certificate that bears ``name``."""
    return [{"command": "deleteClient", "username": name}, {"command": "deleteRole", "rolename": name}]


def request(commands: Iterable[dict[str, Any]]) -> bytes:
    """The commands as a message on CONTROL."""
    return json.dumps({"commands": list(commands)}).encode()


def _rules(address: Address) -> list[dict[str, Any]]:
    """A dog says what dogs say, and hears what is said to it, under its own name alone."""
    said = [_rule("publishClientSend", address.topic(topic)) for topic, row in TABLE.items() if row.from_robot]
    # Its own will, when it is late, must be heard: it says ONLINE again.
    heard = [topic for topic, row in TABLE.items() if not row.from_robot or topic is Topic.CONNECTION]
    both = ("publishClientReceive", "subscribeLiteral")
    return said + [_rule(kind, address.topic(topic)) for topic in heard for kind in both]


def _rule(kind: str, topic: str) -> dict[str, Any]:
    return {"acltype": kind, "topic": topic, "priority": 0, "allow": True}
