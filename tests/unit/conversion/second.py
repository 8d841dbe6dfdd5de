"""A second reckoning of a sale's totals, with no code of the package: exact fractions, bisection for prices with tax.

What it must agree on with the conversion, to the minor unit: every line's net, base and amount of every tax, and all
totals. Written from the reference (sections 8, 9, 19) and docs/decisions/0010, not from the code. `sale` is the
sale as plain data (`model_dump()`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import Any

NO_CENTS, MILS = ("JPY", "XOF", "UGX"), ("KWD", "BHD", "TND")
VAT = ("STANDARD_VAT", "ZERO_VAT", "EXEMPTED")
PERCENTS = {"STANDARD_VAT": Fraction(15, 2), "ZERO_VAT": Fraction(0), "EXEMPTED": Fraction(0)}

Tax = tuple[str, Fraction | None, bool]
"""(category, percent or None for "as stated", on the taxes before it)."""
Row = tuple[str, Fraction | None]


@dataclass
class Profile:
    """What the merchant decided: default category, tips in the invoice, tax names (lower case)."""

    default: str = "STANDARD_VAT"
    tips_inside: bool = False
    names: dict[str, str] = field(default_factory=dict)


@dataclass
class Thing:
    """A line or a charge that is taxed by itself."""

    total: int
    inclusive: bool
    taxes: tuple[Tax, ...]
    stated: tuple[int, ...]
    line: bool
    withheld: list[dict[str, Any]]
    net: int = 0


@dataclass
class Totals:
    rows: dict[Row, tuple[int, int]]
    lines: list[int]
    net: int
    tax: int
    rounding: int
    tip: int
    withheld: int
    prepaid: int
    due: int

    @property
    def gross(self) -> int:
        return self.net + self.tax


def shared(total: int, weights: Sequence[int]) -> list[int]:
    """Largest remainder, ties to the earlier; nothing to weigh by gives all to the first."""
    if sum(weights) == 0:
        return [total, *[0] * (len(weights) - 1)][: len(weights)]
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    parts = [floor(one) for one in exact]
    by_rest = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in by_rest[: total - sum(parts)]:
        parts[place] += 1
    return parts


class Second:
    """The reckoning. Its small methods are what a broken twin breaks."""

    def __init__(self, sale: dict[str, Any], profile: Profile) -> None:
        self.sale, self.profile = sale, profile
        self.scale = 1 if sale["currency"] in NO_CENTS else 1000 if sale["currency"] in MILS else 100

    # --- what twins break -------------------------------------------------------------------------------------------

    def half(self, value: Fraction) -> int:
        sign = -1 if value < 0 else 1
        return sign * floor(abs(value) + Fraction(1, 2))

    def quantity(self, line: dict[str, Any]) -> Fraction:
        return Fraction(line["quantity"])

    def tax(self, parts: Sequence[int], percent: Fraction) -> int:
        """Of all parts together, rounded once."""
        return self.half(sum(parts) * percent / 100)

    def net_of(self, gross: int, fixed: Fraction, factor: Fraction) -> int:
        return self.half((gross - fixed) / factor)

    def residual(self, left: int) -> int:
        return left

    # --- the whole ---------------------------------------------------------------------------------------------------

    def totals(self) -> Totals:
        lines = [self.line(line) for line in self.sale["lines"] if line["quantity"]]
        things = [*lines, *self.own_fees(), *self.charges(sum(one.total for one in lines))]
        tip = self.units(self.sale["tip"])
        if tip and self.profile.tips_inside:
            untaxed = {"name": None, "category": "ZERO_VAT", "rate_percent": 0, "amount": None, "on_tax": False}
            things.append(self.thing(tip, [untaxed], inclusive=False))
        rows, residual = self.settle(things, self.reduction(sum(one.total for one in lines)))
        net = sum(base for (category, _), (base, _) in rows.items() if category in VAT) + residual
        if residual:
            base, amount = rows.get(("ZERO_VAT", Fraction(0)), (0, 0))
            rows[("ZERO_VAT", Fraction(0))] = (base + residual, amount)
        tax = sum(amount for _, amount in rows.values())
        rounding = self.units(self.sale["rounding"])
        withheld = self.withheld(things, net)
        paid, prepaid = self.paid()
        return Totals(
            rows=rows,
            lines=[one.net for one in lines],
            net=net,
            tax=tax,
            rounding=rounding,
            tip=0 if self.profile.tips_inside else tip,
            withheld=withheld,
            prepaid=prepaid,
            due=max(net + tax + rounding - withheld - paid, 0),
        )

    def units(self, amount: Any) -> int:
        return self.half(Fraction(amount or 0) * self.scale)

    def part(self, one: dict[str, Any], base: int) -> Fraction:
        if one["amount"] is not None:
            return Fraction(one["amount"]) * self.scale
        return Fraction(one["percent"]) * base / 100

    def gross(self, line: dict[str, Any]) -> int:
        return self.half(self.quantity(line) * Fraction(line["unit_price"]) * self.scale)

    def line(self, line: dict[str, Any]) -> Thing:
        gross = self.gross(line)
        off = sum((self.part(one, gross) for one in line["discounts"]), Fraction(0))
        inside = [one for one in line["fees"] if not own(one, line)]
        total = gross - self.half(off) + self.half(sum((self.part(one, gross) for one in inside), Fraction(0)))
        return self.thing(total, line["taxes"], inclusive=line["price_basis"] == "inclusive", line=True)

    def own_fees(self) -> list[Thing]:
        found = []
        for line in self.sale["lines"]:
            for fee in line["fees"]:
                if line["quantity"] and own(fee, line):
                    basis = line["price_basis"] if fee["price_basis"] == "unstated" else fee["price_basis"]
                    amount = self.half(self.part(fee, self.gross(line)))
                    found.append(
                        self.thing(amount, fee["taxes"] or by_rate(line["taxes"]), inclusive=basis == "inclusive")
                    )
        return found

    def charges(self, whole: int) -> list[Thing]:
        return [
            self.thing(self.half(self.part(one, whole)), one["taxes"], inclusive=one["price_basis"] == "inclusive")
            for one in self.sale["charges"]
            if one["taxes"]
        ]

    def reduction(self, whole: int) -> int:
        """Document discounts less the charges that state no tax, on the bases of the prices."""
        off = sum(self.half(self.part(one, whole)) for one in self.sale["discounts"])
        return off - sum(self.half(self.part(one, whole)) for one in self.sale["charges"] if not one["taxes"])

    # --- taxes -------------------------------------------------------------------------------------------------------

    def thing(self, total: int, stated: Sequence[dict[str, Any]], *, inclusive: bool, line: bool = False) -> Thing:
        kept = [one for one in stated if self.category(one) == "WITHHOLDING_TAX"]
        told = [self.read(one) for one in stated if one not in kept]
        taxes = [(tax, amount) for tax, amount in told if tax[1] or amount] or told[:1]
        vat = [tax for tax, _ in taxes if tax[0] in VAT]
        zero = next((one for one in told if one[0][0] in VAT and not one[0][1]), None)
        if not vat and zero:
            taxes = [one for one in told if one is zero or one in taxes]
        elif not vat and not told:
            taxes = [((self.profile.default, PERCENTS[self.profile.default], False), 0)]
        elif not vat:
            taxes = [((self.profile.default, Fraction(0), False), 0), *taxes]
        return self.priced(Thing(total, inclusive, (), (), line, kept), taxes)

    def priced(self, thing: Thing, taxes: list[tuple[Tax, int]]) -> Thing:
        """VAT on other taxes: those are a part of the price."""
        places = [place for place, (tax, _) in enumerate(taxes) if tax[0] in VAT and tax[2]]
        first = places[0] if places else 0
        if not thing.inclusive:
            exact = Fraction(0)
            for (_, percent, on_tax), amount in taxes[:first]:
                exact += amount if percent is None else (thing.total + (exact if on_tax else 0)) * percent / 100
            thing.total += self.half(exact)
        thing.taxes, thing.stated = tuple(tax for tax, _ in taxes[first:]), tuple(one for _, one in taxes[first:])
        return thing

    def category(self, stated: dict[str, Any]) -> str | None:
        return stated["category"] or self.profile.names.get((stated["name"] or "").lower())

    def read(self, stated: dict[str, Any]) -> tuple[Tax, int]:
        category, percent = self.category(stated), stated["rate_percent"]
        rate = None if percent is None else Fraction(percent)
        if category is None:
            category = "STANDARD_VAT" if rate or (rate is None and stated["amount"]) else "ZERO_VAT"
        if rate is None:
            rate = PERCENTS.get(category)
        return (category, rate, stated["on_tax"]), 0 if rate is not None else self.units(stated["amount"])

    # --- settling ----------------------------------------------------------------------------------------------------

    def settle(self, things: list[Thing], reduction: int) -> tuple[dict[Row, tuple[int, int]], int]:
        heaps: dict[tuple[Tax, ...], list[Thing]] = {}
        for thing in things:
            heaps.setdefault(thing.taxes, []).append(thing)
        weights = [sum(one.total for one in heap if one.line) for heap in heaps.values()]
        shares = dict(zip(heaps, shared(reduction, weights), strict=True))
        rows: dict[Row, tuple[int, int]] = {}
        residual = 0
        for keys in linked(list(heaps)):
            found, left = self.settle_heaps([(key, heaps[key], shares[key]) for key in keys])
            rows |= found
            residual += left
        return rows, residual

    def settle_heaps(
        self, many: list[tuple[tuple[Tax, ...], list[Thing], int]]
    ) -> tuple[dict[Row, tuple[int, int]], int]:
        heaps = [Heap(self, *one) for one in many]
        if not any(heap.with_tax for heap in heaps):
            rows = self.rows([(heap, heap.parts, heap.stated(heap.things)) for heap in heaps])
            return rows, 0
        plain = [(heap, [heap.without], heap.stated(heap.priced_net)) for heap in heaps]
        target = sum(heap.gross + heap.without for heap in heaps)
        target += sum(amount for _, amount in self.rows(plain).values())
        bases = [heap.first_base(self) for heap in heaps]
        inclusive = [place for place, heap in enumerate(heaps) if heap.with_tax]
        largest = max(inclusive, key=lambda place: (abs(bases[place]), -place))

        def rows_with(base: int) -> dict[Row, tuple[int, int]]:
            now = [base if place == largest else one for place, one in enumerate(bases)]
            return self.rows([(h, [one], h.stated(h.things)) for h, one in zip(heaps, now, strict=True)])

        others = sum(bases) - bases[largest]

        def whole(base: int) -> int:
            return others + base + sum(amount for _, amount in rows_with(base).values())

        bases[largest] = highest(whole, target)
        for heap, base in zip(heaps, bases, strict=True):
            heap.spread(self, base)
        return rows_with(bases[largest]), self.residual(target - whole(bases[largest]))

    def rows(self, many: list[tuple[Heap, list[int], list[int]]]) -> dict[Row, tuple[int, int]]:
        """`many`: heap, the parts its base is made of, its taxes as stated."""
        parts: dict[Row, list[int]] = {}
        amounts: dict[Row, int] = {}
        for heap, own_parts, stated in many:
            before = 0
            for (category, percent, on_tax), amount in zip(heap.taxes, stated, strict=True):
                row = (category, percent)
                own_base = [*own_parts, before] if on_tax else own_parts
                parts.setdefault(row, []).extend(own_base)
                amounts[row] = amounts.get(row, 0) + amount
                before += amount if percent is None else self.half(sum(own_base) * percent / 100)
        return {
            row: (sum(many), amounts[row] if row[1] is None else self.tax(many, row[1])) for row, many in parts.items()
        }

    # --- money -------------------------------------------------------------------------------------------------------

    def withheld(self, things: list[Thing], net: int) -> int:
        found = sum(self.kept(one, net) for one in self.sale["withholding"])
        return found + sum(self.kept({**one, "base": None}, thing.net) for thing in things for one in thing.withheld)

    def kept(self, one: dict[str, Any], net: int) -> int:
        if one["amount"] is not None:
            return self.units(one["amount"])
        base = net if one["base"] is None else self.units(one["base"])
        return self.half(base * Fraction(one["rate_percent"]) / 100)

    def paid(self) -> tuple[int, int]:
        paid = prepaid = Fraction(0)
        for one in self.sale["payments"]:
            amount = Fraction(one["amount"]) - Fraction(one["change"])
            back = one["kind"] == "refund" and self.sale["document"] != "credit_note"
            paid += -amount if back else amount
            prepaid += amount if one["kind"] == "prepayment" else 0
        return self.half(paid * self.scale), self.half(prepaid * self.scale)


class Heap:
    """Things of equal taxes."""

    def __init__(self, by: Second, taxes: tuple[Tax, ...], things: list[Thing], share: int) -> None:
        self.taxes, self.things = taxes, things
        self.with_tax = [one for one in things if one.inclusive]
        self.priced_net = [one for one in things if not one.inclusive]
        lines = [sum(one.total for one in many if one.line) for many in (self.priced_net, self.with_tax)]
        share_without, self.share_with = shared(share, lines)
        self.gross = sum(one.total for one in self.with_tax) - self.share_with
        self.without = sum(one.total for one in self.priced_net) - share_without
        self.parts = [*(one.total for one in self.priced_net), -share_without]
        for one in self.priced_net:
            one.net = one.total

    def stated(self, things: Sequence[Thing]) -> list[int]:
        return [sum(one.stated[place] for one in things) for place in range(len(self.taxes))]

    def factor(self) -> Fraction:
        whole = Fraction(1)
        for _, percent, on_tax in self.taxes:
            whole += (whole if on_tax else Fraction(1)) * (percent or Fraction(0)) / 100
        return whole

    def fixed(self, things: Sequence[Thing]) -> Fraction:
        whole = Fraction(0)
        for (_, percent, on_tax), amount in zip(self.taxes, self.stated(things), strict=True):
            whole += amount + (whole if on_tax else Fraction(0)) * (percent or Fraction(0)) / 100
        return whole

    def first_base(self, by: Second) -> int:
        if not self.with_tax:
            return self.without
        alone = by.rows([(self, [self.without], self.stated(self.priced_net))])
        gross = self.gross + self.without + sum(amount for _, amount in alone.values())
        return by.net_of(gross, self.fixed(self.things), self.factor())

    def spread(self, by: Second, base: int) -> None:
        if not self.with_tax:
            return
        nets = base - self.without
        if self.share_with:
            nets = by.net_of(sum(one.total for one in self.with_tax), self.fixed(self.with_tax), self.factor())
        weights = [one.total - sum(one.stated) for one in self.with_tax]
        for one, net in zip(self.with_tax, shared(nets, weights), strict=True):
            one.net = net


def by_rate(taxes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A tax stated as an amount is the line's alone, not its fees'."""
    return [one for one in taxes if one["rate_percent"] is not None or one["amount"] is None]


def own(fee: dict[str, Any], line: dict[str, Any]) -> bool:
    return bool(fee["taxes"]) or fee["price_basis"] not in ("unstated", line["price_basis"])


def linked(keys: list[tuple[Tax, ...]]) -> list[list[tuple[Tax, ...]]]:
    """Those that share a row, also through others, each in the order given: colours spread until nothing changes."""
    colour = {key: place for place, key in enumerate(keys)}
    changed = True
    while changed:
        changed = False
        for one in keys:
            for other in keys:
                if {tax[:2] for tax in one} & {tax[:2] for tax in other} and colour[one] != colour[other]:
                    colour[one] = colour[other] = min(colour[one], colour[other])
                    changed = True
    return [[key for key in keys if colour[key] == each] for each in sorted(set(colour.values()))]


def highest(whole: Callable[[int], int], target: int) -> int:
    """The largest base whose `whole` does not exceed `target`, by bisection: `whole` never falls."""
    low, high = min(target, 0) - 1, max(target, 0) + 1
    while whole(low) > target:
        low *= 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if whole(middle) <= target else (low, middle)
    return low
