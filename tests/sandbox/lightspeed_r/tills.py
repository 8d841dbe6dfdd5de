"""What happens at the counter: sales, refunds, exchanges, voids, layaways, gift cards, credit accounts."""

from tests.sandbox.kit import ControlError, Json
from tests.sandbox.lightspeed_r import lines as parts
from tests.sandbox.lightspeed_r import stock, sums
from tests.sandbox.lightspeed_r.lines import ZERO
from tests.sandbox.lightspeed_r.slips import Counter
from tests.sandbox.lightspeed_r.values import decimal, moment, words
from tests.sandbox.lightspeed_r.world import only

SALE = words(
    "shopID registerID employeeID customerID taxCategoryID lines payments discount completed completeTime "
    "createTime referenceNumber referenceNumberSource load deposit reservations"
)
NO_SUCH_LINE = 9_000_000  # added to a parent's number, it names a line that nobody has


class Till(Counter):
    """What the people at the counter do."""

    def sell(self, wish: Json) -> Json:
        """A sale, completed unless it says `"completed": false`; without payments cash settles it."""
        only(wish, SALE, "sale")
        sale = self._open(wish)
        for key in wish.get("reservations", []):
            self._take_reservation(sale, int(key))
        self._add_lines(sale, wish.get("lines", []))
        self._discount(sale, wish.get("discount", {}))
        self._compute(sale)
        self._load(sale, wish.get("load"))
        self._deposit(sale, wish.get("deposit"))
        complete = wish.get("completed", True)
        self._pay(sale, wish.get("payments", [{}] if complete else []))
        return self.complete(sale, wish.get("completeTime")) if complete else sale

    def complete(self, sale: Json, at: object = None) -> Json:
        """Stock moves and the time is set, to an earlier one if given; ControlError while payments do not settle it."""
        if sale["completed"] or sale["archived"]:
            raise ControlError(f"sale {sale['saleID']} is {'completed' if sale['completed'] else 'archived'} already")
        if sums.settled(sale) != sale["total"]:
            raise ControlError(f"the payments come to {sums.settled(sale)}, the sale to {sale['total']}")
        done = moment(at, "completeTime") if at else self.now
        if done > self.now:
            raise ControlError("completeTime cannot be in the future")
        # timeStamp is the completion time from now on, even when that lies in the past
        sale |= {"completed": True, "completeTime": done, "timeStamp": done, "updatetime": self.now}
        for line in self.account.lines(sale["saleID"]):
            self.account.put("SaleLine", line | {"timeStamp": self.now})
        stock.move(self.account, sale, -1, self.now)
        self._move_balances(sale, 1)
        return self.account.put("Sale", sale)

    def refund(self, original: Json, wish: Json) -> Json:
        """A sale of its own with negative lines: all that is not refunded yet, or `lines` [{saleLineID, unitQuantity}].

        `unresolvable_parents` makes them point at lines that do not exist, as in the vendor's own sample.
        """
        only(wish, ("lines", "payments", "unresolvable_parents", "shopID", "registerID", "employeeID"), "refund")
        given = {key: wish.get(key, original[key]) for key in ("shopID", "registerID", "employeeID")}
        sale = self._open(given | {key: original[key] for key in ("customerID", "taxCategoryID")})
        self._give_back(sale, original, wish.get("lines"), hide_parents=wish.get("unresolvable_parents", False))
        self._compute(sale)
        self._pay(sale, wish.get("payments", [{}]))
        return self.complete(sale)

    def exchange(self, original: Json, wish: Json) -> Json:
        """One sale with lines taken back and others sold; the payment is the difference, which may be nothing."""
        only(wish, ("return", "lines", "payments"), "exchange")
        known = ("shopID", "registerID", "employeeID", "customerID", "taxCategoryID")
        sale = self._open({key: original[key] for key in known})
        self._give_back(sale, original, wish.get("return"), hide_parents=False)
        self._add_lines(sale, wish.get("lines", []))
        self._compute(sale)
        self._pay(sale, wish.get("payments", [{}]))
        return self.complete(sale)

    def void(self, sale: Json, reason: str, employee: int) -> Json:
        """Of a completed sale: stock comes back, a SaleVoid says why; the sale's timeStamp stays (Settings)."""
        if not sale["completed"] or sale["voided"]:
            raise ControlError(f"sale {sale['saleID']} is not completed, or voided already")
        self.touch(sale | {"voided": True})
        key = self.account.new_key("SaleVoid")
        made = {"saleVoidID": key, "createTime": self.now, "reason": reason, "saleID": sale["saleID"]}
        self.account.put("SaleVoid", made | {"employeeID": employee, "shopID": sale["shopID"]})
        stock.move(self.account, sale, 1, self.now)
        self._move_balances(sale, -1)
        self._forget_refunds(sale)
        return self.account.find("Sale", sale["saleID"])

    def archive(self, sale: Json, *, force: bool = False) -> Json:
        """DELETE of an open sale; a completed one cannot be archived that way, but samples of it exist (`force`)."""
        if sale["completed"] and not force:
            raise ControlError(f"sale {sale['saleID']} is completed; say force to archive it all the same")
        return self.touch(sale | {"archived": True})

    def archive_payment(self, sale: Json, payment_id: int) -> Json:
        """The payment is void from now on; the sale's sums follow."""
        payment = self.account.find("SalePayment", payment_id)
        if payment["saleID"] != sale["saleID"]:
            raise ControlError(f"payment {payment_id} is not one of sale {sale['saleID']}")
        self.account.put("SalePayment", payment | {"archived": True})
        self._compute(sale)
        return self.touch(sale)

    def add_payment(self, sale: Json, wish: Json) -> Json:
        """One more payment on an open sale."""
        self._pay(sale, [wish])
        return self.touch(sale)

    def touch(self, sale: Json) -> Json:
        """Keeps a changed sale: updatetime moves, timeStamp only while it is open."""
        moved = {"updatetime": self.now}
        if not sale["completed"] or self.settings.timestamp_follows_changes:
            moved["timeStamp"] = self.now
        return self.account.put("Sale", sale | moved)

    def reserve(self, wish: Json) -> Json:
        """A layaway or special order: a line of the customer, with saleID 0 until a sale takes it."""
        only(wish, ("customerID", "itemID", "unitQuantity", "kind", "shopID", "employeeID"), "reservation")
        kind = {"layaway": "isLayaway", "special_order": "isSpecialOrder"}.get(wish.get("kind", "layaway"))
        if kind is None:
            raise ControlError('"kind" is layaway or special_order')
        self.account.find("Customer", wish.get("customerID", 0))
        frame = {"saleID": 0, "shopID": wish.get("shopID", 1), "employeeID": wish.get("employeeID", 1)}
        frame["taxCategoryID"] = self.account.find("Shop", frame["shopID"])["taxCategoryID"]
        given: Json = {key: wish[key] for key in ("itemID", "unitQuantity") if key in wish}
        line = parts.new_line(self.account, frame, given, self.account.new_key("SaleLine"), self.now)
        line |= {kind: True, "customerID": wish["customerID"]}
        self._compute_line(line, inclusive="")
        stock.reserve(self.account, line, 1, self.now)
        return self.account.put("SaleLine", line)

    def _take_reservation(self, sale: Json, key: int) -> None:
        line = self.account.find("SaleLine", key)
        if line["saleID"] or line["customerID"] != sale["customerID"]:
            raise ControlError(f"line {key} is sold already, or reserved for another customer")
        stock.reserve(self.account, line, -1, self.now)
        ordinary = {"saleID": sale["saleID"], "isLayaway": False, "isSpecialOrder": False, "customerID": 0}
        self._keep_line(sale, line | ordinary | {"taxCategoryID": sale["taxCategoryID"], "timeStamp": self.now})

    def _give_back(self, sale: Json, original: Json, wanted: list[Json] | None, *, hide_parents: bool) -> None:
        sold = {line["saleLineID"]: line for line in self.account.lines(original["saleID"])}
        if wanted is None:
            wanted = [{"saleLineID": key} for key in sold]
        for wish in wanted:
            only(wish, ("saleLineID", "unitQuantity"), "line to take back")
            line = sold.get(int(wish.get("saleLineID", 0)))  # answers show numbers as texts
            if line is None:
                raise ControlError(f"sale {original['saleID']} has no line {wish.get('saleLineID')}")
            left = line["unitQuantity"] - line.get("_refunded", ZERO)
            quantity = decimal(wish.get("unitQuantity", left), "unitQuantity")
            if quantity > left:
                raise ControlError(f"only {left} of line {line['saleLineID']} is left to take back")
            if not quantity:
                continue
            self.account.put("SaleLine", line | {"_refunded": line.get("_refunded", ZERO) + quantity})
            taken = parts.refund_line(line, self.account.new_key("SaleLine"), sale, quantity, self.now)
            taken["parentSaleLineID"] += NO_SUCH_LINE if hide_parents else 0
            self._keep_line(sale, taken)

    def _forget_refunds(self, sale: Json) -> None:
        for taken in self.account.lines(sale["saleID"]):
            line = self.account.tables["SaleLine"].get(taken["parentSaleLineID"])
            if line is not None and taken["unitQuantity"] < 0:
                self.account.put("SaleLine", line | {"_refunded": line.get("_refunded", ZERO) + taken["unitQuantity"]})
