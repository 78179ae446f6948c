"""What all our services have in common: their own user, a system that they can only read, and a log that is turned."""

from pathlib import Path

from xiaotian.install.files import File

USER = "xiaotian"
LOGS = Path("/var/log/xiaotian")
STATE = Path("/var/lib/xiaotian")
SETTINGS = Path("/etc/xiaotian")
UNITS = Path("/etc/systemd/system")

# systemd.exec(5) has each of them. What a service needs beside is its own state and log folder, and the network.
SANDBOX = """\
NoNewPrivileges=yes
CapabilityBoundingSet={capabilities}
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
PrivateTmp=yes
PrivateDevices=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX{families}
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC={remove_ipc}
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources @obsolete
SystemCallErrorNumber=EPERM
UMask=0077
"""

USERS = """\
u {user} - "Xiaotian" {state}
"""

# The services append, so what is copied and cut off loses a line at most.
TURNED = """\
{logs}/*.log {{
    daily
    maxsize 100M
    rotate 14
    compress
    delaycompress
    missingok
    notifempty
    copytruncate
    su {user} {user}
}}
"""


def sandbox(capabilities: str = "", families: str = "", remove_ipc: str = "yes") -> str:
    """The lines of a unit's [Service] that shut it in."""
    return SANDBOX.format(capabilities=capabilities, families=families, remove_ipc=remove_ipc)


def common() -> list[File]:
    """The user, and how the logs are turned."""
    return [
        File(Path("/usr/lib/sysusers.d/xiaotian.conf"), USERS.format(user=USER, state=STATE)),
        File(Path("/etc/logrotate.d/xiaotian"), TURNED.format(logs=LOGS, user=USER)),
    ]
