"""What can be watched: answers by outcome, times by step, what was dropped, model use and the queue. No persons.

In the text format of Prometheus, at /metrics. `docs/dashboard.json` draws it in Grafana.
"""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from assistant.models import Answer
from assistant.service.limits import Gate

DROPPED = "Een zin is weggelaten:"
"""How `verification.py` begins the warning about a claim that did not hold."""

_STEP_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The figures of one process, in a registry of their own."""

    def __init__(self, gate: Gate) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a start time beside every count doubles the page and tells nothing
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._answers = Counter(
            "leidraad_answers", "Answers by how they ended", ("status", "outcome", "door"), registry=self.registry
        )
        self._modes = Counter(
            "leidraad_answers_by_mode",
            "Answers by who put the sentences together",
            ("mode", "model"),
            registry=self.registry,
        )
        self._steps = Histogram(
            "leidraad_step_seconds",
            "Time of each step of an answer",
            ("step",),
            buckets=_STEP_SECONDS,
            registry=self.registry,
        )
        self._dropped = Counter(
            "leidraad_verification_drops", "Sentences dropped because they did not hold", registry=self.registry
        )
        self._unkept = Counter(
            "leidraad_answers_not_kept", "Answers that the database did not take", registry=self.registry
        )
        self._refused = Counter(
            "leidraad_requests_turned_away", "Requests turned away before any work", ("reason",), registry=self.registry
        )
        self._requests = Histogram(
            "leidraad_request_seconds",
            "Time of each request, waiting included",
            ("route", "status"),
            buckets=_STEP_SECONDS,
            registry=self.registry,
        )
        working = Gauge("leidraad_questions_working", "Questions that are worked on", registry=self.registry)
        working.set_function(lambda: gate.working)
        waiting = Gauge("leidraad_questions_waiting", "Questions that wait for a worker", registry=self.registry)
        waiting.set_function(lambda: gate.waiting)

    def answered(self, answer: Answer, door: str, *, kept: bool) -> None:
        """Counts an answer; `door` is api or mcp."""
        self._answers.labels(answer.status.value, answer.outcome, door).inc()
        self._modes.labels(answer.mode.value, answer.model or "").inc()
        for step, milliseconds in answer.timings_ms.items():
            self._steps.labels(step).observe(milliseconds / 1000)
        self._dropped.inc(sum(warning.startswith(DROPPED) for warning in answer.warnings))
        self._unkept.inc(not kept)

    def turned_away(self, reason: str) -> None:
        """Counts a request that was not worked on: too_busy, rate_limited or unauthorised."""
        self._refused.labels(reason).inc()

    def requested(self, route: str, status: int, seconds: float) -> None:
        """Counts a request by its route's template and its status."""
        self._requests.labels(route, str(status)).observe(seconds)

    def text(self) -> bytes:
        """All figures, in Prometheus' text format."""
        return generate_latest(self.registry)
