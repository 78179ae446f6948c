"""The units that are written: as systemd itself reads and rates them, and how a service speaks to it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from xiaotian.install import robot, server
from xiaotian.install.files import File, write

PROGRAM = Path(sys.executable).with_name("xiaotian")
MOST_EXPOSED = {"xiaotian-server": 1.5, "xiaotian-backup": 2.5, "xiaotian-robot": 1.6}  # of 10; 9.6 without a sandbox
systemd_analyze = shutil.which("systemd-analyze")
logrotate = shutil.which("logrotate", path="/usr/sbin:/usr/bin")
needs_systemd = pytest.mark.skipif(systemd_analyze is None, reason="needs systemd-analyze")


@pytest.fixture
def units(tmp_path: Path) -> Path:
    write([*server.files(PROGRAM), *robot.files(PROGRAM)], tmp_path)
    return tmp_path / "etc/systemd/system"


@needs_systemd
def test_systemd_finds_no_fault_in_the_units(units: Path) -> None:
    for unit in sorted(units.iterdir()):
        told = subprocess.run([str(systemd_analyze), "verify", str(unit)], capture_output=True, text=True)
        assert (told.returncode, told.stderr) == (0, ""), unit.name


@needs_systemd
def test_the_services_are_shut_in_by_systemds_own_measure(units: Path) -> None:
    for name, most in MOST_EXPOSED.items():
        command = [str(systemd_analyze), "security", "--offline=yes", "--no-pager", str(units / f"{name}.service")]
        told = subprocess.run(command, capture_output=True, text=True).stdout
        found = re.search(r"exposure level for \S+: ([\d.]+)", told)
        assert found is not None, told
        assert float(found[1]) <= most, told


def test_a_unit_names_the_command_a_user_of_its_own_and_no_secret(units: Path) -> None:
    for name in ("xiaotian-server", "xiaotian-robot"):
        text = (units / f"{name}.service").read_text()
        assert f"ExecStart={PROGRAM} " in text
        assert "User=xiaotian\n" in text
        assert not re.search(r"password|secret", text, re.IGNORECASE)
    assert f"ExecStartPre={PROGRAM} server check --offline\n" in (units / "xiaotian-server.service").read_text()


def test_a_second_install_keeps_the_settings_and_brings_the_units_up_to_date(tmp_path: Path) -> None:
    files = server.files(PROGRAM)
    write(files, tmp_path)
    settings = tmp_path / "etc/xiaotian/server.env"
    unit = tmp_path / "etc/systemd/system/xiaotian-server.service"
    assert settings.stat().st_mode & 0o777 == 0o600
    settings.write_text("XIAOTIAN_PORT=9000\n")
    unit.write_text("# of an older version\n")
    told = write(files, tmp_path)
    assert settings.read_text() == "XIAOTIAN_PORT=9000\n"
    assert "ExecStart=" in unit.read_text()
    assert [line.split()[0] for line in told].count("replaced") == 1
    assert all(line.startswith("kept") for line in write(files, tmp_path))


def test_the_settings_that_are_written_are_settings_of_the_server(tmp_path: Path) -> None:
    text = next(file.text for file in server.files(PROGRAM) if file.path.name == "server.env")
    said = dict(line.lstrip("#").split("=", 1) for line in text.splitlines() if re.match(r"#?XIAOTIAN_", line))
    assert len(said) > 5
    said |= {"XIAOTIAN_DATA_DIR": str(tmp_path)}
    del said["XIAOTIAN_FLEET_DIR"]  # is not there
    program = "from fleet_server.core.settings import Settings; print(Settings.load().model_fields_set)"
    told = subprocess.run([sys.executable, "-c", program], env=said, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert all(name.removeprefix("XIAOTIAN_").lower() in told.stdout for name in said)


@pytest.mark.skipif(logrotate is None, reason="needs logrotate")
def test_the_log_is_turned_and_what_is_appended_goes_on_in_the_same_file(tmp_path: Path) -> None:
    turned = next(file for file in server.files(PROGRAM) if file.path.name == "xiaotian")
    text = turned.text.replace("/var/log/xiaotian", str(tmp_path))
    text = "\n".join(line for line in text.splitlines() if not line.strip().startswith("su ")) + "\n"  # no such user
    (tmp_path / "rules").write_text(text)
    (tmp_path / "rules").chmod(0o644)
    log = tmp_path / "server.log"
    with log.open("a") as stream:  # as systemd's append: does
        stream.write("before\n" * 1000)
        stream.flush()
        command = [str(logrotate), "--force", "--state", str(tmp_path / "state"), str(tmp_path / "rules")]
        told = subprocess.run(command, capture_output=True, text=True)
        assert told.returncode == 0, told.stderr
        stream.write("after\n")
    assert log.read_text() == "after\n"
    assert (tmp_path / "server.log.1").read_text() == "before\n" * 1000


def test_nothing_is_left_half_written_where_it_may_not_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "etc"
    blocked.write_text("a file, where a folder is needed")
    with pytest.raises(OSError, match="etc"):
        write([File(Path("/etc/xiaotian/x"), "text")], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["etc"]
