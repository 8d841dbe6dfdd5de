"""Wiring of hold_invoice."""

from __future__ import annotations

import os
from functools import cache

from taxpoynt.bootstrap.stores import stores
from taxpoynt.services.hold_invoice import HoldInvoice
from taxpoynt.settings import HoldInvoiceSettings, load
from taxpoynt.storage.alerts import SnsAlerts
from taxpoynt.storage.clients import client


@cache
def hold_invoice() -> HoldInvoice:
    """The ready use case."""
    settings = load(HoldInvoiceSettings, os.environ)
    return HoldInvoice(stores(settings), SnsAlerts(client("sns"), settings.alerts_topic_arn))
