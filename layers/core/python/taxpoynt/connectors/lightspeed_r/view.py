"""One shape of an R-Series sale and what belongs to it, and in which state of its life it is.

A sale with goods that go out and goods that come back is two documents: the part `sale` and the part `sale_return`,
each a record of its own to us (reference, A4: refunds are sales with negative quantities; exchanges mix both).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from taxpoynt.connectors.lightspeed_r.records import Record, bare, first, flag, get, link, many, number, related, text
from taxpoynt.domain.source import SourceBundle
from taxpoynt.errors import BadInput

View = dict[str, Any]

RETURN = "sale_return"
"""The resource of the goods that came back in an exchange."""

_NOT_RETURNED = ("item_fee",)


def view(bundle: SourceBundle, account: Mapping[str, Any]) -> View:
    """`sale` (with `state`), `lines` and `payments` as lists, `customer`, `shop`, `parents`: lines that refunds name.

    `part` is the bundle's resource. `account`: what the connection knows, else what an answer says.
    """
    answers = bundle.parsed()
    sales = [*bare(answers.get("sale"), "Sale"), *bare(answers.get(RETURN), "Sale")]
    if len(sales) > 1:
        raise BadInput(f"{len(sales)} sales where one was expected")
    sale = dict(sales[0]) if sales else None
    if sale is None or "saleID" not in sale:
        raise BadInput("this is not a Lightspeed R-Series sale")
    lines = _lines(sale, answers)
    payments = [one for one in many(get(sale, "SalePayments"), "SalePayment") if not flag(one, "archived")]
    customer = related(sale, "Customer") or next(bare(answers.get("customer"), "Customer"), None)
    mixed = any(came_back(one) for one in lines) and not all(came_back(one) for one in lines)
    part = bundle.resource if mixed else "sale"
    shown = {**sale, "state": state(sale, lines), "exchange": mixed, **(_sides(lines) if mixed else {})}
    return {
        "sale": shown,
        RETURN: shown,
        "part": part,
        "lines": [one for one in lines if not mixed or came_back(one) == (part == RETURN)],
        "payments": payments,
        "customer": dict(customer) if customer and link(sale, "customerID") else None,
        "address": _address(customer),
        "shop": related(sale, "Shop") or next(bare(answers.get("shop"), "Shop"), None),
        "parents": list(bare(answers.get("parent_lines"), "SaleLine")),
        "account": {**_account(answers), **account},
    }


def _lines(sale: Record, answers: Mapping[str, list[Any]]) -> list[Record]:
    """Lines that move something: no empty ones, and none that wait at the customer (`saleID` 0: layaway, orders)."""
    given = many(get(sale, "SaleLines"), "SaleLine") or list(bare(answers.get("sale_lines"), "SaleLine"))
    return [one for one in given if number(one, "unitQuantity") and text(one, "saleID") != "0"]


def _sides(lines: list[Record]) -> dict[str, Decimal]:
    """What went out and what came back in an exchange, with tax, both positive."""
    totals = [number(one, "calcTotal") for one in lines]
    return {
        "went_out": sum((one for one in totals if one > 0), Decimal(0)),
        "came_back": -sum((one for one in totals if one < 0), Decimal(0)),
    }


def came_back(line: Record) -> bool:
    """A return: a negative quantity. Fees of returned items come back with them (`item_fee_refund`)."""
    return number(line, "unitQuantity") < 0


def is_refund(line: Record) -> bool:
    """Does the line name the line it gives back? Fees point at their item, in the same sale."""
    return link(line, "parentSaleLineID") is not None and text(line, "lineType") not in _NOT_RETURNED


def state(sale: Record, lines: list[Record]) -> str:
    """What the trigger rule of the template decides on."""
    if flag(sale, "voided"):
        return "voided"
    if flag(sale, "archived"):
        return "archived"
    if not flag(sale, "completed"):
        return "open"
    if not lines:
        return "nothing_sold"  # a gift-card load, a deposit, a payment of an account, a "no sale"
    if all(number(one, "unitPrice") <= 0 < number(one, "unitQuantity") for one in lines):
        return "nothing_sold"  # store credit given by hand: a line of -100 and a payment of -100
    if all(came_back(one) for one in lines):
        return "refund"
    owed = number(sale, "balance") > 0 or _on_account(sale)
    return "on_account" if owed else "completed"


def _on_account(sale: Record) -> bool:
    """Is a part of it put on the customer's account? A drawing on a deposit looks the same (reference, A4)."""
    payments = [one for one in many(get(sale, "SalePayments"), "SalePayment") if not flag(one, "archived")]
    return any(method_type(one) == "credit account" and number(one, "amount") > Decimal(0) for one in payments)


def method_type(payment: Record) -> str:
    """`cash`, `credit card`, `gift card`, `credit account` …: ids are an account's own."""
    return (text(related(payment, "PaymentType"), "type") or "").lower()


def _address(customer: Record | None) -> dict[str, Any] | None:
    """The first of the customer's addresses."""
    addresses = first(get(related(customer, "Contact"), "Addresses"), "ContactAddress")
    return dict(addresses) if addresses else None


def _account(answers: Mapping[str, list[Any]]) -> dict[str, Any]:
    found = next(iter(answers.get("account") or ()), None)
    record = first(found, "Account") or (found if isinstance(found, Mapping) else None)
    currency = text(related(record, "defaultCurrency") or get(record, "defaultCurrency"), "code")
    return {"default_currency": currency} if currency else {}
