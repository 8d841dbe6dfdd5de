"""What happens in the back office: items, customers, shops, taxes, gift cards, counting stock."""

from datetime import datetime

from tests.sandbox.kit import ControlError, Json
from tests.sandbox.lightspeed_r import seeding, shapes, stock
from tests.sandbox.lightspeed_r.values import decimal
from tests.sandbox.lightspeed_r.world import Account, only

_CHANGEABLE = {
    "Shop": {"name", "timeZone", "taxCategoryID", "vatNumber", "companyRegistrationNumber", "archived"},
    "TaxCategory": {"tax1Name", "tax2Name", "tax1Rate", "tax2Rate", "isTaxInclusive"},
}


class Office:
    """Edits of one account at one moment."""

    def __init__(self, account: Account, now: datetime) -> None:
        self.account, self.now = account, now

    def create(self, collection: str, given: Json) -> tuple[str, Json]:
        """In the seed's form: customers, items, shops, credit_accounts, gift_cards."""
        account, now = self.account, self.now
        if collection == "customers":
            key = given.get("customerID") or account.new_key("Customer")
            return "Customer", account.put("Customer", shapes.customer(account, given, key, now))
        if collection == "items":
            return "Item", seeding.add_item(account, given, now)
        if collection == "shops":
            return "Shop", account.put("Shop", shapes.shop(account, {"shopID": account.new_key("Shop")} | given, now))
        if collection in {"credit_accounts", "gift_cards"}:
            card = {"giftCard": True} if collection == "gift_cards" else {}
            if card and not 8 <= len(given.get("code", "")) <= 32:
                raise ControlError("a gift card has a code of 8 to 32 digits")
            return "CreditAccount", seeding.add_credit_account(account, given | card, now)
        raise ControlError("created here are customers, items, shops, credit_accounts, gift_cards, sales, reservations")

    def change(self, entity: str, key: int, given: Json) -> Json:
        """Fields of a record; a customer's contact is replaced as a whole by any of its lists."""
        record = self.account.find(entity, key)
        if entity == "Item":
            return self.account.put(entity, self._item(record, given))
        if entity == "Customer":
            return self.account.put(entity, self._customer(record, given))
        if entity not in _CHANGEABLE:
            raise ControlError(f"a {entity} is not changed like this")
        only(given, _CHANGEABLE[entity], entity)
        rates = {name: decimal(value, name) for name, value in given.items() if name.endswith("Rate")}
        return self.account.put(entity, record | given | rates | {"timeStamp": self.now})

    def archive(self, entity: str, key: int) -> tuple[str, Json]:
        """DELETE archives. The stock of an archived item is zeroed out."""
        record = self.account.find(entity, key)
        if entity == "Item":
            for row in self.account.stock_rows(key):
                self.account.put("ItemShop", row | {"qoh": 0, "sellable": 0, "timeStamp": self.now})
        if record.get("creditAccountID"):
            held = self.account.find("CreditAccount", record["creditAccountID"])
            self.account.put("CreditAccount", held | {"archived": True, "timeStamp": self.now})
        return entity, self.account.put(entity, record | {"archived": True, "timeStamp": self.now})

    def anonymise(self, key: int) -> tuple[str, Json]:
        """Archived and without personal data, but for notes and custom fields."""
        _entity, record = self.archive("Customer", key)
        gone = dict.fromkeys(("title", "company", "companyRegistrationNumber", "vatNumber"), "")
        empty = {"_addresses": [], "_phones": [], "_emails": [], "timeStamp": self.now}
        contact = record["_contact"] | empty
        changed = record | gone | {"firstName": "Customer", "lastName": f"[{key}]", "_contact": contact}
        return "Customer", self.account.put("Customer", changed)

    def count_stock(self, key: int, given: Json) -> tuple[str, Json]:
        """`{"shopID", "qoh"}`."""
        only(given, ("shopID", "qoh"), "stock")
        stock.count(self.account, key, given.get("shopID", 1), given["qoh"], self.now)
        return "Item", self.account.find("Item", key)

    def _item(self, record: Json, given: Json) -> Json:
        plain = ("description", "tax", "taxClassID", "categoryID", "customSku", "upc", "ean", "itemType")
        only(given, (*plain, "price", "custom_fields"), "item")
        changed = record | {name: given[name] for name in plain if name in given} | {"timeStamp": self.now}
        if "price" in given:
            default, *others = record["_prices"]
            changed["_prices"] = [default | {"amount": decimal(given["price"], "price")}, *others]
        if "custom_fields" in given:
            changed["_custom"] = dict(given["custom_fields"])
        return changed

    def _customer(self, record: Json, given: Json) -> Json:
        plain = ("firstName", "lastName", "title", "company", "companyRegistrationNumber", "vatNumber", "taxCategoryID")
        lists = ("addresses", "phones", "emails")
        only(given, (*plain, *lists, "archived", "custom_fields"), "customer")
        changed = (
            record | {name: given[name] for name in (*plain, "archived") if name in given} | {"timeStamp": self.now}
        )
        if any(name in given for name in lists):
            before = {name: record["_contact"][f"_{name}"] for name in lists}
            parts = before | {name: given[name] for name in lists if name in given}
            changed["_contact"] = shapes.contact(record["contactID"], parts, self.now)
        if "custom_fields" in given:
            changed["_custom"] = dict(given["custom_fields"])
        return changed
