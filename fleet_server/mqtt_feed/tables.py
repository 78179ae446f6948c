"""The feed's table."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from fleet_server.store.columns import Table


class FeedTopic(Table):
    """A topic that the broker keeps for us, or may."""

    __tablename__ = "mqtt_feed_topics"

    topic: Mapped[str] = mapped_column(String(500), primary_key=True)
