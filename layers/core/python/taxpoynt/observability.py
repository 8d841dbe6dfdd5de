"""One log line and one metric a call, by Powertools, with ids only: never bodies, tokens, names or tax numbers.

Powertools' logger and metrics cost the webhook path about 25 ms at a cold start (measured beside botocore, which it
loads anyway); its parser and event handler stay out of that path.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from functools import cache
from typing import Any, TextIO, cast

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

NAMESPACE = "TaxPoynt"


class _Stdout:
    """Standard output as it is at the moment of writing; a logger made early must not keep an old one."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


@cache
def _logger() -> Logger:
    return Logger(stream=cast("TextIO", _Stdout()), location=None, use_rfc3339=True, utc=True)


def line(function: str, outcome: str, started: float, context: Any, ids: Mapping[str, str]) -> None:
    """Log one call and count it. `started` is a `time.perf_counter()` value; the duration is in milliseconds."""
    took = round((time.perf_counter() - started) * 1000, 1)
    about = {"function": function, "outcome": outcome}
    request = getattr(context, "aws_request_id", "")
    _logger().info("call", extra={**about, "duration_ms": took, "function_request_id": request, **ids})
    metrics = EphemeralMetrics(namespace=NAMESPACE, service=function)
    metrics.add_dimension(name="outcome", value=outcome.split(" ")[0].rstrip(":"))  # few values: each is paid for
    metrics.add_metric(name="Calls", unit=MetricUnit.Count, value=1)
    metrics.add_metric(name="Duration", unit=MetricUnit.Milliseconds, value=took)
    metrics.flush_metrics()


def figures(function: str, counts: Mapping[str, int]) -> None:
    """One metric each of what a scheduled run counted: `minutes_to_breach` becomes `MinutesToBreach` (alarms.py)."""
    metrics = EphemeralMetrics(namespace=NAMESPACE, service=function)
    for name, value in counts.items():
        metrics.add_metric(name="".join(map(str.capitalize, name.split("_"))), unit=MetricUnit.Count, value=value)
    if counts:
        metrics.flush_metrics()
