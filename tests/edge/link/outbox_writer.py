"""A process that fills an outbox until it is killed, and says what is safe as soon as it is."""

import sys
from pathlib import Path

from edge.link.outbox import Kind, Outbox, Row
from tests.edge.link.rows import anomaly


def main() -> None:
    outbox, number = Outbox(Path(sys.argv[1])), 0
    while True:
        number += 1
        key = f"picture-{number}"
        outbox.keep_picture(key, Kind.ANOMALY_PICTURE, number.to_bytes(4, "big") * 5000)
        outbox.put([Row(key, Kind.ANOMALY_PICTURE, b"{}", 20_000)])
        print(key, anomaly(outbox), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
