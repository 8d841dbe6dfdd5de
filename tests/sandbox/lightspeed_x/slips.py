"""What every sale is made of: lines, adjustments, payments, its number."""

from datetime import datetime
from decimal import Decimal

from tests.sandbox.kit import ControlError, Json
from tests.sandbox.lightspeed_x import sums
from tests.sandbox.lightspeed_x.values import ZERO, cents, decimal, five, moment, short_code, uid_number, words
from tests.sandbox.lightspeed_x.world import Retailer, World, only

_LINE = words("product_id sku quantity price price_including_tax discount tax_id note gift_card_number surcharges")
ADJUSTMENTS = ("NON_CASH_FEE", "DISCOUNT", "TIP", "SURCHARGE", "ECOM_CUSTOM_CHARGE")


class Slips:
    """Parts of sales of one store at one moment."""

    def __init__(self, world: World, store: Retailer, now: datetime) -> None:
        self.world, self.store, self.now = world, store, now

    def new_sale(self, wish: Json) -> Json:
        """A sale without lines; the walk-in customer is a record like any other."""
        register = self._register(wish)
        store, key = self.store, self.world.new_id()
        user = store.find("users", wish["user_id"]) if wish.get("user_id") else store.first("users")
        customer = store.find("customers", wish["customer_id"]) if wish.get("customer_id") else self._walk_in()
        sequence = register["invoice_sequence"] + 1
        store.put("registers", register | {"invoice_sequence": sequence})
        made_at = moment(wish["created_at"], "created_at") if "created_at" in wish else self.now
        sold_at = moment(wish["sale_date"], "sale_date") if "sale_date" in wish else self.now
        made: Json = {"id": key, "outlet_id": register["outlet_id"], "register_id": register["id"]}
        made |= {"user_id": user["id"], "customer_id": customer["id"], "invoice_sequence": sequence}
        made["invoice_number"] = f"{register['invoice_prefix']}{sequence}{register['invoice_suffix']}"
        made |= {"status": "SAVED", "note": wish.get("note", ""), "short_code": short_code(uid_number(key) or 0)}
        made |= {"return_for": None, "source": wish.get("source", "USER"), "source_id": wish.get("source_id")}
        made |= {"sale_date": sold_at, "created_at": made_at, "updated_at": self.now, "deleted_at": None}
        made |= {"lines": [], "payments": [], "adjustments": [], "ecom_charges": [], "attributes": []}
        return made | {"_returns": [], "_moved": False, "_old": bool(wish.get("old"))}

    def lines(self, sale: Json, wishes: list[Json]) -> list[Json]:
        """New lines behind those there are."""
        start = len(sale["lines"])
        return [*sale["lines"], *(self.line(wish, start + number) for number, wish in enumerate(wishes))]

    def line(self, wish: Json, sequence: int) -> Json:
        """`price` is the net list price of a unit, or `price_including_tax`; `discount` (net, per unit) lowers it.

        The price that is kept and shown is the lowered one.
        """
        only(wish, _LINE, "line")
        product = self._product(wish)
        tax_id = str(wish.get("tax_id") or product["_tax_id"])
        discount = decimal(wish.get("discount", "0"), "discount")
        line: Json = {"id": self.world.new_id(), "product_id": product["id"], "tax_id": tax_id}
        line |= {"quantity": decimal(wish.get("quantity", 1), "quantity"), "sequence": sequence}
        line |= {"price": five(self._list_price(wish, product, tax_id) - discount), "discount": discount}
        line |= {"cost": product["supply_price"], "price_set": False, "note": wish.get("note"), "is_return": False}
        line |= {"gift_card_number": wish.get("gift_card_number"), "surcharges": []}
        sums.tax_line(self.store, line)
        for each in wish.get("surcharges", []):
            value = decimal(each["value"], "surcharge")
            line["surcharges"].append({"value": value, "components": self._components(value, tax_id)})
        return line

    def discount_line(self, amount: str, tax_id: str, sequence: int) -> Json:
        """A discount on the whole sale: one of the discount product, minus one of a positive price."""
        if not self.store.discount_product_id:
            raise ControlError("the store has no discount product")
        wish = {"product_id": self.store.discount_product_id, "quantity": -1, "price": amount}
        return self.line(wish | ({"tax_id": tax_id} if tax_id else {}), sequence)

    def adjustment(self, wish: Json) -> Json:
        """A fee, tip, surcharge or discount beside the lines, with a tax of its own if it says so."""
        only(wish, ("type", "name", "value", "tax_id"), "adjustment")
        if wish.get("type") not in ADJUSTMENTS:
            raise ControlError(f"an adjustment's type is one of {', '.join(ADJUSTMENTS)}")
        value = decimal(wish["value"], "value")
        components = self._components(value, wish["tax_id"]) if wish.get("tax_id") else []
        return {"type": wish["type"], "name": wish.get("name", wish["type"]), "value": value, "components": components}

    def ecom_charge(self, wish: Json) -> Json:
        """A charge of the web shop; it is in neither total."""
        only(wish, ("name", "total", "total_tax"), "eCom charge")
        amounts = {key: decimal(wish.get(key, "0"), key) for key in ("total", "total_tax")}
        return {"name": wish["name"], "source_id": "charge"} | amounts

    def payment(self, wish: Json, due: Decimal) -> Json:
        """By the name or the id of a payment type; all that is due when it names no amount."""
        only(wish, ("type", "amount", "surcharge", "date"), "payment")
        kind = self._payment_type(wish.get("type", "Cash"))
        amount = decimal(wish["amount"], "amount") if "amount" in wish else due
        surcharge = wish.get("surcharge")
        extra = (surcharge["rule"], decimal(surcharge["amount"], "surcharge")) if surcharge else None
        at = moment(wish["date"], "date") if "date" in wish else self.now
        return {"id": self.world.new_id(), "type": kind, "amount": amount, "date": at, "surcharge": extra}

    def rounding(self, due: Decimal, step: str) -> list[Json]:
        """A cash sale to the nearest coin: what is paid, and the rest in the way of Settings.cash_rounding."""
        coin = decimal(step, "cash_rounding")
        tendered = cents((due / coin).quantize(Decimal(1), "ROUND_HALF_UP") * coin)
        made = [self.payment({"amount": str(tendered)}, due)]
        if tendered != due and self.world.settings.cash_rounding == "payment":
            made.append(self.payment({"type": "Cash Rounding", "amount": str(due - tendered)}, due))
        return made

    def _components(self, value: Decimal, tax_id: str) -> list[tuple[str, Decimal]]:
        return [(one["id"], five(value * one["rate"])) for one in self.store.find("taxes", tax_id)["rates"]]

    def _list_price(self, wish: Json, product: Json, tax_id: str) -> Decimal:
        if "price_including_tax" in wish:
            rate = sum((one["rate"] for one in self.store.find("taxes", tax_id)["rates"]), ZERO)
            return five(decimal(wish["price_including_tax"], "price_including_tax") / (1 + rate))
        return decimal(wish.get("price", product["price_excluding_tax"]), "price")

    def _product(self, wish: Json) -> Json:
        if "sku" in wish:
            for one in self.store.tables["products"].kept.values():
                if one["sku"] == wish["sku"]:
                    return one
            raise ControlError(f"no product with the SKU {wish['sku']}")
        return self.store.find("products", wish.get("product_id"))

    def _payment_type(self, name: str) -> Json:
        for one in self.store.tables["payment_types"].kept.values():
            if name in {one["id"], one["name"]}:
                return one
        raise ControlError(f"no payment type {name!r}")

    def _register(self, wish: Json) -> Json:
        if wish.get("register_id"):
            return self.store.find("registers", wish["register_id"])
        for one in self.store.tables["registers"].kept.values():
            if wish.get("outlet_id") in {None, one["outlet_id"]}:
                return one
        raise ControlError(f"no register in outlet {wish.get('outlet_id')}")

    def _walk_in(self) -> Json:
        for one in self.store.tables["customers"].kept.values():
            if one["customer_code"] == "WALKIN":
                return one
        raise ControlError("the store has no customer WALKIN")
