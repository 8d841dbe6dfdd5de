"""Wiring of reserve_invoice."""

from __future__ import annotations

import os
from functools import cache

from taxpoynt.bootstrap.stores import stores
from taxpoynt.nrs.payload import body
from taxpoynt.services.reserve_invoice import ReserveInvoice
from taxpoynt.settings import ReserveInvoiceSettings, load


@cache
def reserve_invoice() -> ReserveInvoice:
    """The ready use case."""
    return ReserveInvoice(stores(load(ReserveInvoiceSettings, os.environ)), body)
