"""The endpoints: their keys, what they sort by, which relations can be loaded, and how records look on the wire."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.sandbox.kit import Json
from tests.sandbox.lightspeed_r.shapes import custom_values
from tests.sandbox.lightspeed_r.values import text
from tests.sandbox.lightspeed_r.world import KEYS, Account

Tree = dict[str, Any]
Load = Callable[[Account, Json], Any]


@dataclass(frozen=True)
class Relation:
    """`load` gives a record or None, or with `many` a list; `inner` is the element's name, `shown` the outer one."""

    load: Load
    entity: str
    many: bool = False
    shown: str = ""
    by_name_only: bool = False


SORTABLE: dict[str, tuple[str, ...]] = {
    "Shop": ("shopID",),
    "Register": ("registerID",),
    "PaymentType": ("paymentTypeID",),
    "TaxCategory": ("taxCategoryID", "timeStamp"),
    "TaxClass": ("taxClassID", "timeStamp"),
    "Category": ("categoryID", "timeStamp"),
    "Discount": ("discountID", "timeStamp"),
    "ItemFee": ("itemFeeID",),
    "Employee": ("employeeID", "timeStamp"),
    "Customer": ("customerID", "timeStamp", "firstName", "lastName"),
    "CreditAccount": ("creditAccountID", "timeStamp", "customerID"),
    "Item": ("itemID", "timeStamp", "description"),
    "ItemShop": ("itemShopID", "timeStamp"),
    "Sale": ("saleID", "timeStamp", "completeTime", "updatetime"),
    "SaleLine": ("saleLineID", "timeStamp", "saleID"),
    "SalePayment": ("salePaymentID", "createTime", "saleID"),
    "SaleVoid": ("saleVoidID", "saleID"),
}


def _foreign(entity: str, key: str = "") -> Relation:
    return Relation(lambda account, record: account.tables[entity].get(record[key or KEYS[entity]]), entity)


def _none(*, many: bool = False) -> Relation:
    return Relation(lambda _account, _record: [] if many else None, "", many)


_CONTACT = Relation(lambda _account, record: record.get("_contact"), "Contact")
_CUSTOM = Relation(
    lambda _account, record: custom_values(record["_custom"], record["timeStamp"]),
    "CustomFieldValue",
    many=True,
    by_name_only=True,
)
_ACCOUNTS_OF_PAYMENT = Relation(lambda _account, record: record.get("_sale_accounts", []), "SaleAccount", many=True)

RELATIONS: dict[str, dict[str, Relation]] = {
    "Shop": {
        "Contact": _CONTACT,
        "TaxCategory": _foreign("TaxCategory"),
        "Registers": Relation(
            lambda account, record: [one for one in account.tables["Register"] if one["shopID"] == record["shopID"]],
            "Register",
            many=True,
        ),
        **dict.fromkeys(("ReceiptSetup", "CCGateway", "PriceLevel"), _none()),
        "ShelfLocations": _none(many=True),
    },
    "TaxCategory": {
        "TaxCategoryClasses": Relation(
            lambda account, record: [
                one for one in account.tables["TaxCategoryClass"] if one["taxCategoryID"] == record["taxCategoryID"]
            ],
            "TaxCategoryClass",
            many=True,
        ),
    },
    "TaxCategoryClass": {"TaxClass": _foreign("TaxClass")},
    "Customer": {
        "Contact": _CONTACT,
        "CreditAccount": _foreign("CreditAccount"),
        "TaxCategory": _foreign("TaxCategory"),
        "CustomFieldValues": _CUSTOM,
        **dict.fromkeys(("CustomerType", "Discount", "Note"), _none()),
        "Tags": _none(many=True),
    },
    "CreditAccount": {
        "Contact": _none(),
        "WithdrawalPayments": Relation(
            lambda account, record: [
                one for one in account.tables["SalePayment"] if one["creditAccountID"] == record["creditAccountID"]
            ],
            "SalePayment",
            many=True,
        ),
    },
    "Item": {
        "Category": _foreign("Category"),
        "TaxClass": _foreign("TaxClass"),
        "ItemShops": Relation(lambda account, record: account.stock_rows(record["itemID"]), "ItemShop", many=True),
        "CustomFieldValues": _CUSTOM,
        **dict.fromkeys(("ItemAttributes", "Manufacturer", "Note", "ItemECommerce"), _none()),
        **dict.fromkeys(("Images", "ItemVendorNums", "ItemComponents", "TagRelations"), _none(many=True)),
    },
    "Sale": {
        "SaleLines": Relation(lambda account, record: account.lines(record["saleID"]), "SaleLine", many=True),
        "SalePayments": Relation(lambda account, record: account.payments(record["saleID"]), "SalePayment", many=True),
        "Customer": _foreign("Customer"),
        "Shop": _foreign("Shop"),
        "TaxCategory": _foreign("TaxCategory"),
        **dict.fromkeys(("SaleNotes", "ShipTo", "Discount", "Quote"), _none()),
    },
    "SaleLine": {
        "Item": _foreign("Item"),
        "Note": Relation(lambda _account, record: record.get("_note"), "Note"),
        "Discount": _foreign("Discount"),
        "TaxClass": _foreign("TaxClass"),
        "TaxCategory": _foreign("TaxCategory"),
        "ItemFee": _foreign("ItemFee"),
        "InventorySales": _none(many=True),
        # the page's sample spells it so, with two s
        "SaleAccounts": Relation(
            lambda _account, record: record.get("_sale_accounts", []), "SaleAccount", many=True, shown="SalesAccounts"
        ),
    },
    "SalePayment": {
        "PaymentType": _foreign("PaymentType"),
        "SaleAccounts": _ACCOUNTS_OF_PAYMENT,
        "CCCharge": _none(),
        **dict.fromkeys(("Signatures", "ProcessingFees"), _none(many=True)),
    },
}

_CONTACT_PARTS = (
    ("Addresses", "ContactAddress", "_addresses"),
    ("Phones", "ContactPhone", "_phones"),
    ("Emails", "ContactEmail", "_emails"),
    ("Websites", "ContactWebsite", "_websites"),
)


def relations(entity: str) -> dict[str, Relation]:
    """Those of an endpoint; {} when it has none."""
    return RELATIONS.get(entity, {})


def render(account: Account, entity: str, record: Json, tree: Tree, *, nested: bool = False) -> Json:
    """A record as strings, with the relations of `tree` in it."""
    shown: Json = {key: text(value) for key, value in record.items() if not key.startswith("_") and value is not None}
    if entity == "Customer" and not nested:
        for key in ("contactID", "employeeID", "noteID"):  # shown inside a sale, not by the endpoint itself
            shown.pop(key, None)
    shown |= _always_there(entity, record)
    for name, below in tree.items():
        relation = relations(entity)[name]
        found = relation.load(account, record)
        if relation.many and found:
            elements = [render(account, relation.entity, one, below, nested=True) for one in found]
            shown[relation.shown or name] = {relation.entity: one_or_list(elements)}
        elif found:
            shown[name] = render(account, relation.entity, found, below, nested=True)
    if entity == "Sale":
        _finish_sale(account, record, tree, shown)
    return shown


def one_or_list(elements: list[Json]) -> Any:
    """A collection with one element is an object."""
    return elements[0] if len(elements) == 1 else elements


def _always_there(entity: str, record: Json) -> Json:
    if entity == "Item":
        return {
            "Prices": {"ItemPrice": [{key: text(value) for key, value in one.items()} for one in record["_prices"]]}
        }
    if entity != "Contact":
        return {}
    # an empty part of a contact is an empty text, not an empty list and not absent
    return {outer: {inner: one_or_list(record[own])} if record.get(own) else "" for outer, inner, own in _CONTACT_PARTS}


def _finish_sale(account: Account, record: Json, tree: Tree, shown: Json) -> None:
    if "TaxClass" in tree.get("SaleLines", {}):
        totals = tax_class_totals(account, record)
        if totals:
            shown["TaxClassTotals"] = {"Tax": one_or_list(totals)}
    shown["taxTotal"] = text(record["calcTax1"] + record["calcTax2"])


def tax_class_totals(account: Account, sale: Json) -> list[Json]:
    """One per tax class with taxed lines; the rate is in percent here, as recorded."""
    sums: dict[int, list[Decimal]] = {}
    for line in account.lines(sale["saleID"]):
        tax = line["calcTax1"] + line["calcTax2"]
        if tax:
            net = line["calcSubtotal"] - line["calcLineDiscount"] - line["calcTransactionDiscount"]
            held = sums.setdefault(line["taxClassID"], [Decimal(0), Decimal(0)])
            held[0], held[1] = held[0] + net, held[1] + tax
    made = []
    for key, (net, tax) in sums.items():
        found = account.tables["TaxClass"].get(key)
        name = found["name"] if found else ""
        rate = (tax / net * 100).quantize(Decimal("0.0001")) if net else Decimal(0)
        values = {
            "id": key,
            "name": name,
            "taxable": net,
            "rate": rate,
            "amount": tax,
            "taxname": "Tax",
            "subtotal": net,
        }
        made.append({one: text(value) for one, value in values.items()})
    return made
