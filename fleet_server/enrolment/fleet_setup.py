"""``xiaotian fleet init``: makes the folder of keys, certificates and the brokers' configurations."""

import datetime as dt
import json
import os
import pwd
import shutil
import stat
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from fleet_server.core.embedded_broker import configuration as embedded_configuration
from fleet_server.core.fleet_folder import ABOUT, SERVER, About, BadFolder, FleetFolder, check_reader
from fleet_server.core.secret_file import write_secret
from fleet_server.core.signing import PRIVATE_KEY, PUBLIC_KEY, station_key
from fleet_server.enrolment import mosquitto
from fleet_server.enrolment.pki import Pair, make_authority, make_client, make_server


def authority_of(folder: FleetFolder) -> Pair:
    """The authority of ``folder``, with its key; raises BadFolder."""
    try:
        return Pair(folder.ca.read_bytes(), (folder.root / "ca.key").read_bytes())
    except OSError as error:
        raise BadFolder(f"{folder.root}: {error}; was it made by `xiaotian fleet init`?") from error


def init(
    root: Path, about: About, bind: str, user: str, plugin: Path, now: dt.datetime, force: bool = False
) -> FleetFolder:
    """Make the folder; raises BadFolder where it is not empty, unless ``force``: then every dog must enrol anew.

    So it does where the broker's ``user`` could never come there.
    """
    if root.exists() and any(root.iterdir()) and not force:
        raise BadFolder(f"{root} is not empty: its keys would be lost, and every dog with them (--force does that)")
    _check_way(root.resolve(), user)
    folder = FleetFolder(root.resolve())
    for path in (folder.root, folder.mosquitto):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = make_authority("Xiaotian", now)
    _keep(folder.root, "ca", made)
    _keep(folder.root, "station", make_server(made, about.hosts, now))
    _keep(folder.root, SERVER, make_client(made, SERVER, now))
    for name in (PRIVATE_KEY, PUBLIC_KEY):
        (folder.root / name).unlink(missing_ok=True)
    station_key(folder.root / PRIVATE_KEY, folder.root / PUBLIC_KEY)
    (folder.root / ABOUT).write_text(json.dumps(asdict(about), indent=2) + "\n")
    _write_brokers(folder, about, bind, user, plugin)
    return folder


def _write_brokers(folder: FleetFolder, about: About, bind: str, user: str, plugin: Path) -> None:
    for name in ("ca.pem", "station.pem"):
        shutil.copy(folder.root / name, folder.mosquitto / name)
    write_secret(folder.mosquitto / "station.key", (folder.root / "station.key").read_bytes())
    write_secret(folder.mosquitto / "dynamic-security.json", mosquitto.first_rules().encode())
    text = mosquitto.configuration(folder.mosquitto, bind, about.mqtt_port, user, plugin)
    (folder.mosquitto / "mosquitto.conf").write_text(text)
    (folder.root / "embedded.toml").write_text(embedded_configuration(about.mqtt_port, None, folder.root))
    give(folder.mosquitto, user)


def _account(user: str) -> pwd.struct_passwd | None:
    """Who Mosquitto becomes, before it opens its files, where root starts it; None where it stays who it is."""
    if os.geteuid() != 0 or user == "root":
        return None
    try:
        return pwd.getpwnam(user)
    except KeyError:
        return None


def _check_way(root: Path, user: str) -> None:
    if _account(user) is None:
        return
    for above in root.parents:
        if above.exists() and not above.stat().st_mode & stat.S_IXOTH:
            raise BadFolder(
                f"{above} lets only its owner in: Mosquitto, which runs as {user}, would not come to {root}; "
                f"choose a folder elsewhere, such as /etc/xiaotian"
            )


def give(folder: Path, user: str) -> None:
    """Let ``user`` own the broker's folder, and pass through the one above it, where we may."""
    account = _account(user)
    if account is None:
        return
    for path in (folder, *folder.iterdir()):
        os.chown(path, account.pw_uid, account.pw_gid)
    os.chown(folder.parent, -1, account.pw_gid)
    folder.parent.chmod(0o710)  # to pass through, not to look into; the keys in it are root's alone


def own(folder: FleetFolder, user: str) -> None:
    """Let the fleet server's ``user`` own the folder, and what lies in it but the broker's; raises BadFolder."""
    try:
        account = pwd.getpwnam(user)
    except KeyError as error:
        raise BadFolder(f"there is no user {user}: systemd-sysusers makes it") from error
    for path in (folder.root, *folder.root.iterdir()):
        if path != folder.mosquitto:
            os.chown(path, account.pw_uid, -1)


def moved(folder: FleetFolder, before: Path) -> None:
    """Let the brokers' configurations, written for the folder ``before``, name this one, and Mosquitto read its own."""
    user = ""
    for path in (folder.mosquitto / "mosquitto.conf", folder.root / "embedded.toml"):
        if path.exists():
            text = path.read_text().replace(str(before), str(folder.root))
            path.write_text(text)
            user = next((line.split()[1] for line in text.splitlines() if line.startswith("user ")), user)
    folder.root.chmod(0o700)
    if user:
        give(folder.mosquitto, user)


def make_reader(folder: FleetFolder, name: str, out: Path, now: dt.datetime) -> None:
    """A certificate and key by which ``name`` may hear the feed, and the authority's, in ``out``; raises ValueError."""
    check_reader(name)
    authority = authority_of(folder)
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    _keep(out, name, make_client(authority, name, now))
    (out / "ca.pem").write_bytes(authority.certificate)


def _keep(root: Path, name: str, pair: Pair) -> None:
    (root / f"{name}.pem").write_bytes(pair.certificate)
    write_secret(root / f"{name}.key", pair.key)


def hosts_or_this(hosts: Sequence[str]) -> list[str]:
    """``hosts``, and this machine's own names after them, for who speaks to it from itself."""
    return list(dict.fromkeys([*hosts, "localhost", "127.0.0.1"]))
