"""What is counted, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

_SECONDS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0)
_ITEMS: Final = (1, 2, 4, 8, 16, 32)


class Metrics:
    """Counters of one server.

    Parameters
    ----------
    waiting
        Tells how many items wait.
    """

    def __init__(self, waiting: Callable[[], int]) -> None:
        from prometheus_client import (
            CollectorRegistry,
            Counter,
            Gauge,
            Histogram,
            ProcessCollector,
        )

        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "topwork_requests",
            "Requests by route and status.",
            ("route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "topwork_request_seconds",
            "From the header of a request to the end of its response.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._items = Counter(
            "topwork_items",
            "Items by model and outcome: predicted, rejected, refused.",
            ("model", "outcome"),
            registry=self.registry,
        )
        self._batches = Histogram(
            "topwork_batch_items", "Items per batch.", buckets=_ITEMS, registry=self.registry
        )
        self._reloads = Counter(
            "topwork_reloads",
            "Models that were loaded again, by outcome: loaded, failed.",
            ("model", "outcome"),
            registry=self.registry,
        )
        self._decoders = Counter(
            "topwork_decoders_replaced",
            "Decoders that took too long or crashed.",
            registry=self.registry,
        )
        self._models = Gauge(
            "topwork_model_info", "Models by identity.", ("model", "identity"),
            registry=self.registry,
        )  # fmt: skip
        Gauge(
            "topwork_waiting_items", "Items that wait for a prediction.", registry=self.registry
        ).set_function(waiting)

    def request(self, scope: Mapping[str, Any], status: int, seconds: float) -> None:
        """Count a request, by the template of its route, of which there are few."""
        route = getattr(scope.get("route"), "path", "other")
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def items(self, model: str, outcome: str, n: int) -> None:
        """Count items."""
        if n:
            self._items.labels(model, outcome).inc(n)

    def batch(self, n: int) -> None:
        """Count a batch of n items."""
        self._batches.observe(n)

    def reload(self, model: str, outcome: str) -> None:
        """Count a model that was to be loaded again."""
        self._reloads.labels(model, outcome).inc()

    def decoder(self) -> None:
        """Count a decoder that was replaced."""
        self._decoders.inc()

    def models(self, identities: Mapping[str, str]) -> None:
        """Say which models are served."""
        self._models.clear()
        for name, identity in identities.items():
            self._models.labels(name, identity[:12]).set(1)

    def text(self) -> tuple[bytes, str]:
        """Everything in Prometheus' format, and its content type."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return generate_latest(self.registry), CONTENT_TYPE_LATEST
