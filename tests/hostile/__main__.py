"""``python -m tests.hostile [--broker mosquitto] [--seeds 10] [--messages 20000]``: longer storms, by argument."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.hostile.storm import BROKERS, storm
from tests.hostile.test_storm import check


def main() -> None:
    """One line a storm; the first that harms anything ends it."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile")
    parser.add_argument("--broker", choices=BROKERS, default="iotcore")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=100)
    parser.add_argument("--messages", type=int, default=20_000)
    given = parser.parse_args()
    for seed in range(given.first, given.first + given.seeds):
        with tempfile.TemporaryDirectory() as folder:
            report = storm(Path(folder), given.broker, seed, given.messages)
            sys.stdout.write(f"{seed} {report}\n")
            sys.stdout.flush()
            check(report)


if __name__ == "__main__":
    main()
