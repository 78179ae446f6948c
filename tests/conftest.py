"""What all tests can be told."""

from collections import Counter
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="on which the fleet server's tests run; the server of the second is started by themselves",
    )
    parser.addoption(
        "--note-skipped",
        type=Path,
        help="a file to which the ids of the tests are added that were skipped for want of ../shared",
    )


class NoteSkipped:
    """Writes down which tests want ../shared, so that another run can make up for them."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and "needs ../shared" in str(report.longrepr):
            with self._file.open("a") as stream:
                stream.write(report.nodeid + "\n")


def pytest_configure(config: pytest.Config) -> None:
    file = config.getoption("--note-skipped")
    if file is not None and not hasattr(config, "workerinput"):  # not in xdist's workers, whose reports come here
        config.pluginmanager.register(NoteSkipped(file))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In xdist's workers the files with the most slow tests begin first: what begins last is to be over soon."""
    if hasattr(config, "workerinput"):
        slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
        items.sort(key=lambda item: -slow[item.path])
