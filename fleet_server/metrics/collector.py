"""The station's figures, read when Prometheus asks: what is counted anyway costs nothing on the way in."""

import shutil
from collections.abc import Iterable, Iterator
from importlib.metadata import version

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from fleet_server.core.clock import utc_now
from fleet_server.core.station import Station
from fleet_server.enrolment.expiry import certificates
from fleet_server.evidence.verification import Verification
from fleet_server.health.check import faults
from fleet_server.ingest.database_writer import Writer
from fleet_server.ingest.inbox import Inbox
from fleet_server.ingest.mqtt_session import Session
from fleet_server.ingest.thread_watch import ThreadWatch
from fleet_server.telemetry.fleet_state import Fleet

DAY_S = 86_400.0


class StationCollector(Collector):
    """All figures of one station; times in seconds."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def collect(self) -> Iterator[Metric]:
        """As they are now."""
        yield InfoMetricFamily("xiaotian", "What runs here.", {"version": version("xiaotian")})
        yield from self._health()
        yield from self._way_in()
        yield from self._fleet()
        yield from self._consoles()
        yield from self._room()

    def _health(self) -> Iterator[Metric]:
        station = self._station
        yield _gauge("xiaotian_ready", "1 while nothing hinders the station's work.", not faults(station))
        yield _gauge("xiaotian_broker_connected", "1 while what dogs say is heard.", station[Session].hears)
        yield _counter(
            "xiaotian_thread_restarts", "Threads that had ended and were started again.", station[ThreadWatch].restarts
        )

    def _way_in(self) -> Iterator[Metric]:
        station = self._station
        said = CounterMetricFamily("xiaotian_messages", "Messages understood, by topic.", labels=["topic"])
        for topic, count in sorted(station[Session].heard.items()):
            said.add_metric([topic], count)
        yield said
        lost = CounterMetricFamily(
            "xiaotian_messages_not_taken",
            "Messages that did not get in, by why; of those but malformed, refused and overtaken their dogs say them "
            "again.",
            labels=["why"],
        )
        for why, count in (
            ("malformed", station[Fleet].misreads.total),
            ("refused", station[Writer].refused),
            ("overtaken", station[Inbox].overtaken),
            ("no room", station[Inbox].dropped),
            ("not stored", station[Writer].unstored),
            ("fault", station[Session].failures + station[Writer].failures),
        ):
            lost.add_metric([why], count)
        yield lost
        yield _gauge("xiaotian_inbox_waiting", "Anomalies and evidence that wait to be stored.", station[Inbox].waiting)
        yield from station[Writer].delay.collect()
        yield from station[Writer].commits.collect()

    def _fleet(self) -> Iterator[Metric]:
        station, now = self._station, utc_now()
        dogs = GaugeMetricFamily("xiaotian_dogs", "Dogs that are known, by whether they are live.", labels=["live"])
        live = [station[Fleet].is_live(vehicle, now) for vehicle in station[Fleet].all()]
        for name, count in (("yes", sum(live)), ("no", len(live) - sum(live))):
            dogs.add_metric([name], count)
        yield dogs
        charge = GaugeMetricFamily("xiaotian_battery_percent", "A dog's charge as it said last.", labels=["dog"])
        for vehicle in station[Fleet].all():
            if vehicle.state is not None:
                charge.add_metric([vehicle.dog_id], vehicle.state.battery_state.battery_charge)
        yield charge

    def _consoles(self) -> Iterator[Metric]:
        hub = self._station.hub
        yield _gauge("xiaotian_consoles", "Consoles that listen now.", hub.count)
        yield _counter("xiaotian_consoles_dropped", "Consoles that did not keep up and were dropped.", hub.dropped)

    def _room(self) -> Iterator[Metric]:
        station = self._station
        verification = station[Verification]
        looked_at, damaged = verification.looked_at, len(verification.damaged)
        yield _counter("xiaotian_pictures_verified", "Stored pictures whose hash was looked at again.", looked_at)
        yield _gauge("xiaotian_pictures_damaged", "Of them in the last run, damaged or gone.", damaged)
        free = shutil.disk_usage(station.settings.data_dir).free
        yield _gauge("xiaotian_disk_free_bytes", "Room on the disk of the data folder.", free)
        left = GaugeMetricFamily(
            "xiaotian_certificate_seconds_left", "Until a certificate of the fleet ends.", labels=["name"]
        )
        for certificate in certificates(station):
            left.add_metric([certificate.name], (certificate.ends - utc_now()).total_seconds())
        yield left


def registry(station: Station) -> CollectorRegistry:
    """All that is told of ``station``, its process's own figures among it."""
    made = CollectorRegistry()
    ProcessCollector(registry=made)
    made.register(StationCollector(station))
    made.register(station.requests)
    return made


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, float(value))


def _counter(name: str, about: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(name, about, float(value))


def names(families: Iterable[Metric]) -> set[str]:
    """The names under which the samples of ``families`` are stored by Prometheus."""
    return {sample.name for family in families for sample in family.samples}
