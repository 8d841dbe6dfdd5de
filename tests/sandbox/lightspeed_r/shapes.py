"""New records with every field the vendor's pages show, from what a seed or a control call gives."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.sandbox.kit import Json
from tests.sandbox.lightspeed_r.scopes import RIGHTS
from tests.sandbox.lightspeed_r.values import decimal
from tests.sandbox.lightspeed_r.world import Account, only

ZERO = Decimal(0)
_ADDRESS = ("address1", "address2", "city", "state", "stateCode", "zip", "country", "countryCode")
_PRICES = (("Default", 1, "price"), ("MSRP", 2, "msrp"), ("Online", 3, "online_price"))


def employee(given: Json, now: datetime) -> Json:
    """`_user` is the number across all accounts, the `sub` of a token."""
    only(given, ("employeeID", "firstName", "lastName", "user", "rights", "locked"), "employee")
    names = {"firstName": given.get("firstName", ""), "lastName": given.get("lastName", "")}
    own = {"_user": given.get("user", 170000 + given["employeeID"]), "_locked": given.get("locked", False)}
    return {
        "employeeID": given["employeeID"],
        **names,
        "timeStamp": now,
        "_rights": given.get("rights", [*RIGHTS]),
        **own,
    }


def shop(account: Account, given: Json, now: datetime) -> Json:
    """A store; `address` is its contact's."""
    known = (
        "shopID",
        "name",
        "timeZone",
        "taxCategoryID",
        "vatNumber",
        "companyRegistrationNumber",
        "archived",
        "address",
    )
    only(given, known, "shop")
    made = {
        "shopID": given["shopID"],
        "name": given["name"],
        "serviceRate": ZERO,
        "timeZone": given.get("timeZone", "Africa/Lagos"),
        "taxLabor": False,
        "labelTitle": "Shop Name",
        "labelMsrp": False,
        "archived": given.get("archived", False),
        "timeStamp": now,
        "companyRegistrationNumber": given.get("companyRegistrationNumber", ""),
        "vatNumber": given.get("vatNumber", ""),
        "zebraBrowserPrint": False,
    }
    contact = new_contact(account, {"addresses": [given["address"]] if given.get("address") else []}, now)
    keys = {"contactID": contact["contactID"], "taxCategoryID": given.get("taxCategoryID", 0), "receiptSetupID": 1}
    keys |= {"vendorID": 0, "ccGatewayID": 0, "gatewayConfigID": 0, "priceLevelID": 1}
    return made | keys | {"_contact": contact}


def register(given: Json, now: datetime) -> Json:
    """A till."""
    only(given, ("registerID", "name", "shopID", "open", "archived"), "register")
    made = {"registerID": given["registerID"], "name": given["name"], "open": given.get("open", True), "openTime": now}
    rest = {"archived": given.get("archived", False), "tipEnabled": True, "openEmployeeID": 1}
    return made | rest | {"shopID": given["shopID"], "ccTerminalID": 0}


def payment_type(given: Json) -> Json:
    """`type`: cash, credit card, gift card, credit account, ecom, adjustment, user defined."""
    only(given, ("paymentTypeID", "name", "type", "requireCustomer", "archived", "internalReserved"), "payment type")
    made = {"paymentTypeID": given["paymentTypeID"], "name": given["name"]}
    made |= {"requireCustomer": given.get("requireCustomer", False), "archived": given.get("archived", False)}
    made |= {"internalReserved": given.get("internalReserved", given["type"] != "user defined"), "type": given["type"]}
    return made | {"refundAsPaymentTypeID": given["paymentTypeID"] if given["type"] == "gift card" else 0}


def tax_category(given: Json, now: datetime) -> Json:
    """Two slots of taxes; the second name is often empty although its rate is set."""
    only(given, ("taxCategoryID", "isTaxInclusive", "tax1Name", "tax2Name", "tax1Rate", "tax2Rate", "classes"), "tax")
    made = {"taxCategoryID": given["taxCategoryID"], "isTaxInclusive": given.get("isTaxInclusive", False)}
    made |= {"tax1Name": given.get("tax1Name", ""), "tax2Name": given.get("tax2Name", "")}
    return made | _rates(given) | {"timeStamp": now}


def tax_category_class(given: Json, key: int, category: int, now: datetime) -> Json:
    """Other rates for one tax class."""
    only(given, ("taxClassID", "tax1Rate", "tax2Rate"), "tax category class")
    return {
        "taxCategoryClassID": key,
        **_rates(given),
        "timeStamp": now,
        "taxCategoryID": category,
        "taxClassID": given["taxClassID"],
    }


def _rates(given: Json) -> Json:
    return {name: decimal(given.get(name, "0"), name) for name in ("tax1Rate", "tax2Rate")}


def named(key: str, given: Json, now: datetime) -> Json:
    """A tax class or an item category."""
    only(given, (key, "name"), key)
    made: Json = {key: given[key], "name": given["name"]}
    if key == "categoryID":
        made |= {"nodeDepth": 0, "fullPathName": given["name"], "leftNode": 0, "rightNode": 0, "createTime": now}
    return made | {"timeStamp": now} | ({"parentID": 0} if key == "categoryID" else {})


def discount(given: Json, now: datetime) -> Json:
    """A discount rule of the shop: an amount or a fraction."""
    only(given, ("discountID", "name", "discountAmount", "discountPercent"), "discount")
    amounts = {key: decimal(given.get(key, "0"), key) for key in ("discountAmount", "discountPercent")}
    made = {"discountID": given["discountID"], "name": given["name"], **amounts, "requireCustomer": False}
    return made | {"archived": False, "sourceID": 2, "createTime": now, "timeStamp": now}


def item_fee(given: Json, now: datetime) -> Json:
    """`feeValue` keeps its two decimals, and the time is spelled `timestamp` here."""
    only(given, ("itemFeeID", "name", "feeValue", "taxable"), "item fee")
    made = {"itemFeeID": given["itemFeeID"], "name": given["name"], "calculationMethod": "fixed_amount"}
    made |= {"feeValue": f"{decimal(given['feeValue'], 'feeValue'):.2f}", "taxable": given.get("taxable", False)}
    made |= {"discountable": False, "nonRefundable": False, "archived": False}
    return made | {"createTime": now, "timestamp": now}


def item(given: Json, key: int, now: datetime) -> Json:
    """A product; `stock` is not part of it but of its ItemShops."""
    known = ("itemID", "description", "tax", "taxClassID", "categoryID", "customSku", "manufacturerSku", "upc", "ean")
    only(
        given,
        (*known, "itemType", "cost", "price", "msrp", "online_price", "custom_fields", "archived", "stock"),
        "item",
    )
    cost = decimal(given.get("cost", "0"), "cost")
    made = {"itemID": key, "systemSku": str(210_000_000_000 + key), "defaultCost": cost, "avgCost": cost}
    made |= {"discountable": True, "tax": given.get("tax", True), "archived": given.get("archived", False)}
    made |= {"itemType": given.get("itemType", "default"), "serialized": False, "description": given["description"]}
    made |= {"modelYear": 0} | {name: given.get(name, "") for name in ("upc", "ean", "customSku", "manufacturerSku")}
    made |= {"createTime": now, "timeStamp": now, "publishToEcom": False, "categoryID": given.get("categoryID", 0)}
    made |= {"taxClassID": given.get("taxClassID", 1), "departmentID": 0, "itemMatrixID": 0, "itemAttributesID": 0}
    made |= {"manufacturerID": 0, "noteID": 0, "seasonID": 0, "defaultVendorID": 0, "itemECommerceID": 0}
    return made | {"_prices": _prices(given), "_custom": dict(given.get("custom_fields", {}))}


def _prices(given: Json) -> list[Json]:
    amounts = {"online_price": given["price"], "msrp": "0"} | given
    return [{"amount": decimal(amounts[key], key), "useTypeID": number, "useType": use} for use, number, key in _PRICES]


def item_shop(key: int, item_id: int, shop_id: int, quantity: int, now: datetime) -> Json:
    """Stock of one item in one shop; shop 0 is the sum of all."""
    counts: Json = {"qoh": quantity, "sellable": max(0, quantity), "backorder": 0, "componentQoh": 0}
    counts |= {"componentBackorder": 0, "onLayaway": 0, "onSpecialOrder": 0, "onWorkorder": 0}
    counts |= {"onTransferOut": 0, "onTransferIn": 0, "averageCost": ZERO, "nextFifoLotID": 0, "nextFifoLotCost": ZERO}
    counts |= {"lastReceivedLotID": 0, "lastReceivedCost": ZERO, "totalValueFifo": ZERO, "totalValueAvgCost": ZERO}
    counts |= {"totalValueNegativeInventory": ZERO, "reorderPoint": 0, "reorderLevel": 0}
    return {"itemShopID": key, **counts, "timeStamp": now, "itemID": item_id, "shopID": shop_id}


_CUSTOMER = ("firstName", "lastName", "title", "company", "companyRegistrationNumber", "vatNumber")


def customer(account: Account, given: Json, key: int, now: datetime) -> Json:
    """A person or a business; `addresses`, `phones`, `emails` are lists."""
    known = ("customerID", *_CUSTOMER, "addresses", "phones", "emails", "taxCategoryID", "custom_fields", "archived")
    only(given, known, "customer")
    contact = new_contact(account, {name: given.get(name, []) for name in ("addresses", "phones", "emails")}, now)
    made = {name: given.get(name, "") for name in _CUSTOMER}
    return bare_customer(key, made, contact, now) | {
        "taxCategoryID": given.get("taxCategoryID", 0),
        "archived": given.get("archived", False),
        "_custom": dict(given.get("custom_fields", {})),
    }


def bare_customer(key: int, names: Json, contact: Json, now: datetime) -> Json:
    """The frame of a customer record."""
    keys: Json = {
        "creditAccountID": 0,
        "customerTypeID": 0,
        "discountID": 0,
        "taxCategoryID": 0,
        "employeeID": 0,
        "noteID": 0,
    }
    dated = {"customerID": key, "createTime": now, "timeStamp": now, "archived": False}
    return names | keys | dated | {"contactID": contact["contactID"], "_contact": contact, "_custom": {}}


def new_contact(account: Account, given: Json, now: datetime) -> Json:
    """The next contact of the account."""
    account.last_contact += 1
    return contact(account.last_contact, given, now)


def contact(key: int, given: Json, now: datetime) -> Json:
    """Kept with plain lists; rendering turns them into objects, lists or empty texts."""
    addresses = [{name: one.get(name, "") for name in _ADDRESS} for one in given.get("addresses", [])]
    for one in given.get("addresses", []):
        only(one, _ADDRESS, "address")
    made: Json = {"contactID": key, "custom": "", "noEmail": False, "noPhone": False, "noMail": False, "timeStamp": now}
    return made | {"_addresses": addresses, "_phones": given.get("phones", []), "_emails": given.get("emails", [])}


def credit_account(key: int, given: Json, now: datetime) -> Json:
    """A customer's account, or a gift card with its `code`."""
    only(
        given,
        ("creditAccountID", "name", "code", "creditLimit", "description", "giftCard", "customerID"),
        "credit account",
    )
    made = {"creditAccountID": key, "name": given.get("name", "Gift Card"), "code": given.get("code", "")}
    made |= {
        "creditLimit": decimal(given.get("creditLimit", "0"), "creditLimit"),
        "description": given.get("description", ""),
    }
    made |= {"giftCard": given.get("giftCard", False), "archived": False, "timeStamp": now}
    return made | {"customerID": given.get("customerID", 0), "balance": ZERO}


def note(account: Account, words: str, now: datetime) -> Json:
    """The text of a line."""
    account.last_note += 1
    return {"noteID": account.last_note, "note": words, "isPublic": False, "timeStamp": now}


def custom_values(values: dict[str, Any], now: datetime) -> list[Json]:
    """CustomFieldValues; they are loaded only when asked for by name."""
    return [
        {
            "customFieldValueID": number,
            "customFieldID": number,
            "name": name,
            "type": "string",
            "value": value,
            "deleted": False,
            "timeStamp": now,
        }
        for number, (name, value) in enumerate(values.items(), start=1)
    ]
