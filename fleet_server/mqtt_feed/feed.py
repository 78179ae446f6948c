"""Says what has changed of the retained topics, and remembers in the database which there are, to clear them."""

import threading
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fleet_server.mqtt_feed.tables import FeedTopic
from fleet_server.store.database import Database

PERIOD_S = 2.0
QOS = 1

Publish = Callable[[str, bytes, int, bool], bool]
"""(topic, payload, QoS, retain) -> whether a broker took it."""
Wanted = Callable[[Session, datetime], dict[str, bytes]]
"""What each topic is to hold now."""


class Feed:
    """Called by one job of the process that leads. Topics that another process, another prefix or an earlier life of
    the station left are cleared as well; what anybody else writes there is neither heard nor needed."""

    def __init__(self, database: Database, publish: Publish, wanted: Wanted, always: str | None) -> None:
        """``always`` is a topic that is said at each look: another may have said something else there."""
        self._database, self._publish, self._wanted, self._always = database, publish, wanted, always
        self._said: dict[str, bytes] = {}
        self._anew = threading.Event()

    def begin_anew(self) -> None:
        """Say all of it at the next look: the broker, or who leads, is another. From any thread."""
        self._anew.set()

    def update(self, now: datetime) -> None:
        """Say what is not as it was said last. A topic is forgotten a look after it was cleared, by the same broker."""
        if self._anew.is_set():
            self._anew.clear()
            self._said.clear()
        with self._database.read() as session:
            wanted = self._wanted(session, now)
            known = set(session.scalars(select(FeedTopic.topic)))
        over = known - wanted.keys()
        cleared = {topic for topic in over if self._said.get(topic) == b""}
        self._remember(wanted.keys() - known, cleared)
        for topic, payload in (dict.fromkeys(over - cleared, b"") | wanted).items():
            same = self._said.get(topic) == payload and topic != self._always
            if not same and self._publish(topic, payload, QOS, True):
                self._said[topic] = payload

    def _remember(self, new: set[str], cleared: set[str]) -> None:
        """Before they are said: what the broker keeps has to be known after any end."""
        if not new and not cleared:
            return
        with self._database.write() as session:
            session.add_all(FeedTopic(topic=topic) for topic in sorted(new))
            session.execute(delete(FeedTopic).where(FeedTopic.topic.in_(cleared)))
        for topic in cleared:
            del self._said[topic]
