"""One JSON line a call, with ids only: never bodies, tokens, names or tax numbers.

The line carries a CloudWatch metric (embedded metric format), so that a count of outcomes per function needs no
second call. Written by hand with the standard library because the webhook path cannot afford more.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from typing import Any

NAMESPACE = "TaxPoynt"


def line(function: str, outcome: str, started: float, context: Any, ids: Mapping[str, str]) -> None:
    """Print the line of one call. `started` is a `time.perf_counter()` value; the time is logged in milliseconds."""
    took = round((time.perf_counter() - started) * 1000, 1)
    metrics = [{"Name": "Calls", "Unit": "Count"}, {"Name": "Duration", "Unit": "Milliseconds"}]
    about = {"Namespace": NAMESPACE, "Dimensions": [["function", "outcome"]], "Metrics": metrics}
    print(  # noqa: T201 - standard output is the log of a Lambda function
        json.dumps(
            {
                "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [about]},
                "level": "INFO",
                "stage": os.environ.get("STAGE", ""),
                "function": function,
                "outcome": outcome,
                "Calls": 1,
                "Duration": took,
                "aws_request_id": getattr(context, "aws_request_id", ""),
                "trace": os.environ.get("_X_AMZN_TRACE_ID", ""),
                **ids,
            }
        )
    )
