"""What the server can be told, by option or by environment (``XIAOTIAN_`` and the name in capitals)."""

import os
import re
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL

from fleet_server.core.bucket_address import bucket
from fleet_server.core.fleet_folder import SERVER, FleetFolder, check_reader
from fleet_server.core.logs import LogFormat
from fleet_server.core.openid_roles import RoleRule
from fleet_server.core.password_rule import WEAK, is_weak
from fleet_server.core.safe_address import is_safe_address
from fleet_server.core.shifts import Shifts
from fleet_server.core.signing import PRIVATE_KEY, PUBLIC_KEY
from fleet_server.store.database import database_url
from protocol.mqtt_client import Tls

PREFIX = "XIAOTIAN_"
# Variables of other parts of the project, which are no settings of the server.
NOT_OURS = frozenset({"XIAOTIAN_SERVER", "XIAOTIAN_SCREENSHOTS", "XIAOTIAN_SHARED"})
ROOT = Path(__file__).parents[1]
FEED_PREFIX = re.compile(r"(?=.{1,100}$)[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")


class UnknownSetting(ValueError):
    """A variable of the environment that looks like a setting and is none; the text names it."""


class BrokerKind(StrEnum):
    """Whose broker is used: a child process of the server, or one that runs already."""

    EMBEDDED = "embedded"
    EXTERNAL = "external"


class Settings(BaseSettings):
    """The server's settings. Times in seconds unless their name says otherwise."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", hide_input_in_errors=True)

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    broker: BrokerKind = BrokerKind.EMBEDDED
    mqtt_host: str = "127.0.0.1"
    mqtt_port: int = Field(1883, ge=1, le=65535, description="MQTT 5")
    mqtt_v4_port: int | None = Field(None, ge=1, le=65535, description="MQTT 3.1.1; default: mqtt_port + 1")
    mqtt_prefix: str = "xiaotian"
    mqtt_feed: str | None = Field(
        None, description="a prefix: incidents, patrols and dogs are published below it for who may hear them"
    )
    mqtt_discovery: str = Field("homeassistant", description="where Home Assistant looks for the feed; empty: nowhere")
    mqtt_feed_language: Literal["zh", "en"] = Field("zh", description="of the names in Home Assistant")
    mqtt_feed_readers: str = Field(
        "", description="of a closed fleet, by `xiaotian fleet reader`: home-assistant, dashboard"
    )
    data_dir: Path = Path("var/station")
    fleet_dir: Path | None = Field(None, description="of `xiaotian fleet init`: TLS everywhere, and a closed fleet")
    database: SecretStr | None = Field(
        None, description="postgresql://user:password@host/name; default: SQLite in data_dir"
    )
    evidence: SecretStr | None = Field(
        None, description="s3://key:secret@host/bucket?region=...; default: a folder in data_dir"
    )
    site: list[Path] = []
    console_dir: Path = ROOT / "console" / "dist"
    handbook_dir: Path = Field(ROOT.parent / "docs", description="of the operator's handbook, which `?` opens")
    admin_password: SecretStr | None = Field(None, description="the first one; generated and printed if absent")
    secure_cookie: bool = Field(False, description="True behind TLS: the session's cookie travels nowhere else")
    session_hours: float = Field(12.0, gt=0)
    live_after_s: float = Field(35.0, gt=0, description="a vehicle speaks at least every 30 s (VDA 5050, 6.10)")
    battery_reserve_pct: float = Field(20.0, ge=0, le=100, description="a patrol must end with this much left")
    watch_reason: bool = Field(True, description="who watches a dog's camera is asked what for")
    webrtc_viewers: int = Field(
        40, ge=0, le=500, description="how many may have live pictures by WebRTC at once; 0: all by WebSocket"
    )
    retention_days: float = Field(30.0, gt=0)
    daily_s: float = Field(
        86_400.0, gt=0, description="between two runs of what is done once a day: ageing out, verifying"
    )
    history_days: float = Field(14.0, gt=0, le=3660, description="telemetry by the minute")
    history_quarters_days: float = Field(400.0, gt=0, le=3660, description="telemetry by the quarter of an hour")
    shifts: str = Field(
        "day 08:00, night 20:00",
        description="by name, and when each begins on the site's clock; it lasts until the next",
    )
    openid_issuer: str | None = Field(None, description="https://...: people sign in there too (OpenID Connect)")
    openid_client_id: str | None = Field(None, description="as which that provider knows this station")
    openid_client_secret: SecretStr | None = Field(None, description="None: a public client, by PKCE alone")
    openid_public_url: str | None = Field(
        None, description="where browsers reach this station: https://station.example"
    )
    openid_name: str = Field("OpenID Connect", max_length=60, description="what the sign-in page calls the provider")
    openid_scope: str = "openid profile"
    openid_username_claim: str = "preferred_username"
    openid_role_claim: str = Field("roles", description="of the ID token; a path with dots, as realm_access.roles")
    openid_roles: str = Field("", description="value=role, value=role: the first that somebody has is theirs")
    openid_new_accounts: bool = Field(False, description="who has a role gets an account at the first sign-in")
    audit_heads: Path | None = Field(
        None, description="a file, best on another machine's disk, that gets the audit log's signed head once a day"
    )
    audit_webhook: SecretStr | None = Field(None, description="https://...: the same line is posted there")
    evidence_max_bytes: int = Field(20_000_000, gt=0)
    log_format: LogFormat = LogFormat.TEXT
    clock_ahead_s: float = Field(0.0, description="of this computer's clock: a simulated world has its own date")

    @field_validator("admin_password")
    @classmethod
    def _no_default_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        secret = value.get_secret_value()
        if is_weak(secret):
            raise ValueError(WEAK)
        return value

    @field_validator("database")
    @classmethod
    def _a_database_that_we_know(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            database_url(value.get_secret_value())
        return value

    @field_validator("evidence")
    @classmethod
    def _a_bucket(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            bucket(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _openid_as_a_whole(self) -> Self:
        if self.openid_issuer is None:
            return self
        if not self.openid_client_id or not self.openid_public_url or not self.openid_roles:
            raise ValueError("openid_issuer: openid_client_id, openid_public_url and openid_roles belong to it")
        for name in ("openid_issuer", "openid_public_url"):
            if not is_safe_address(getattr(self, name)):
                raise ValueError(f"{name}: no address as https://login.example (http on this computer alone)")
        return self

    @model_validator(mode="after")
    def _a_feed_apart(self) -> Self:
        if self.mqtt_feed is None:
            return self
        given = {name: getattr(self, name) for name in ("mqtt_feed", "mqtt_discovery", "mqtt_prefix")}
        for name in ("mqtt_feed", "mqtt_discovery"):
            if given[name] != "" or name == "mqtt_feed":
                if not FEED_PREFIX.fullmatch(given[name]):
                    raise ValueError(f"{name}: no prefix as station or police/station, of up to 100 characters")
                if any(_overlap(given[name], other) for key, other in given.items() if key != name and other):
                    raise ValueError(f"{name}: mqtt_feed, mqtt_discovery and mqtt_prefix must not lie in each other")
        return self

    @field_validator("mqtt_feed_readers")
    @classmethod
    def _readers_by_name(cls, value: str) -> str:
        for name in _names(value):
            check_reader(name)
        return value

    @field_validator("shifts")
    @classmethod
    def _shifts_of_a_day(cls, value: str) -> str:
        Shifts.read(value)
        return value

    @field_validator("openid_roles")
    @classmethod
    def _roles_that_we_know(cls, value: str) -> str:
        if value:
            RoleRule.read("roles", value)
        return value

    @field_validator("audit_webhook")
    @classmethod
    def _an_address_of_the_web(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("https://", "http://")):
            raise ValueError("no address as https://keeper.example/heads")
        return value

    @classmethod
    def load(cls, **options: Any) -> Self:
        """The settings from ``options`` (None: not given) over the environment; raises on an unknown name in either."""
        unknown = [
            name
            for name in os.environ
            if name.startswith(PREFIX)
            and name not in NOT_OURS
            and name.removeprefix(PREFIX).lower() not in cls.model_fields
        ]
        if unknown:
            raise UnknownSetting(f"no such setting: {', '.join(sorted(unknown))}")
        given = {name: value for name, value in options.items() if value is not None}
        return cls(**(_of_the_fleet(given) | given))

    @property
    def mqtt_tls(self) -> Tls | None:
        """How to speak to the broker; None: in the clear."""
        if self.fleet_dir is None:
            return None
        return Tls(self.fleet_dir / "ca.pem", self.fleet_dir / f"{SERVER}.pem", self.fleet_dir / f"{SERVER}.key")

    @property
    def feed_readers(self) -> list[str]:
        """Who may hear the feed at a closed fleet's broker, by the names in their certificates."""
        return _names(self.mqtt_feed_readers)

    @property
    def database_url(self) -> URL:
        """Where the database lies."""
        if self.database is not None:
            return database_url(self.database.get_secret_value())
        return database_url(f"sqlite:///{self.data_dir.resolve() / 'xiaotian.sqlite3'}")

    @property
    def audit_heads_file(self) -> Path:
        """Where the heads of the audit log go, a line a day."""
        return self.audit_heads or self.data_dir / "audit_heads.jsonl"

    @property
    def station_key_file(self) -> Path:
        """The key that signs what dogs obey; whoever has it, commands them."""
        return (self.fleet_dir or self.data_dir) / PRIVATE_KEY

    @property
    def station_public_key_file(self) -> Path:
        """Its public half, which the dogs are given."""
        return (self.fleet_dir or self.data_dir) / PUBLIC_KEY

    @property
    def secrets_key_file(self) -> Path:
        """The key under which the database keeps secrets that it has to give back."""
        return self.data_dir / "secrets.key"

    @property
    def token_file(self) -> Path:
        """The file with the token by which the dogs upload evidence."""
        return self.data_dir / "robot_token"

    @property
    def metrics_token_file(self) -> Path:
        """The file with the token by which Prometheus reads the figures."""
        return self.data_dir / "metrics_token"


def _names(listed: str) -> list[str]:
    return [name.strip() for name in listed.split(",") if name.strip()]


def _overlap(one: str, other: str) -> bool:
    """Whether who may hear all below one of two topics hears some of the other."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _of_the_fleet(given: dict[str, Any]) -> dict[str, Any]:
    """What the fleet's folder says, where neither an option nor the environment says otherwise; raises BadFolder."""
    folder = given.get("fleet_dir") or os.environ.get(f"{PREFIX}FLEET_DIR")
    if not folder:
        return {}
    about = FleetFolder(Path(folder)).about()
    said = {
        "port": about.https_port,
        "mqtt_port": about.mqtt_port,
        "broker": BrokerKind.EXTERNAL,
        "secure_cookie": True,
    }
    return {name: value for name, value in said.items() if PREFIX + name.upper() not in os.environ}
