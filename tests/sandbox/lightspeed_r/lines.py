"""Lines and payments of a sale, from what a control call wishes for."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.sandbox.kit import ControlError, Json
from tests.sandbox.lightspeed_r import shapes
from tests.sandbox.lightspeed_r.values import decimal, words
from tests.sandbox.lightspeed_r.world import Account, only

ZERO = Decimal(0)
_LINE = words(
    "itemID unitQuantity unitPrice normalUnitPrice discountPercent discountAmount discountID tax taxClassID "
    "note parentSaleLineID fees show_rates"
)
_PAYMENT = (
    "type",
    "paymentTypeID",
    "amount",
    "tendered",
    "tipAmount",
    "creditAccountID",
    "archived",
    "remoteReference",
)


def rates_of(account: Account, category: int, tax_class: int) -> tuple[Decimal, Decimal]:
    """The class's own rates in this category, else the category's; none for category 0."""
    found = account.tables["TaxCategory"].get(category)
    if found is None:
        return ZERO, ZERO
    for one in account.tables["TaxCategoryClass"]:
        if one["taxCategoryID"] == category and one["taxClassID"] == tax_class:
            found = one
    return found["tax1Rate"], found["tax2Rate"]


def new_line(account: Account, sale: Json, wish: Json, key: int, now: datetime) -> Json:
    """A line before its sums are computed.

    Without `itemID` it is a miscellaneous one (item 0) whose text is its note. `show_rates: false` shows both rates as
    "0" although the sale's are charged, which is what the vendor's samples do.
    """
    only(wish, _LINE, "line")
    item = account.find("Item", wish["itemID"]) if wish.get("itemID") else None
    price = wish.get("unitPrice", item["_prices"][0]["amount"] if item else None)
    if price is None:
        raise ControlError("a line without an item needs a unitPrice")
    tax_class = int(wish.get("taxClassID") or (item["taxClassID"] if item else 0))
    cost = item["defaultCost"] if item else ZERO
    note = shapes.note(account, wish["note"], now) if wish.get("note") else None
    rates = rates_of(account, sale["taxCategoryID"], tax_class) if wish.get("show_rates", True) else (ZERO, ZERO)
    made = blank_line(key, sale, now) | {
        "unitQuantity": decimal(wish.get("unitQuantity", 1), "unitQuantity"),
        "unitPrice": decimal(price, "unitPrice"),
        "normalUnitPrice": decimal(wish.get("normalUnitPrice", "0"), "normalUnitPrice"),
        "discountAmount": decimal(wish.get("discountAmount", "0"), "discountAmount"),
        "discountPercent": decimal(wish.get("discountPercent", "0"), "discountPercent"),
        "avgCost": cost,
        "fifoCost": cost,
        "tax": wish.get("tax", item["tax"] if item else True),
        "tax1Rate": rates[0],
        "tax2Rate": rates[1],
        "taxClassID": tax_class,
        "discountID": wish.get("discountID", 0),
        "itemID": item["itemID"] if item else 0,
        "noteID": note["noteID"] if note else 0,
        "parentSaleLineID": wish.get("parentSaleLineID", 0),
    }
    if made["discountAmount"] and made["discountPercent"]:
        raise ControlError("a line has a discountAmount or a discountPercent, not both")
    return made | ({"_note": note} if note else {})


def blank_line(key: int, sale: Json, now: datetime) -> Json:
    """Every field in the order of the samples."""
    made: Json = {"saleLineID": key, "createTime": now, "timeStamp": now, "unitQuantity": Decimal(1)}
    made |= dict.fromkeys(
        ("unitPrice", "normalUnitPrice", "discountAmount", "discountPercent", "avgCost", "fifoCost"), ZERO
    )
    made |= {"tax": False, "tax1Rate": ZERO, "tax2Rate": ZERO, "isLayaway": False, "isWorkorder": False}
    made |= {"isSpecialOrder": False, "displayableSubtotal": ZERO, "displayableUnitPrice": ZERO, "lineType": ""}
    made |= dict.fromkeys(("calcLineDiscount", "calcTransactionDiscount", "calcTotal", "calcSubtotal"), ZERO)
    made |= {"calcTax1": ZERO, "calcTax2": ZERO, "taxClassID": 0, "customerID": 0, "discountID": 0}
    made |= {
        "employeeID": sale["employeeID"],
        "itemID": 0,
        "noteID": 0,
        "parentSaleLineID": 0,
        "shopID": sale["shopID"],
    }
    return made | {"taxCategoryID": sale["taxCategoryID"], "saleID": sale["saleID"], "itemFeeID": 0}


def fee_line(account: Account, line: Json, fee_id: int, key: int, now: datetime) -> Json:
    """The fee of an item: a line of its own whose parent is the item's line in the same sale."""
    fee = account.find("ItemFee", fee_id)
    sale = {name: line[name] for name in ("employeeID", "shopID", "taxCategoryID", "saleID")}
    rates = rates_of(account, line["taxCategoryID"], line["taxClassID"]) if fee["taxable"] else (ZERO, ZERO)
    return blank_line(key, sale, now) | {
        "unitQuantity": line["unitQuantity"],
        "unitPrice": Decimal(fee["feeValue"]),
        "tax": fee["taxable"],
        "tax1Rate": rates[0],
        "tax2Rate": rates[1],
        "taxClassID": line["taxClassID"],
        "lineType": "item_fee",
        "parentSaleLineID": line["saleLineID"],
        "itemFeeID": fee_id,
    }


def refund_line(line: Json, key: int, sale: Json, quantity: Decimal, now: datetime) -> Json:
    """The negative of a line, or of a part of its quantity."""
    part = quantity / line["unitQuantity"]
    own = {name: value for name, value in line.items() if name not in {"_refunded", "_sale_accounts"}}
    return own | {
        "saleLineID": key,
        "createTime": now,
        "timeStamp": now,
        "unitQuantity": -quantity,
        "discountAmount": line["discountAmount"] * part,
        "calcTransactionDiscount": -line["calcTransactionDiscount"] * part,
        "employeeID": sale["employeeID"],
        "shopID": sale["shopID"],
        "parentSaleLineID": line["saleLineID"],
        "saleID": sale["saleID"],
        "lineType": "item_fee_refund" if line["lineType"] == "item_fee" else "",
    }


def payment_type(account: Account, wish: Json) -> Json:
    """By `paymentTypeID`, or the first of a `type` such as `cash`."""
    if "paymentTypeID" in wish:
        return account.find("PaymentType", wish["paymentTypeID"])
    kind = wish.get("type", "cash")
    for one in account.tables["PaymentType"]:
        if kind in (one["type"], one["name"]):
            return one
    raise ControlError(f"no payment type {kind!r} in account {account.id}")


def new_payment(account: Account, sale: Json, wish: Json, due: Decimal, now: datetime) -> tuple[Json, Decimal]:
    """The payment and the change given out. Cash that is `tendered` is kept net of its change.

    `amount` includes `tipAmount`; without an amount it is what is `due`, and the tip on top.
    """
    only(wish, _PAYMENT, "payment")
    kind = payment_type(account, wish)
    tip = decimal(wish.get("tipAmount", "0"), "tipAmount")
    amount = decimal(wish["amount"], "amount") if "amount" in wish else due + tip
    change = ZERO
    if "tendered" in wish:
        tendered = decimal(wish["tendered"], "tendered")
        amount, change = min(due, tendered), max(ZERO, tendered - due)
    if kind["type"] in {"gift card", "credit account"}:
        account.find("CreditAccount", wish.get("creditAccountID", 0))
    made = blank_payment(account.new_key("SalePayment"), sale, amount, kind["paymentTypeID"], now)
    made |= {
        "tipAmount": tip,
        "archived": wish.get("archived", False),
        "creditAccountID": wish.get("creditAccountID", 0),
    }
    return made | {"remoteReference": wish.get("remoteReference", "")}, change


def blank_payment(key: int, sale: Json, amount: Decimal, type_id: int, now: datetime) -> Json:
    """Every field in the order of the samples."""
    made: dict[str, Any] = {"salePaymentID": key, "amount": amount, "tipAmount": ZERO, "createTime": now}
    made |= {"archived": False, "remoteReference": "", "paymentID": "", "saleID": sale["saleID"]}
    made |= {"paymentTypeID": type_id, "ccChargeID": 0, "refPaymentID": 0, "registerID": sale["registerID"]}
    return made | {"employeeID": sale["employeeID"], "creditAccountID": 0}
