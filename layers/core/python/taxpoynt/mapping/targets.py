"""What a rule may set: every target with the kind of value it takes, by the scope in which it is asked.

A scope is the part of a target before its last names: rules of `line.tax` are asked once for each tax of each line.
Names are those of domain/sale.py and domain/party.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal


@dataclass(frozen=True, slots=True)
class Kind:
    """How a target's value is read. `longest`: the most characters; `words`: the only values there are."""

    form: Literal["text", "words", "number", "time", "day", "currency", "zone", "boolean"] = "text"
    longest: int = 60
    words: tuple[str, ...] = ()

    @property
    def strict(self) -> bool:
        """Is a value that is there and cannot be read a fault? Of texts only their absence counts."""
        return self.form != "text"


def text(longest: int) -> Kind:
    """A text of at most so many characters."""
    return Kind("text", longest)


def one_of(*words: str) -> Kind:
    """One of these words."""
    return Kind("words", 40, words)


NUMBER = Kind("number")
TIME = Kind("time")
BOOLEAN = Kind("boolean")
_BASIS = one_of("exclusive", "inclusive", "unstated")

_ADDRESS = ("street", "unit", "city", "postal_code", "lga", "state", "region", "country", "free_text")
DOCUMENT_TARGETS: dict[str, Kind] = {
    "buyer.name": text(255),
    "buyer.tin": text(40),
    "buyer.email": text(254),
    "buyer.telephone": text(40),
    "buyer.kind": one_of("organisation", "person", "government"),
    "buyer.business_description": text(500),
    **{f"buyer.address.{part}": text(300) for part in _ADDRESS},
    "note": text(2000),
    "buyer_reference": text(200),
    "location": text(128),
    "order_number": text(100),
}
"""Every connector asks these."""

LINE_TARGETS: dict[str, Kind] = {
    "line.classification.hsn_code": text(20),
    "line.classification.product_category": text(255),
    "line.classification.isic_code": text(20),
    "line.classification.service_category": text(255),
    "line.sku": text(100),
    "line.unit": text(10),
    "line.tax_category": text(40),
    "line.description": text(1000),
    "line.category": text(255),
    "line.account": text(255),
}
"""Every connector asks these for each line."""

HEAD_TARGETS: dict[str, Kind] = {
    "sale_id": text(128),
    "document": one_of("invoice", "credit_note"),
    "type_code": text(3),
    "number": text(100),
    "title": text(255),
    "currency": Kind("currency"),
    "completed_at": TIME,
    "business_date": Kind("day"),
    "zone": Kind("zone"),
    "source_url": text(500),
    "price_basis": _BASIS,
    "tip": NUMBER,
    "rounding": NUMBER,
    "stated_total": NUMBER,
    "stated_total_basis": one_of("net", "gross"),
}
"""Only a sale that is declared in the template asks these, and all below."""

_TAX = {
    "name": text(100),
    "rate_percent": NUMBER,
    "amount": NUMBER,
    "category": text(40),
    "reason": text(255),
    "on_tax": BOOLEAN,
}
_DISCOUNT = {"percent": NUMBER, "amount": NUMBER, "reason": text(255)}
_CHARGE = {
    **_DISCOUNT,
    "kind": one_of("delivery", "service_charge", "fee", "other"),
    "price_basis": _BASIS,
}

SCOPES: dict[str, dict[str, Kind]] = {
    "line": {
        "name": text(255),
        "product_id": text(128),
        "quantity": NUMBER,
        "unit_price": NUMBER,
        "amount": NUMBER,
        "price_basis": _BASIS,
        "stated_total": NUMBER,
        "from_total": BOOLEAN,
    },
    "line.tax": _TAX,
    "line.discount": _DISCOUNT,
    "line.fee": _CHARGE,
    "line.fee.tax": _TAX,
    "discount": _DISCOUNT,
    "charge": _CHARGE,
    "charge.tax": _TAX,
    "payment": {
        "method": text(100),
        "amount": NUMBER,
        "change": NUMBER,
        "means_code": text(10),
        "paid_at": TIME,
        "kind": one_of("payment", "prepayment", "refund"),
    },
    "withholding": {"name": text(100), "rate_percent": NUMBER, "amount": NUMBER, "base": NUMBER},
}
"""Targets by the list over whose items they run, without the list's own name."""

DECLARED_TARGETS: dict[str, Kind] = HEAD_TARGETS | {
    f"{scope}.{name}": kind for scope, targets in SCOPES.items() for name, kind in targets.items()
}
TARGETS: dict[str, Kind] = DOCUMENT_TARGETS | LINE_TARGETS | DECLARED_TARGETS


@cache
def of_scope(scope: str) -> Mapping[str, Kind]:
    """The targets that are asked for one item of `scope`; "" is the document."""
    if not scope:
        return DOCUMENT_TARGETS | HEAD_TARGETS
    own = {f"{scope}.{name}": kind for name, kind in SCOPES[scope].items()}
    return LINE_TARGETS | own if scope == "line" else own


@cache
def scope_of(target: str) -> str:
    """The scope whose items a target's rules are asked for: `line.tax` for `line.tax.name`."""
    fitting = [scope for scope in SCOPES if target.startswith(f"{scope}.")]
    return max(fitting, key=len, default="")
