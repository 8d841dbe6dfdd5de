"""Wiring of convert_sale."""

from __future__ import annotations

import os
from functools import cache

from taxpoynt.bootstrap.stores import stores
from taxpoynt.nrs.resources import code_lists
from taxpoynt.services.convert_sale import ConvertSale
from taxpoynt.settings import ConvertSaleSettings, load


@cache
def convert_sale() -> ConvertSale:
    """The ready use case."""
    return ConvertSale(stores(load(ConvertSaleSettings, os.environ)), code_lists())
