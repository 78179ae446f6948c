"""A dog's link and mission as a process of their own: it sees somebody four times a second, until it is told to end.

Then it waits until the station has everything, and prints how it went as one line of JSON.
"""

import contextlib
import json
import sys
import threading
import time
import uuid
from pathlib import Path

from edge.link.link_core import LinkCore
from edge.link.outbox import Outbox
from edge.link.whole_link import Reach, WholeLink
from edge.mission.events import Event, InstantActionsCame, MalformedCame, OrderCame
from edge.mission.mission import Mission
from edge.mission.state import compose
from protocol.codec import decode
from protocol.instant_actions import InstantActions
from protocol.order import Order
from protocol.topics import Topic
from tests.edge.link.dog import QUICK, sighting
from tests.edge.mission.world import ADDRESS, situation
from tests.protocol import samples

SEE_EVERY = 12  # steps
STEP_S = 0.02
PATIENCE_S = 30.0


def main(port: int, data: Path) -> None:
    """Until a line comes on the standard input."""
    ending = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), ending.set()), daemon=True).start()
    link = LinkCore(ADDRESS, Outbox(data, QUICK), data / "site.json")
    line = WholeLink(ADDRESS, link, Reach("127.0.0.1", port, "http://127.0.0.1:1", data / "token"), time.time())
    mission, here = Mission(), situation()
    link.take_factsheet(samples.FACTSHEET, time.time())
    line.start()
    steps, seen, malformed, end = 0, 0, 0, float("inf")
    while time.monotonic() < end:
        now, stamp = time.monotonic(), time.time()
        step = line.step(None, now, stamp)
        events: list[Event] = []
        for passed in step.inbox:
            match passed.topic:
                case Topic.ORDER:
                    events.append(OrderCame(decode(passed.payload, Order)))
                case Topic.INSTANT_ACTIONS:
                    events.append(InstantActionsCame(decode(passed.payload, InstantActions)))
                case _:
                    malformed += 1
                    events.append(MalformedCame(passed.topic, json.loads(passed.payload)["error"]))
        mission.update(events, here, stamp)
        link.take_state(compose(mission.report(), here, ADDRESS, stamp))
        steps += 1
        if not ending.is_set() and steps % SEE_EVERY == 0:
            link.keep_anomaly(sighting(str(uuid.uuid4())), "", stamp)
            seen += 1
        if ending.is_set():
            end = min(end, now + PATIENCE_S)
            if not len(link.outbox):
                break
        time.sleep(STEP_S)
    told = {"seen": seen, "left": len(link.outbox), "malformed": malformed, "refused": link.refused.total()}
    sys.stdout.write(json.dumps(told | {"dropped": line.dropped, "parked": link.outbox.refused}) + "\n")
    with contextlib.suppress(RuntimeError):
        line.stop(time.time())


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
