"""What happens in the back office: products, customers, outlets, stock."""

from datetime import datetime

from tests.sandbox.kit import ControlError, Json
from tests.sandbox.lightspeed_x import seeding, shapes, stock
from tests.sandbox.lightspeed_x.events import Announcer
from tests.sandbox.lightspeed_x.values import decimal, words
from tests.sandbox.lightspeed_x.world import Retailer, World, only

_CHANGEABLE = {
    "products": words("name sku description active supplier_code price codes"),
    "customers": [*words("first_name last_name company_name email phone mobile note"), *shapes.ADDRESSES]
    + [f"custom_field_{number}" for number in range(1, 5)],
    "outlets": words("name time_zone currency currency_symbol display_prices"),
}


class Office:
    """Edits of one store at one moment; products and customers fire their events."""

    def __init__(self, world: World, store: Retailer, now: datetime, announcer: Announcer | None) -> None:
        self.world, self.store, self.now, self.announcer = world, store, now, announcer

    def create(self, kind: str, given: Json) -> Json:
        """In the seed's form."""
        if kind == "products":
            made = seeding.add_product(self.world, self.store, given, self.now)
        elif kind == "customers":
            key = given.get("id") or self.world.new_id()
            made = self.store.put("customers", shapes.customer(key, given, self.now))
        elif kind == "outlets":
            made = self.store.put("outlets", shapes.outlet(given.get("id") or self.world.new_id(), given))
        else:
            raise ControlError("created here are products, customers, outlets, sales, gift_cards, webhooks")
        return self._told(kind, made)

    def change(self, kind: str, key: str, given: Json) -> Json:
        """A new version of the record."""
        if kind not in _CHANGEABLE:
            raise ControlError(f"a record of {kind} is not changed like this")
        only(given, _CHANGEABLE[kind], kind)
        record = self.store.find(kind, key)
        changed = record | {name: value for name, value in given.items() if name not in {"price", "codes"}}
        if "codes" in given:
            changed["_codes"] = given["codes"]
        if "price" in given:
            ratio = record["price_including_tax"] / record["price_excluding_tax"]
            net = decimal(given["price"], "price")
            changed |= {"price_excluding_tax": net, "price_including_tax": net * ratio}
        if "updated_at" in record:
            changed["updated_at"] = self.now
        return self._told(kind, self.store.put(kind, changed))

    def delete(self, kind: str, key: str) -> Json:
        """Gone from lists unless they ask for deleted ones."""
        record = self.store.find(kind, key)
        return self._told(kind, self.store.put(kind, record | {"deleted_at": self.now, "updated_at": self.now}))

    def count_stock(self, key: str, given: Json) -> Json:
        """`{"outlet_id", "level"}`; the product itself does not change."""
        only(given, ("outlet_id", "level"), "stock")
        outlet = given.get("outlet_id") or self.store.first("outlets")["id"]
        row = stock.count(self.store, key, outlet, given["level"])
        if self.announcer:
            self.announcer.stock(self.store, row)
        return self.store.find("products", key)

    def _told(self, kind: str, record: Json) -> Json:
        if self.announcer and kind in {"products", "customers"}:
            (self.announcer.product if kind == "products" else self.announcer.customer)(self.store, record)
        return record
