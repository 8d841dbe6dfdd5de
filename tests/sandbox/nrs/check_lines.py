"""Invoice lines (reference, section 7.3)."""

from __future__ import annotations

import re
from typing import NoReturn

from tests.sandbox.nrs.node import Node
from tests.sandbox.nrs.problems import Problem
from tests.sandbox.nrs.tables import Tables

GOODS = ("hsn_code", "product_category")
SERVICE = ("isic_code", "service_category")
HS_CODE = re.compile(r"\d{4}\.\d{2}")


def check_lines(node: Node, tables: Tables) -> None:
    """Every line in order."""
    for line in node.children("invoice_line"):
        _classification(line, tables)
        for key in ("discount_rate", "discount_amount", "fee_rate", "fee_amount"):
            line.number(key)
        line.number("invoiced_quantity", above_zero=True)
        line.number("line_extension_amount")
        _item(line.child("item"))
        _price(line.child("price"), tables)


def _classification(line: Node, tables: Tables) -> None:
    for key in (*GOODS, *SERVICE):
        line.optional_text(key)
    goods, service = ([key for key in pair if line.has(key)] for pair in (GOODS, SERVICE))
    if bool(goods) == bool(service):
        raise Problem(
            f"{line.path} must have exactly one of hsn_code with product_category and isic_code with service_category"
        )
    pair, given = (GOODS, goods) if goods else (SERVICE, service)
    for key, other in (pair, pair[::-1]):
        if key not in given:
            _pair_incomplete(line, key, other)
    if goods and not (HS_CODE.fullmatch(line.text("hsn_code")) and tables.has("hs-codes", line.text("hsn_code"))):
        line.refuse_list("hsn_code", "hs code")
    if service and not tables.has("services-codes", line.text("isic_code")):
        line.refuse_list("isic_code", "service code")


def _pair_incomplete(line: Node, missing: str, given: str) -> NoReturn:
    """The one complaint in which field names keep their underscores."""
    raise Problem(f"{line.path}.{missing} is required when {given} is provided")


def _item(item: Node) -> None:
    item.text("name")
    item.text("description")
    item.text("sellers_item_identification")


def _price(price: Node, tables: Tables) -> None:
    price.number("price_amount")
    price.number("base_quantity", above_zero=True)
    unit = price.text("price_unit", most=3)
    if not tables.has("invoice-quantity-codes", unit):
        price.refuse_list("price_unit", "quantity code")
