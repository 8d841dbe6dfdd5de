"""Wiring of deliver_invoice."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from functools import cache

from taxpoynt.bootstrap.stores import stores
from taxpoynt.bootstrap.submissions import nrs_desks
from taxpoynt.services.deliver_invoice import DeliverInvoice
from taxpoynt.settings import DeliverInvoiceSettings, load


def deliver_invoice() -> DeliverInvoice:
    """The use case for one invocation, with the key pairs of now."""
    return _deliveries()()


@cache
def _deliveries() -> Callable[[], DeliverInvoice]:
    settings = load(DeliverInvoiceSettings, os.environ)
    kept = stores(settings)
    desks = nrs_desks(settings, kept)
    return lambda: DeliverInvoice(kept, desks(), secrets.SystemRandom().random)
