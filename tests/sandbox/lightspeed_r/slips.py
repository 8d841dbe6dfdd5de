"""What every sale is made of: an open slip, its lines, its payments, its sums."""

from datetime import datetime
from decimal import Decimal

from tests.sandbox.kit import Json
from tests.sandbox.lightspeed_r import lines as parts
from tests.sandbox.lightspeed_r import sums
from tests.sandbox.lightspeed_r.lines import ZERO
from tests.sandbox.lightspeed_r.values import decimal, moment, words
from tests.sandbox.lightspeed_r.world import Account, Settings, only


class Counter:
    """One account's counter at one moment."""

    def __init__(self, account: Account, settings: Settings, now: datetime) -> None:
        self.account, self.settings, self.now = account, settings, now

    def _open(self, wish: Json) -> Json:
        account = self.account
        shop = account.find("Shop", wish.get("shopID", 1))
        customer = account.find("Customer", wish["customerID"]) if wish.get("customerID") else None
        category = wish.get("taxCategoryID", (customer or {}).get("taxCategoryID") or shop["taxCategoryID"])
        key = account.new_key("Sale")
        made_at = moment(wish["createTime"], "createTime") if "createTime" in wish else self.now
        sale = new_sale(key, wish | {"shopID": shop["shopID"], "taxCategoryID": category}, made_at)
        found = account.tables["TaxCategory"].get(category)
        if found:
            sale |= {name: found[name] for name in ("tax1Rate", "tax2Rate", "isTaxInclusive")}
        sale["_inclusive"] = self.settings.inclusive_subtotal if sale["isTaxInclusive"] else ""
        account.lines_of[key], account.payments_of[key] = [], []
        return account.put("Sale", sale)

    def _add_lines(self, sale: Json, wishes: list[Json]) -> None:
        for wish in wishes:
            line = parts.new_line(self.account, sale, wish, self.account.new_key("SaleLine"), self.now)
            self._keep_line(sale, line)
            for fee in wish.get("fees", []):
                key = self.account.new_key("SaleLine")
                self._keep_line(sale, parts.fee_line(self.account, line, fee, key, self.now))

    def _keep_line(self, sale: Json, line: Json) -> None:
        self.account.put("SaleLine", line)
        self.account.lines_of[sale["saleID"]].append(line["saleLineID"])

    def _discount(self, sale: Json, given: Json) -> None:
        only(given, ("percent", "amount"), "discount")
        lines = self.account.lines(sale["saleID"])
        amounts = [decimal(given.get(key, "0"), key) for key in ("percent", "amount")]
        if any(amounts):
            sums.spread_discount(lines, *amounts)

    def _compute(self, sale: Json) -> None:
        lines = self.account.lines(sale["saleID"])
        for line in lines:
            self._compute_line(line, inclusive=sale["_inclusive"])
        types = {one["paymentTypeID"]: one["type"] for one in self.account.tables["PaymentType"]}
        sums.compute_sale(sale, lines, self.account.payments(sale["saleID"]), types)

    def _compute_line(self, line: Json, *, inclusive: str) -> None:
        rates = parts.rates_of(self.account, line["taxCategoryID"], line["taxClassID"])
        sums.compute_line(line, rates, inclusive=inclusive)

    def _pay(self, sale: Json, wishes: list[Json]) -> None:
        for wish in wishes:
            due = sale["total"] - sums.settled(sale)
            payment, change = parts.new_payment(self.account, sale, wish, due, self.now)
            if not payment["amount"] and wish == {}:
                continue  # nothing is due
            self._keep_payment(sale, payment)
            sale["change"] += change

    def _keep_payment(self, sale: Json, payment: Json) -> None:
        self.account.put("SalePayment", payment)
        self.account.payments_of[sale["saleID"]].append(payment["salePaymentID"])
        self._compute(sale)

    def _load(self, sale: Json, wish: Json | None) -> None:
        """A gift card is sold as a line of nothing and a negative payment on the card; the tender follows."""
        if wish is None:
            return
        only(wish, ("creditAccountID", "amount"), "load")
        card = self.account.find("CreditAccount", wish.get("creditAccountID", 0))
        words = f"Gift Card Purchase {card['code']}"
        given = {"unitPrice": "0", "tax": False, "note": words, "show_rates": False}
        line = parts.new_line(self.account, sale, given, self.account.new_key("SaleLine"), self.now)
        self._keep_line(sale, line)
        self._minus(sale, "gift card", card, decimal(wish["amount"], "amount"), line["saleLineID"])

    def _deposit(self, sale: Json, wish: Json | None) -> None:
        """Money put on a customer's account: a negative payment there, no line."""
        if wish is None:
            return
        only(wish, ("creditAccountID", "amount"), "deposit")
        held = self.account.find("CreditAccount", wish.get("creditAccountID", 0))
        self._minus(sale, "credit account", held, decimal(wish["amount"], "amount"), 0)

    def _minus(self, sale: Json, kind: str, held: Json, amount: Decimal, line: int) -> None:
        type_id = parts.payment_type(self.account, {"type": kind})["paymentTypeID"]
        payment = parts.blank_payment(self.account.new_key("SalePayment"), sale, -amount, type_id, self.now)
        payment["creditAccountID"] = held["creditAccountID"]
        key = payment["salePaymentID"]
        link = {
            "saleAccountID": key,
            "creditAccountID": held["creditAccountID"],
            "salePaymentID": key,
            "saleLineID": line,
        }
        if line:
            payment["_sale_accounts"] = [link]
            self.account.find("SaleLine", line)["_sale_accounts"] = [link]
        self._keep_payment(sale, payment)

    def _move_balances(self, sale: Json, sign: int) -> None:
        for payment in self.account.payments(sale["saleID"]):
            if payment["creditAccountID"] and not payment["archived"]:
                held = self.account.find("CreditAccount", payment["creditAccountID"])
                usual = held["giftCard"] or self.settings.negative_balance_is_deposit
                balance = held["balance"] + payment["amount"] * sign * (1 if usual else -1)
                self.account.put("CreditAccount", held | {"balance": balance, "timeStamp": self.now})


def new_sale(key: int, given: Json, now: datetime) -> Json:
    """An open sale without lines. The time of the last change is `updatetime` in lists, `updateTime` on its own."""
    made: Json = {"saleID": key, "timeStamp": now, "discountPercent": ZERO, "completed": False, "archived": False}
    made |= {"voided": False, "enablePromotions": False, "isTaxInclusive": False, "createTime": now}
    made |= {"updatetime": now, "completeTime": None, "referenceNumber": given.get("referenceNumber", "")}
    made |= {"referenceNumberSource": given.get("referenceNumberSource", ""), "tax1Rate": ZERO, "tax2Rate": ZERO}
    made |= {"change": ZERO, "tipEnabled": True, "receiptPreference": "printed", "displayableSubtotal": ZERO}
    made |= {"ticketNumber": str(220_000_000_000 + key)}
    calc = "calcDiscount calcTotal calcSubtotal calcTaxable calcNonTaxable calcAvgCost calcFIFOCost calcTax1 calcTax2 "
    calc += "calcPayments calcTips total totalDue displayableTotal balance"
    made |= dict.fromkeys(words(calc), ZERO)
    employee = given.get("employeeID", 1)
    made |= {"customerID": given.get("customerID", 0), "discountID": 0, "employeeID": employee}
    made |= {"tipEmployeeID": employee, "quoteID": 0, "registerID": given.get("registerID", 1), "shipToID": 0}
    return made | {"shopID": given["shopID"], "taxCategoryID": given["taxCategoryID"], "_inclusive": ""}
