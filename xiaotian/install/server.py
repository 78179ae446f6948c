"""The fleet server as a service, and its backup every night."""

from pathlib import Path

from xiaotian.install.files import File
from xiaotian.install.units import LOGS, SETTINGS, STATE, UNITS, USER, common, sandbox

BACKUPS = Path("/var/backups/xiaotian")

SERVER = """\
# Written by `xiaotian install server`. What differs here goes into a drop-in: systemctl edit xiaotian-server
[Unit]
Description=Xiaotian fleet server
Wants=network-online.target
After=network-online.target mosquitto.service postgresql.service
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStartPre={program} server check --offline
ExecStart={program} server
EnvironmentFile={settings}/server.env
User={user}
Group={user}
StateDirectory=xiaotian
StateDirectoryMode=0700
LogsDirectory=xiaotian
StandardOutput=append:{logs}/server.log
StandardError=append:{logs}/server.log
WatchdogSec=30
Restart=always
RestartSec=2
TimeoutStartSec=180
TimeoutStopSec=20
LimitNOFILE=65536
{sandbox}MemoryDenyWriteExecute=yes

[Install]
WantedBy=multi-user.target
"""

BACKUP = """\
# Written by `xiaotian install server`.
[Unit]
Description=Backup of the Xiaotian fleet server
After=xiaotian-server.service

[Service]
Type=oneshot
ExecStart={program} server backup {backups} --dated --keep 14
EnvironmentFile={settings}/server.env
# Mosquitto's own keys are readable to nobody else.
User=root
ReadWritePaths={state}
ReadWritePaths={backups}
IOSchedulingClass=idle
Nice=10
StandardOutput=append:{logs}/backup.log
StandardError=append:{logs}/backup.log
{sandbox}
"""

EVERY_NIGHT = """\
# Written by `xiaotian install server`.
[Unit]
Description=Backup of the Xiaotian fleet server, every night

[Timer]
OnCalendar=*-*-* 03:20
RandomizedDelaySec=10min
Persistent=yes

[Install]
WantedBy=timers.target
"""

ENVIRONMENT = """\
# The fleet server's settings, read at its start; `xiaotian server check` says what is wrong with them.
XIAOTIAN_DATA_DIR={state}
XIAOTIAN_LOG_FORMAT=json
# A closed fleet, for `xiaotian fleet init /etc/xiaotian/fleet --owner {user} --host ...`:
#XIAOTIAN_FLEET_DIR=/etc/xiaotian/fleet
#XIAOTIAN_HOST=0.0.0.0
#XIAOTIAN_SITE=["/etc/xiaotian/site"]
#XIAOTIAN_DATABASE=postgresql://xiaotian:secret@127.0.0.1/xiaotian
#XIAOTIAN_RETENTION_DAYS=30
#XIAOTIAN_AUDIT_HEADS=/mnt/another-machine/heads.jsonl
"""

NEXT = """\
systemd-sysusers; install -d -m 0700 {backups}
systemctl daemon-reload
systemctl enable --now xiaotian-server.service xiaotian-backup.timer"""


def files(program: Path) -> list[File]:
    """All of it; ``program`` is the command ``xiaotian``."""
    names = {"program": program, "user": USER, "state": STATE, "settings": SETTINGS, "logs": LOGS, "backups": BACKUPS}
    server = SERVER.format(**names, sandbox=sandbox(families=" AF_NETLINK"))  # its own addresses, for WebRTC
    backup = BACKUP.format(**names, sandbox=sandbox("CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH"))
    return [
        *common(),
        File(SETTINGS / "server.env", ENVIRONMENT.format(**names), 0o600, kept=True),
        File(UNITS / "xiaotian-server.service", server),
        File(UNITS / "xiaotian-backup.service", backup),
        File(UNITS / "xiaotian-backup.timer", EVERY_NIGHT),
    ]


def next_steps() -> str:
    """What is to be typed after."""
    return NEXT.format(backups=BACKUPS)
