"""Wiring of receive_nrs_notice."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

from taxpoynt.services.receive_nrs_notice import ReceiveNrsNotice
from taxpoynt.settings import ReceiveNrsNoticeSettings, load
from taxpoynt.storage.clients import client
from taxpoynt.storage.clock import SystemClock
from taxpoynt.storage.notice_tokens import DynamoNoticeTokens
from taxpoynt.storage.sales import DynamoSaleStore
from taxpoynt.storage.table import Table
from taxpoynt.storage.workflows import StepFunctionsStarter
from taxpoynt.web import Request, Response

ANSWER_IN = 3
"""Seconds a store may take: NRS is answered fast, and what it said is read from it again anyway."""

_TAKEN = Response(
    status=200, body="ok\n", headers={"content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}
)


@cache
def receive_nrs_notice() -> Callable[[Request], Response]:
    """The ready route: 200 whatever came."""
    settings = load(ReceiveNrsNoticeSettings, os.environ)
    dynamodb = client("dynamodb", read_timeout=ANSWER_IN)
    states = client("stepfunctions", read_timeout=ANSWER_IN)
    receive = ReceiveNrsNotice(
        DynamoNoticeTokens(Table(dynamodb, settings.connections_table)).merchant_of,
        DynamoSaleStore(dynamodb, settings.invoices_table, SystemClock()),
        StepFunctionsStarter(states, delivery=settings.invoice_delivery_arn),
    )

    def route(request: Request) -> Response:
        receive(request.params.get("token", ""), request.body)
        return _TAKEN

    return route
