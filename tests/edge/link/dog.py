"""A dog that is nothing but its link, stepped ten times a second; also a process of its own, to be killed."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from edge.link.backoff import Backoff
from edge.link.link_core import HEARD, LinkCore, Pass
from edge.link.mqtt_session import Session, Will
from edge.link.outbox import Outbox, OutboxConfig
from edge.link.outbox_rows import Place, Sighting
from protocol.anomaly import Covariance
from protocol.topics import TABLE, Topic
from tests.protocol import samples

QUICK = OutboxConfig(resend=Backoff(first=0.3, last=1.0))


class Dog:
    """Core, outbox and session as the node puts them together."""

    def __init__(self, port: int, data: Path) -> None:
        self.link = LinkCore(samples.ADDRESS, Outbox(data, QUICK), data / "site.json")
        self.connection = samples.ADDRESS.topic(Topic.CONNECTION)
        topics = {samples.ADDRESS.topic(topic): TABLE[topic].qos for topic in HEARD}
        will = Will(self.connection, self.link.will(time.time()))
        self.session = Session("127.0.0.1", port, "xiaotian-dog1", topics, will)
        self.inbox: list[Pass] = []
        self.link.take_state(samples.STATE)
        self.link.take_factsheet(samples.FACTSHEET, time.time())
        self.session.start()

    def until(self, holds: Callable[[], bool], seconds: float = 15.0) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if holds():
                return True
            self.step()
            time.sleep(0.02)
        return holds()

    def step(self) -> None:
        now = time.monotonic()
        step = self.link.step(self.session.take(), None, now, time.time())
        self.inbox += step.inbox
        for said in step.say:
            row = TABLE[said.topic]
            if self.session.publish(samples.ADDRESS.topic(said.topic), said.payload, row.qos, row.retain):
                self.link.sent(said, now)

    def see(self, key: str) -> None:
        """Notice somebody, without a picture."""
        seen = sighting(key)
        self.link.keep_anomaly(seen, "", time.time())

    def close(self) -> None:
        self.session.stop(self.connection, self.link.goodbye(time.time()))
        self.link.outbox.close()


def sighting(key: str, picture: bytes = b"", score: float = 0.9) -> Sighting:
    return Sighting(
        anomaly_id=key,
        kind="PERSON_IN_RESTRICTED_ZONE",
        observed_at=samples.NOW,
        place=Place(24.0, 11.5, "yard", 0.5, Covariance(xx=0.25, xy=0.1, yy=0.09)),
        score=score,
        detector="yolox_nano",
        zone_id="armory_yard",
        track_id=3,
        order_id="order-1",
        picture=picture,
    )


if __name__ == "__main__":
    Dog(int(sys.argv[1]), Path(sys.argv[2])).until(lambda: False, 60.0)
