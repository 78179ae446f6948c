"""The settings as a file: what a station was set to, for whoever has to build it anew."""

import json
from pathlib import Path

from pydantic import SecretStr

from fleet_server.core.secret_file import write_secret
from fleet_server.core.settings import PREFIX, Settings

SETTINGS = "settings.env"
ONCE = frozenset({"admin_password"})  # of use at the first start alone


def write_settings(settings: Settings, folder: Path) -> None:
    """Write them into ``folder`` as an environment file that only this user can read: a password may be in it."""
    write_secret(folder / SETTINGS, environment(settings).encode())


def environment(settings: Settings) -> str:
    """What was set, as an environment file."""
    lines = []
    for name in sorted(settings.model_fields_set - ONCE):
        value = getattr(settings, name)
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        said = json.dumps([str(each) for each in plain]) if isinstance(plain, list) else str(plain)
        lines.append(f"{PREFIX}{name.upper()}={_quoted(said)}\n")
    return "".join(lines)


def _quoted(said: str) -> str:
    """As a shell and systemd's EnvironmentFile both read it."""
    if said and all(letter.isalnum() or letter in "-_./:@,+%=" for letter in said):
        return said
    escaped = "".join(f"\\{letter}" if letter in '"\\$`' else letter for letter in said)
    return f'"{escaped}"'
