"""Wiring of check_invoice."""

from __future__ import annotations

import os
from functools import cache

from taxpoynt.bootstrap.lists import lists
from taxpoynt.bootstrap.stores import stores
from taxpoynt.nrs.payload import body
from taxpoynt.services.check_invoice import CheckInvoice
from taxpoynt.settings import CheckInvoiceSettings, load


@cache
def check_invoice() -> CheckInvoice:
    """The ready use case."""
    settings = load(CheckInvoiceSettings, os.environ)
    return CheckInvoice(stores(settings), lists(settings), body)
