"""Wiring of convert_sale."""

from __future__ import annotations

import os
from functools import cache

from taxpoynt.bootstrap.lists import lists
from taxpoynt.bootstrap.software import software
from taxpoynt.bootstrap.stores import stores
from taxpoynt.services.convert_sale import ConvertSale
from taxpoynt.settings import ConvertSaleSettings, load


@cache
def convert_sale() -> ConvertSale:
    """The ready use case."""
    settings = load(ConvertSaleSettings, os.environ)
    return ConvertSale(stores(settings), lists(settings), software())
