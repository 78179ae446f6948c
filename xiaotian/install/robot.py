"""A dog's nodes as a service on the dog."""

from pathlib import Path

from xiaotian.install.files import File
from xiaotian.install.units import LOGS, SETTINGS, STATE, UNITS, USER, common, sandbox

ROBOT = """\
# Written by `xiaotian install robot`. What differs here goes into a drop-in: systemctl edit xiaotian-robot.
# A detector on an accelerator, and a loudspeaker, need their device: PrivateDevices=no and DeviceAllow=... there.
[Unit]
Description=Xiaotian patrol dog
Wants=network.target
After=network.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
EnvironmentFile={settings}/robot.env
ExecStart={program} robot --identity {settings}/identity --data {state}/dog --site ${{SITE}} \\
    --start ${{START_X}} ${{START_Y}} ${{START_THETA}} --profile ${{PROFILE}} --detector ${{DETECTOR}}
User={user}
Group={user}
StateDirectory=xiaotian
StateDirectoryMode=0700
LogsDirectory=xiaotian
StandardOutput=append:{logs}/robot.log
StandardError=append:{logs}/robot.log
WatchdogSec=10
Restart=always
RestartSec=1
# What holds the dog back must be the last to go when memory is short.
OOMScoreAdjust=-500
TimeoutStopSec=20
LimitNOFILE=65536
{sandbox}
[Install]
WantedBy=multi-user.target
"""

ENVIRONMENT = """\
# The dog's settings, read at its start. Metres and radians on the site's map: where it stands when it is started.
SITE={settings}/site
START_X=0.0
START_Y=0.0
START_THETA=0.0
PROFILE=xiaotian_dog
DETECTOR=auto
ROS_DOMAIN_ID=0
"""

NEXT = """\
systemd-sysusers
xiaotian dog enroll {settings}/identity --station https://HOST:PORT --code CODE; chown -R {user} {settings}/identity
systemctl daemon-reload
systemctl enable --now xiaotian-robot.service"""


def files(program: Path) -> list[File]:
    """All of it; ``program`` is the command ``xiaotian``."""
    names = {"program": program, "user": USER, "state": STATE, "settings": SETTINGS, "logs": LOGS}
    # ROS talks to drivers of other users through shared memory, which must outlive a restart, and looks for interfaces.
    shut_in = sandbox(families=" AF_NETLINK", remove_ipc="no")
    return [
        *common(),
        File(SETTINGS / "robot.env", ENVIRONMENT.format(**names), 0o644, kept=True),
        File(UNITS / "xiaotian-robot.service", ROBOT.format(**names, sandbox=shut_in)),
    ]


def next_steps() -> str:
    """What is to be typed after."""
    return NEXT.format(settings=SETTINGS, user=USER)
