"""What Prometheus reads: copies, pulls, sign-ins, limits, calls and queues, without a name of anybody."""
# The form is https://prometheus.io/docs/instrumenting/exposition_formats/.

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from portal.call_counts import Calls
from portal.domain.connections.states import GrantState
from portal.domain.copies.states import IN_FLIGHT
from portal.remote.pace import Pace
from portal.store.gauges import Gauges

PREFIX = "portal_"


class Readings(Collector):
    """One reading of everything. What could not be read is left out, and said to be down."""

    def __init__(
        self,
        *,
        now: datetime,
        gauges: Gauges | None,
        queues: Mapping[str, int] | None,
        calls: Sequence[Calls] | None,
    ) -> None:
        self._now = now
        self._gauges = gauges
        self._queues = queues
        self._calls = calls

    def collect(self) -> Iterator[Metric]:
        """Yield each figure with all its labels."""
        up = gauge("up", "Whether this part answered", "part")
        up.add_metric(["database"], float(self._gauges is not None))
        up.add_metric(["queue"], float(self._queues is not None))
        yield up

        if self._gauges is not None:
            yield from self._copies(self._gauges)
            yield from self._pulls(self._gauges)
            yield from self._sign_ins(self._gauges)
            yield from limits(self._gauges.paces, self._now)

        if self._queues is not None:
            waiting = gauge("jobs_waiting", "Jobs that wait for a worker", "queue")
            for name, count in self._queues.items():
                waiting.add_metric([name], count)
            yield waiting

        if self._calls is not None:
            yield from calls(self._calls)

    def _copies(self, gauges: Gauges) -> Iterator[Metric]:
        count = gauge("copies_under_way", "Copies that are not booked, refused or undone yet", "state")
        oldest = gauge("copies_oldest_seconds", "Age of the oldest copy under way", "state")
        for state in IN_FLIGHT:
            here = gauges.under_way.get(state)
            count.add_metric([state], here.count if here else 0)
            oldest.add_metric([state], self._age(here.oldest) if here else 0)

        yield count
        yield oldest

        held = gauge("copies_held", "Copies that are held unsent")
        held.add_metric([], gauges.held)
        yield held

        invoices = gauge("invoices", "Invoices by where they stand", "state")
        for standing, number in sorted(gauges.invoices.items()):
            invoices.add_metric([standing], number)
        yield invoices

    def _pulls(self, gauges: Gauges) -> Iterator[Metric]:
        invoices = gauge("invoice_pull_age_seconds", "Since Productive was read to its end")
        if gauges.invoices_pulled_at is not None:
            invoices.add_metric([], self._age(gauges.invoices_pulled_at))
        yield invoices

        payments = gauge(
            "payment_pull_age_seconds", "Since Exact's payments were read to their end", "connection"
        )
        for connection, pulled_at in sorted(gauges.payments_pulled_at.items()):
            if pulled_at is not None:
                payments.add_metric([str(connection)], self._age(pulled_at))
        yield payments

    def _sign_ins(self, gauges: Gauges) -> Iterator[Metric]:
        live = gauge("sign_in_live", "Whether a sign-in at Exact works", "sign_in", "country")
        age = gauge(
            "sign_in_token_age_seconds", "Since the tokens of a sign-in were renewed", "sign_in", "country"
        )
        for grant in gauges.grants:
            labels = [str(grant.id), grant.locale]
            live.add_metric(labels, float(grant.state is GrantState.LIVE))
            age.add_metric(labels, self._age(grant.obtained_at))

        yield live
        yield age

        sessions = gauge("sessions", "Browsers that somebody is signed in with")
        sessions.add_metric([], gauges.sessions)
        yield sessions

    def _age(self, moment: datetime) -> float:
        return max((self._now - moment).total_seconds(), 0.0)


def gauge(name: str, words: str, *labels: str) -> GaugeMetricFamily:
    """Return an empty gauge of ours."""
    return GaugeMetricFamily(PREFIX + name, words, labels=labels)


def limits(paces: Mapping[str, Pace], now: datetime) -> Iterator[Metric]:
    """Yield what is left of each limit that a service has told, and which endpoints are held back."""
    left = gauge("limit_left", "Calls left until the limit renews", "lane", "seconds")
    limit = gauge("limit", "Calls allowed", "lane", "seconds")
    held = gauge("endpoint_held_back", "Endpoints held back after too many errors", "lane", "endpoint")

    for lane, pace in sorted(paces.items()):
        for window in pace.windows:
            labels = [lane, str(window.length)]
            if (calls_left := window.left(now)) is not None:
                left.add_metric(labels, calls_left)
            if window.limit is not None:
                limit.add_metric(labels, window.limit)
        for endpoint in pace.circuits(now):
            held.add_metric([lane, endpoint], 1)

    yield left
    yield limit
    yield held


def calls(counted: Sequence[Calls]) -> Iterator[Metric]:
    """Yield how often each endpoint was called, how that ended, and how long it took."""
    names = ["service", "method", "endpoint", "outcome"]
    count = CounterMetricFamily(PREFIX + "calls", "Calls to another system", labels=names)
    seconds = CounterMetricFamily(PREFIX + "calls_seconds", "Seconds that they took", labels=names)
    for each in counted:
        labels = [each.service, each.method, each.endpoint, each.outcome]
        count.add_metric(labels, each.times)
        seconds.add_metric(labels, each.seconds)

    yield count
    yield seconds


def spell(readings: Readings) -> bytes:
    """Return a reading in the text form of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(readings)
    return generate_latest(registry)
