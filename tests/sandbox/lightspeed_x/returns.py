"""Goods that come back: a saved return first, then the closed one with what was really returned; exchanges."""

from decimal import Decimal
from typing import Any

from tests.sandbox.kit import ControlError, Json
from tests.sandbox.lightspeed_x import sums, views_old
from tests.sandbox.lightspeed_x.tills import CLOSED, RETURNABLE, Till
from tests.sandbox.lightspeed_x.values import ZERO, decimal, short_code, uid_number
from tests.sandbox.lightspeed_x.world import only


class Desk(Till):
    """The till where returns are taken too."""

    def begin_return(self, original: Json) -> Json:
        """A SAVED sale with all lines of the original, negative; it has the original's invoice number."""
        if original["status"] not in RETURNABLE:
            raise ControlError(f"sale {original['id']} is {original['status']}; it cannot be returned")
        sale = self.new_sale({key: original[key] for key in ("register_id", "user_id", "customer_id")})
        sale |= {key: original[key] for key in ("invoice_number", "invoice_sequence")}
        sale |= {"return_for": original["id"], "adjustments": [self._minus(each) for each in original["adjustments"]]}
        sale["lines"] = [self._taken_back(line, -line["quantity"]) for line in original["lines"]]
        sale = self._keep(sale)
        return self._link(sale, original)

    def finish_return(self, sale: Json, wish: Json) -> Json:
        """Closes a saved return. `lines`: `[{"id" or "product_id", "quantity"}]`, all of them when not given.

        Lines that are not returned stay with quantity 0 unless `drop_zero`. `captured` lets the event share the
        version, line ids and payment id of the sale it reverses, as a capture of 2019 did.
        """
        only(wish, ("lines", "payments", "drop_zero", "captured"), "return")
        if sale["status"] != "SAVED" or sale["return_for"] is None:
            raise ControlError(f"sale {sale['id']} is not a saved return")
        original = self.store.find("sales", sale["return_for"])
        sale = self._copy(sale) | {"status": "CLOSED", "sale_date": self.now}
        sale["short_code"] = short_code((uid_number(sale["id"]) or 0) + 1)
        if "lines" in wish:
            sale["lines"] = self._chosen(sale["lines"], wish["lines"])
        if wish.get("drop_zero"):
            sale["lines"] = [line for line in sale["lines"] if line["quantity"]]
        self._add_payments(sale, wish.get("payments", [{}]))
        self._check_left(original, sale)
        sale = self._keep(sale, shown=self._as_captured(sale, original) if wish.get("captured") else None)
        self._keep(self._copy(original))  # a return fires for the return and for the original
        return sale

    def exchange(self, original: Json, wish: Json) -> Json:
        """One closed sale that takes lines back and sells others; its payment is the difference."""
        only(wish, ("return", "lines", "payments"), "exchange")
        sale = self.new_sale({key: original[key] for key in ("register_id", "user_id", "customer_id")})
        back = [self._taken_back(line, -line["quantity"]) for line in original["lines"]]
        back = [line for line in self._chosen(back, wish.get("return", [])) if line["quantity"]]
        sale |= {"status": "CLOSED", "return_for": original["id"], "lines": back}
        sale["lines"] = self.lines(sale, wish.get("lines", []))
        self._check_left(original, sale)
        if sums.due(sale) or "payments" in wish:
            self._add_payments(sale, wish.get("payments", [{}]))
        return self._link(self._keep(sale), original)

    def void_other_returns(self, original: Json, but: str) -> None:
        """On 2026-07, other parked returns of the same sale are voided."""
        for key in original["_returns"]:
            other = self.store.find("sales", key)
            if key != but and other["status"] == "SAVED":
                self._keep(self._copy(other) | {"status": "VOIDED"})

    def _link(self, sale: Json, original: Json) -> Json:
        original = self.store.find("sales", original["id"])
        self._keep(original | {"_returns": [*original["_returns"], sale["id"]]})
        return self.store.find("sales", sale["id"])

    def _taken_back(self, line: Json, quantity: Decimal) -> Json:
        back = line | {"id": self.world.new_id(), "quantity": quantity, "is_return": True, "price_set": True}
        back |= {"_parent": line["id"], "surcharges": []}
        sums.tax_line(self.store, back)
        return back

    def _minus(self, each: Json) -> Json:
        return each | {"value": -each["value"], "components": [(key, -part) for key, part in each["components"]]}

    def _chosen(self, lines: list[Json], wanted: list[Json]) -> list[Json]:
        left = [dict(only(wish, ("id", "product_id", "quantity"), "line to return")) for wish in wanted]
        chosen = []
        for line in lines:
            names = {line["id"], line["product_id"], line["_parent"]}
            wish = next((one for one in left if {one.get("id"), one.get("product_id")} & names), None)
            quantity = ZERO
            if wish is not None:
                left.remove(wish)
                quantity = -decimal(wish.get("quantity", str(-line["quantity"])), "quantity")
            made = line | {"quantity": quantity}
            sums.tax_line(self.store, made)
            chosen.append(made)
        if left:
            raise ControlError(f"the sale has no such line: {left[0]}")
        return chosen

    def _check_left(self, original: Json, sale: Json) -> None:
        """Nobody returns more than was sold."""
        returned: dict[str, Decimal] = {}
        others = [self.store.find("sales", key) for key in original["_returns"] if key != sale["id"]]
        for one in [*(other for other in others if other["status"] in CLOSED), sale]:
            for line in one["lines"]:
                if line["is_return"]:
                    returned[line["_parent"]] = returned.get(line["_parent"], ZERO) - line["quantity"]
        for line in original["lines"]:
            if returned.get(line["id"], ZERO) > max(line["quantity"], ZERO) and line["quantity"] > 0:
                raise ControlError(f"of line {line['id']} only {line['quantity']} were sold")

    def _as_captured(self, sale: Json, original: Json) -> Json:
        payload: dict[str, Any] = views_old.sale(
            self.store, sale | {"version": original["version"], "updated_at": self.now}
        )
        for line, kept in zip(payload["register_sale_products"], sale["lines"], strict=True):
            line["id"] = kept["_parent"]
        for payment, first in zip(payload["register_sale_payments"], original["payments"], strict=False):
            payment["id"] = first["id"]
        return payload
