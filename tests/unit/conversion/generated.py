"""Sales made by chance, each from its own seed, with everything a sale can say; and what each of them shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from taxpoynt.domain.money import minor_digits
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.sale import Charge, Discount, Payment, Sale, SaleLine, StatedTax, Withholding
from tests.unit.conversion.builders import BUYER, SERVICE, D, defaults
from tests.unit.conversion.second import Profile

CURRENCIES = ("NGN",) * 6 + ("USD", "JPY", "KWD", "BHD", "XOF", "KES")
NAMES = {"Consumption tax": "TOURISM_TAX", "VAT free": "EXEMPTED"}
MERCHANTS = (
    (Profile(names={k.lower(): v for k, v in NAMES.items()}), defaults(tax_names=NAMES, classification=SERVICE)),
    (
        Profile("ZERO_VAT", tips_inside=True, names={k.lower(): v for k, v in NAMES.items()}),
        defaults(tax_names=NAMES, classification=SERVICE, tax_category="ZERO_VAT", tips="charge"),
    ),
)

VAT = StatedTax(name="VAT", rate_percent=D("7.5"))
STAMP = StatedTax(name="Stamp duty", category="STAMP_DUTY", rate_percent=D(1))
EXCISE = StatedTax(name="Excise", category="ALCOHOL_EXCISE_TAX", rate_percent=D(10))
LUXURY = StatedTax(name="Luxury tax", category="LUXURY_TAX", rate_percent=D("2.5"), on_tax=True)
KEPT = StatedTax(name="WHT", category="WITHHOLDING_TAX", rate_percent=D(5))
TAXES: tuple[tuple[str, tuple[StatedTax, ...]], ...] = (
    ("no tax stated", ()),
    ("VAT", (VAT,)),
    ("VAT", (VAT,)),
    ("zero-rated", (StatedTax(rate_percent=D(0)),)),
    ("zero-rated with reason", (StatedTax(category="ZERO_VAT", reason="Export"),)),
    ("exempt with reason", (StatedTax(category="EXEMPTED", rate_percent=D(0), reason="Basic food"),)),
    ("exempt by the tax's name", (StatedTax(name="VAT free"),)),
    ("VAT and stamp duty", (VAT, STAMP)),
    ("three taxes", (STAMP, VAT, StatedTax(name="Consumption tax", rate_percent=D(5)))),
    ("exempt and stamp duty", (StatedTax(category="EXEMPTED", reason="Insurance"), STAMP)),
    ("VAT on excise", (EXCISE, VAT.model_copy(update={"on_tax": True}))),
    ("tax on VAT", (VAT, LUXURY)),
    ("withholding on a line", (VAT, KEPT)),
    ("zero beside VAT", (StatedTax(name="City", rate_percent=D(0)), VAT)),
)


@dataclass
class Made:
    """One sale, its merchant in both tongues, and what it shows."""

    sale: Sale
    merchant: Merchant
    profile: Profile
    features: list[str]


def made(seed: int) -> Made:
    """The same for the same seed."""
    return _Maker(Random(seed)).made()  # noqa: S311 - sales to try out, not secrets


class _Maker:
    def __init__(self, by: Random) -> None:
        self.by = by
        self.shown: set[str] = set()
        self.currency = by.choice(CURRENCIES)
        self.digits = minor_digits(self.currency)

    def shows(self, feature: str) -> None:
        self.shown.add(feature)

    def maybe(self, chance: float) -> bool:
        return self.by.random() < chance

    def money(self, most: float, least: float = 0.0, extra: int = 0) -> Decimal:
        """Log-wise between the two, with the currency's digits."""
        value = Decimal(repr(least + (most - least) * self.by.random() ** 3))
        return value.quantize(Decimal(1).scaleb(-self.digits - extra), ROUND_HALF_UP)

    def made(self) -> Made:
        place = 0 if self.maybe(0.7) else 1
        profile, merchant = MERCHANTS[place]
        document = self.by.choice(("invoice", "invoice", "invoice", "credit_note", "debit_note"))
        lines = tuple(self.line(place, number) for number in range(self.by.choice((1, 1, 2, 3, 4, 6, 9))))
        whole = sum((line.quantity * line.unit_price for line in lines), Decimal(0)) / 2
        sale = Sale(
            connector="till",
            sale_id="S1",
            document=document,
            currency=self.currency,
            completed_at=datetime(2026, 9, 15, 9, 42, 31, tzinfo=UTC),
            buyer=BUYER,
            lines=lines,
            discounts=self.discounts(float(whole) / 4, "document discount"),
            charges=self.charges(float(whole)),
            tip=self.tip(profile, float(whole)),
            rounding=self.rounding(),
            withholding=self.withholding(),
            payments=self.payments(float(whole)),
        )
        self.shows(f"currency with {self.digits} decimals")
        self.shows(document)
        self.shows("several tax categories" if len({line.taxes for line in lines}) > 1 else "one tax treatment")
        if len({line.price_basis == "inclusive" for line in lines}) > 1:
            self.shows("prices with and without tax mixed")
        return Made(sale, merchant, profile, sorted(self.shown))

    def line(self, place: int, number: int) -> SaleLine:
        quantity = self.quantity(may_be_zero=number > 0)
        price = self.money(50_000, 1 if self.digits else 40, extra=self.by.choice((0, 0, 0, 2)))
        gross = float(quantity * price)
        basis = self.by.choice(("exclusive", "inclusive", "unstated"))
        if basis == "inclusive":
            self.shows("price with tax")
        return SaleLine(
            path=f"products[{number}]",
            description=f"Thing {number}",
            quantity=quantity,
            unit_price=price,
            price_basis=basis,
            discounts=self.discounts(gross / 3, "line discount"),
            fees=self.fees(gross),
            taxes=self.taxes(place, quantity, price),
        )

    def quantity(self, *, may_be_zero: bool) -> Decimal:
        if may_be_zero and self.maybe(0.02):
            self.shows("quantity 0 left out")
            return Decimal(0)
        if self.maybe(0.3):
            self.shows("decimal quantity")
            return Decimal(self.by.randint(1001, 99_999)).scaleb(-self.by.choice((1, 2, 3)))
        return Decimal(self.by.choice((1, 1, 2, 3, 7, 12, 240)))

    def taxes(self, place: int, quantity: Decimal, price: Decimal) -> tuple[StatedTax, ...]:
        if self.maybe(0.06) and quantity * price > 1000:
            self.shows("stamp duty as a stated amount")
            duty = StatedTax(name="Stamp duty", category="STAMP_DUTY", amount=self.money(50, 1))
            return (duty, VAT) if self.maybe(0.5) else (VAT, duty)
        if place == 1 and self.maybe(0.1):
            self.shows("stamp duty alone, merchant's default without tax")
            return (STAMP,)
        feature, taxes = self.by.choice(TAXES)
        self.shows(feature)
        return taxes

    def discounts(self, most: float, feature: str) -> tuple[Discount, ...]:
        found = []
        if self.maybe(0.25):
            self.shows(f"{feature} in percent")
            found.append(Discount(percent=Decimal(self.by.randint(1, 300)).scaleb(-1)))
        if self.maybe(0.15):
            self.shows(f"{feature} as an amount")
            found.append(Discount(amount=self.money(most, extra=self.by.choice((0, 0, 1)))))
        return tuple(found)

    def rate_or_amount(self, most: float) -> dict[str, Decimal]:
        if self.maybe(0.5):
            return {"percent": Decimal(self.by.randint(1, 200)).scaleb(-1)}
        return {"amount": self.money(most)}

    def fees(self, gross: float) -> tuple[Charge, ...]:
        found = []
        if self.maybe(0.12):
            self.shows("line fee")
            found.append(Charge(kind="fee", reason="Packing", **self.rate_or_amount(gross / 5)))
        if self.maybe(0.06):
            self.shows("line fee with its own tax")
            found.append(Charge(kind="fee", taxes=(StatedTax(category="EXEMPTED"),), **self.rate_or_amount(gross / 5)))
        if self.maybe(0.04):
            self.shows("line fee on the other price basis")
            basis = self.by.choice(("inclusive", "exclusive"))
            found.append(Charge(kind="fee", price_basis=basis, **self.rate_or_amount(gross / 5)))
        return tuple(found)

    def charges(self, whole: float) -> tuple[Charge, ...]:
        found = []
        if self.maybe(0.15):
            self.shows("charge spread over the lines' taxes")
            found.append(Charge(reason="Service", kind="service_charge", **self.rate_or_amount(whole / 8)))
        for kind in ("delivery", "service_charge", "fee"):
            if self.maybe(0.1):
                self.shows(f"{kind} with its own tax rule")
                taxes = self.by.choice(((VAT,), (StatedTax(rate_percent=D(0)),), (VAT, STAMP)))
                basis = self.by.choice(("inclusive", "exclusive", "unstated"))
                found.append(Charge(kind=kind, taxes=taxes, price_basis=basis, **self.rate_or_amount(whole / 8)))
        return tuple(found)

    def tip(self, profile: Profile, whole: float) -> Decimal | None:
        if not self.maybe(0.2):
            return None
        self.shows("tip in the invoice" if profile.tips_inside else "tip outside the invoice")
        return self.money(whole / 5)

    def rounding(self) -> Decimal | None:
        if not self.maybe(0.12):
            return None
        amount = Decimal(self.by.randint(-4, 4)).scaleb(-self.digits)
        if amount:
            self.shows("cash rounding up" if amount > 0 else "cash rounding down")
        return amount

    def withholding(self) -> tuple[Withholding, ...]:
        if not self.maybe(0.12):
            return ()
        self.shows("withholding on the sale")
        choices: tuple[Callable[[], Withholding], ...] = (
            lambda: Withholding(name="WHT", rate_percent=D(5)),
            lambda: Withholding(rate_percent=D("2.5"), base=self.money(10, 1)),
            lambda: Withholding(rate_percent=D(10), amount=self.money(5)),
        )
        return (self.by.choice(choices)(),)

    def payments(self, whole: float) -> tuple[Payment, ...]:
        found = []
        for kind in ("payment", "payment", "prepayment", "refund"):
            if self.maybe(0.25):
                self.shows("tender" if kind == "payment" else kind)
                amount = self.money(whole * 1.5)
                change = self.money(float(amount) / 10) if kind == "payment" and self.maybe(0.3) else Decimal(0)
                if change:
                    self.shows("change given")
                means = self.by.choice(("10", "30", "48", None))
                found.append(Payment(method="till", amount=amount, change=change, kind=kind, means_code=means))
        if sum(one.kind == "payment" for one in found) > 1:
            self.shows("several tenders")
        return tuple(found)
