"""docs/security.md's first minute, as printed there: each line is run, as root, as a new station's owner would."""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.link.identity import read_identity
from fleet_server.core.clock import utc_now
from fleet_server.core.fleet_folder import About, BadFolder, FleetFolder
from fleet_server.enrolment.fleet_setup import init
from fleet_server.enrolment.mosquitto import PLUGIN
from tests.fleet_server.world import PASSWORD, write_site
from tests.security.fleet import EnrolledDog, Fleet, _healthy, eventually, mosquitto
from xiaotian.local_stack import free_port

ROOT = Path(__file__).parents[2]
USER = "mosquitto"


def printed() -> list[str]:
    """The commands of the page, without what stands behind them."""
    page = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    block = page.partition("## In one minute\n")[2].partition("\n\n")[0]
    return [re.sub(r"\s{2,}#.*", "", line.strip()) for line in block.splitlines()]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder where everybody may pass, as in /etc."""
    made = Path(tempfile.mkdtemp(prefix="xiaotian-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def needs_root() -> None:
    mosquitto()
    if os.geteuid() != 0:
        pytest.skip("Mosquitto becomes another user only where root starts it")
    try:
        pwd.getpwnam(USER)
    except KeyError:
        pytest.skip("needs the user mosquitto (Debian: mosquitto)")


@pytest.mark.slow
def test_the_first_minute_works_as_printed(folder: Path) -> None:
    needs_root()
    about = About(["127.0.0.1"], free_port(), free_port())
    # Other ports and addresses than the page's, for these may be taken; everything else is to the letter.
    written = {
        "/etc/xiaotian": str(folder / "xiaotian"),
        "station.local:8443": f"127.0.0.1:{about.https_port}",
        "station.local": f"127.0.0.1 --bind 127.0.0.1 --mqtt-port {about.mqtt_port} --https-port {about.https_port}",
        "0.0.0.0": "127.0.0.1",
        "identity/": str(folder / "identity"),
    }
    lines = printed()
    for page, here in written.items():
        lines = [line.replace(page, here) for line in lines]
    make, broker, server, invite, enroll, _robot, revoke = lines
    environment = os.environ | {
        "XIAOTIAN_ADMIN_PASSWORD": PASSWORD,
        "XIAOTIAN_SITE": f'["{write_site(folder / "yard")}"]',
        "PATH": f"{ROOT / '.venv/bin'}:{os.environ['PATH']}:/usr/sbin",
    }

    def run(line: str) -> str:
        ended = subprocess.run(line.split(), cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
        assert ended.returncode == 0, f"{line}: {ended.stderr}"
        return ended.stdout

    run(make)
    made = Fleet(FleetFolder(folder / "xiaotian"), about, folder, folder / "yard")
    try:
        for number, line in enumerate((broker, server)):
            with (folder / f"{number}.log").open("wb") as log:
                process = subprocess.Popen(line.split(), cwd=folder, env=environment, stdout=log, stderr=log)
                made.processes.append(process)
        eventually(lambda: _healthy(made), 60.0)
        owner = Path(f"/proc/{made.processes[0].pid}").stat().st_uid
        assert pwd.getpwuid(owner).pw_name == USER
        code = run(invite).split()[-1]
        run(enroll.replace("CODE", code))
        with EnrolledDog(read_identity(folder / "identity"), folder / "dog") as dog:
            dog.until(lambda: made.seen("dog7").get("live"))
            run(revoke)
            dog.until(lambda: dog.downs)
            assert not made.seen("dog7")["live"]
    finally:
        for process in reversed(made.processes):
            process.terminate()
        for process in made.processes:
            process.wait(15)


def test_nobody_but_the_broker_passes_into_the_folder_and_nobody_at_all_reads_the_keys(folder: Path) -> None:
    needs_root()
    made = init(folder / "fleet", About(["127.0.0.1"], 1, 2), "127.0.0.1", USER, PLUGIN, utc_now())
    assert made.root.stat().st_mode & 0o777 == 0o710
    secret = [path for path in made.root.iterdir() if path.suffix == ".key" or path.name == "station_key.pem"]
    assert len(secret) == 4
    assert {path.stat().st_mode & 0o777 for path in secret} == {0o600}
    assert {path.stat().st_uid for path in secret} == {0}


def test_a_folder_to_which_the_broker_could_never_come_is_refused_with_the_reason(folder: Path) -> None:
    needs_root()
    (folder / "closed").mkdir(mode=0o700)
    with pytest.raises(BadFolder, match="closed lets only its owner in"):
        init(folder / "closed/fleet", About(["127.0.0.1"], 1, 2), "127.0.0.1", USER, PLUGIN, utc_now())
