"""The life of a sale: parked, on account, layby, closed, fulfilled, returned, exchanged, voided."""

from decimal import Decimal

from tests.sandbox.kit import ControlError, Json
from tests.sandbox.lightspeed_x import stock, sums
from tests.sandbox.lightspeed_x.events import Announcer
from tests.sandbox.lightspeed_x.slips import Slips
from tests.sandbox.lightspeed_x.values import moment, words
from tests.sandbox.lightspeed_x.world import only

CLOSED_BY = {
    "ONACCOUNT": "ONACCOUNT_CLOSED",
    "LAYBY": "LAYBY_CLOSED",
    "AWAITING_DISPATCH": "DISPATCHED_CLOSED",
    "AWAITING_PICKUP": "PICKED_UP_CLOSED",
    "SERVICE": "SERVICE_CLOSED",
}
OPEN = {"SAVED", *CLOSED_BY}
CLOSED = {"CLOSED", *CLOSED_BY.values()}
RETURNABLE = {"CLOSED", "ONACCOUNT_CLOSED", "LAYBY_CLOSED"}
GOODS_GONE = {"ONACCOUNT", *CLOSED}
PAID_AT_ONCE = {"CLOSED", "AWAITING_DISPATCH", "AWAITING_PICKUP"}
SALE = words(
    "outlet_id register_id user_id customer_id status lines payments adjustments ecom_charges discount note source "
    "source_id sale_date created_at cash_rounding old"
)


class Till(Slips):
    """What people at the counter do; every step is a new version and, unless it is lost, an event."""

    announcer: Announcer | None = None

    def sell(self, wish: Json) -> Json:
        """CLOSED and paid in cash, unless it says otherwise. `discount`: `{"amount", "tax_id"?}` on the whole sale."""
        only(wish, SALE, "sale")
        status = wish.get("status", "CLOSED")
        if status not in OPEN | CLOSED:
            raise ControlError(f"a sale begins as one of {', '.join(sorted(OPEN | CLOSED))}")
        sale = self.new_sale(wish) | {"status": status}
        self._content(sale, wish)
        if wish.get("cash_rounding"):
            sale["payments"] = self.rounding(sums.due(sale), wish["cash_rounding"])
        elif "payments" not in wish and (status in CLOSED or status in PAID_AT_ONCE):
            self._add_payments(sale, [{}])
        return self._keep(sale)

    def sell_as(self, key: str | None, wish: Json) -> Json:
        """As `sell`, under a known id."""
        sale = self.sell(wish)
        if key is None:
            return sale
        self.store.tables["sales"].forget(sale["id"])
        return self.store.put("sales", sale | {"id": key})

    def change(self, sale: Json, wish: Json) -> Json:
        """A parked or pending sale: its status, more lines, adjustments, payments, another customer or note."""
        known = ("status", "lines", "adjustments", "payments", "discount", "customer_id", "note", "sale_date")
        only(wish, known, "change")
        if sale["status"] not in OPEN:
            raise ControlError(f"sale {sale['id']} is {sale['status']}; it can only be voided or returned")
        sale = self._copy(sale) | {"status": wish.get("status", sale["status"])}
        if wish.get("customer_id"):
            sale["customer_id"] = self.store.find("customers", wish["customer_id"])["id"]
        sale["note"] = wish.get("note", sale["note"])
        self._content(sale, wish)
        if "status" in wish:
            # the business moment is when the sale got its status, created_at can be hours earlier
            sale["sale_date"] = moment(wish["sale_date"], "sale_date") if "sale_date" in wish else self.now
            if sale["status"] == "CLOSED" and "payments" not in wish:
                self._add_payments(sale, [{}])
        return self._keep(sale)

    def pay(self, sale: Json, wish: Json) -> Json:
        """A part or the rest; an account sale or layby that is paid up closes by itself."""
        if sale["status"] not in OPEN:
            raise ControlError(f"sale {sale['id']} is {sale['status']}")
        sale = self._copy(sale)
        self._add_payments(sale, [wish])
        if sums.paid(sale) >= sums.due(sale) and sale["status"] in {"ONACCOUNT", "LAYBY"}:
            sale["status"] = CLOSED_BY[sale["status"]]
        return self._keep(sale)

    def fulfil(self, sale: Json, wish: Json) -> Json:
        """A sale that waits for dispatch or pickup, or a service, is done."""
        only(wish, (), "fulfilment")
        if sale["status"] not in {"AWAITING_DISPATCH", "AWAITING_PICKUP", "SERVICE"}:
            raise ControlError(f"sale {sale['id']} is {sale['status']} and waits for nothing")
        kind = "SHIPPED" if sale["status"] == "AWAITING_DISPATCH" else "PICKED_UP"
        made = {"id": self.world.new_id(), "sale_id": sale["id"], "outlet_id": sale["outlet_id"]}
        made |= {"user_id": sale["user_id"], "status": kind, "created_at": self.now}
        made["line_items"] = [(self.world.new_id(), line["product_id"], line["quantity"]) for line in sale["lines"]]
        self.store.fulfillments.setdefault(sale["id"], []).append(made)
        sale = self._copy(sale) | {"status": CLOSED_BY[sale["status"]]}
        if sums.paid(sale) < sums.due(sale):
            self._add_payments(sale, [{}])
        return self._keep(sale)

    def void(self, sale: Json, wish: Json) -> Json:
        """Only from closed: stock comes back, payments are deleted."""
        only(wish, (), "void")
        if sale["status"] not in CLOSED:
            raise ControlError(f"sale {sale['id']} is {sale['status']}; only a closed one is voided")
        return self._keep(self._copy(sale) | {"status": "VOIDED", "payments": []})

    def _content(self, sale: Json, wish: Json) -> None:
        sale["lines"] = self.lines(sale, wish.get("lines", []))
        if wish.get("discount"):
            given = only(wish["discount"], ("amount", "tax_id"), "discount")
            sale["lines"].append(self.discount_line(given["amount"], given.get("tax_id", ""), len(sale["lines"])))
        sale["adjustments"] = [*sale["adjustments"], *map(self.adjustment, wish.get("adjustments", []))]
        charges = [self.ecom_charge(each) for each in wish.get("ecom_charges", [])]
        sale["ecom_charges"] = [*sale["ecom_charges"], *charges]
        self._add_payments(sale, wish.get("payments", []))

    def _add_payments(self, sale: Json, wishes: list[Json]) -> None:
        for wish in wishes:
            left = sums.due(sale) - sums.paid(sale)
            if wish == {} and not left:
                continue
            sale["payments"] = [*sale["payments"], self.payment(wish, left)]

    def _keep(self, sale: Json, shown: Json | None = None) -> Json:
        """The next version, stock and the customer's year moved, and the event."""
        before = self.store.tables["sales"].get(sale["id"])
        was_closed, closed = before is not None and before["status"] in CLOSED, sale["status"] in CLOSED
        gone = sale["status"] in GOODS_GONE
        if gone != sale["_moved"]:
            for row in stock.move(self.store, sale, -1 if gone else 1):
                self._tell("stock", row)
        if closed != was_closed:
            self._count_year(sale, sums.due(sale) if closed else -sums.due(before or sale))
        sale = self.store.put("sales", sale | {"_moved": gone, "updated_at": self.now})
        if self.announcer:
            self.announcer.sale(self.store, sale, shown)
        return sale

    def _count_year(self, sale: Json, amount: Decimal) -> None:
        customer = self.store.find("customers", sale["customer_id"])
        if customer["customer_code"] != "WALKIN":
            year = customer["year_to_date"] + amount
            self._tell(
                "customer", self.store.put("customers", customer | {"year_to_date": year, "updated_at": self.now})
            )

    def _tell(self, what: str, record: Json) -> None:
        if self.announcer:
            getattr(self.announcer, what)(self.store, record)

    def _copy(self, sale: Json) -> Json:
        return sale | {"lines": list(sale["lines"]), "payments": list(sale["payments"])}
