"""What Lambda hands to a handler beside the event, and the environment infra_cdk sets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EVENTS = Path(__file__).parents[1] / "events"


@dataclass
class LambdaContext:
    aws_request_id: str = "11111111-2222-4333-8444-555555555555"
    function_name: str = "taxpoynt-dev-function"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:taxpoynt-dev-function"
    milliseconds: int = 30_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


def event(name: str) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return whole


QUEUES = ("pos", "crm", "bulk")

ENVIRONMENT = {
    "STAGE": "dev",
    "CATALOGUE_TABLE": "catalogue",
    "CONNECTIONS_TABLE": "connections",
    "EVENTS_TABLE": "events",
    "INVOICES_TABLE": "invoices",
    "RAW_BUCKET": "raw",
    "INVOICE_CONVERSION_ARN": "arn:aws:states:us-east-1:123456789012:stateMachine:conversion",
    "SUBMISSION_RECOVERY_ARN": "arn:aws:states:us-east-1:123456789012:stateMachine:recovery",
    "INVOICE_DELIVERY_ARN": "arn:aws:states:us-east-1:123456789012:stateMachine:delivery",
    "PUBLIC_URL": "https://connect.example",
    "NRS_BASE_URL": "https://nrs.example",
    "NRS_SECRET": "taxpoynt/dev/nrs",
    "PLATFORM_SECRET_PREFIX": "taxpoynt/dev/platforms/",
    "WEBHOOK_SECRET_PREFIX": "taxpoynt/dev/webhooks/",
    "PLATFORM_ENDPOINTS": "{}",
    "OPERATOR_SECRET": "taxpoynt/dev/operator",
}
