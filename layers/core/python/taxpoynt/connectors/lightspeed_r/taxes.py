"""The two tax slots of R-Series: what was charged decides, rates are labels only (reference, A4).

`tax1Rate` "0" on a line does not mean zero-rated: the rate may be inherited from the sale, its tax category or the
line's tax class. So each rate that the answers name is tried against the tax that the till reckoned, unrounded, on the
line; one that gives it is the line's. Where none does, the rate that follows from the amounts is taken if it is a
plausible one (four decimals give the amount back), else nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from taxpoynt.connectors.lightspeed_r.records import Record, get, link, many, number, related, text
from taxpoynt.domain.sale import StatedTax

SLOTS = ("1", "2")
HUNDRED = Decimal(100)
EXACT = Decimal("0.000001")
"""How far the till's unrounded tax of a line may be from rate × net: its own last digits."""
NEAR = Decimal("0.005")


def net_of(line: Record) -> Decimal:
    """What the line comes to after its discounts, with its own sign; with tax in an inclusive sale."""
    return number(line, "calcSubtotal") - number(line, "calcLineDiscount") - number(line, "calcTransactionDiscount")


def slot_taxes(line: Record, sale: Record, *, inclusive: bool) -> tuple[StatedTax, ...] | None:
    """The taxes that were charged on a line; one of 0 % where none was; None where no rate explains the amounts."""
    charged = {slot: number(line, f"calcTax{slot}") for slot in SLOTS}
    if not any(charged.values()):
        return (StatedTax(name="No tax", rate_percent=Decimal(0)),)
    base = net_of(line) - (sum(charged.values()) if inclusive else 0)
    found: list[StatedTax] = []
    for slot, amount in charged.items():
        if not amount:
            continue
        rate = _rate(base, amount, list(_named_rates(line, sale, slot)))
        if rate is None:
            return None
        found.append(StatedTax(name=_name(line, sale, slot), rate_percent=rate))
    return tuple(found)


def _rate(base: Decimal, amount: Decimal, named: list[Decimal]) -> Decimal | None:
    """Percent."""
    if not base or (base < 0) != (amount < 0):
        return None
    for rate in named:
        if abs(base * rate - amount) <= EXACT:
            return (rate * HUNDRED).normalize() + 0
    derived = (amount / base * HUNDRED).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return derived.normalize() + 0 if abs(base * derived / HUNDRED - amount) <= NEAR else None


def _named_rates(line: Record, sale: Record, slot: str) -> Iterator[Decimal]:
    """As fractions, nearest first: the line, its class, its category, the sale, the sale's category."""
    name = f"tax{slot}Rate"
    yield number(line, name)
    for category in (_category(line), _category(sale)):
        wanted = link(line, "taxClassID")
        for one in many(get(category, "TaxCategoryClasses"), "TaxCategoryClass"):
            if link(one, "taxClassID") == wanted:
                yield number(one, name)
        if category is not None:
            yield number(category, name)
    yield number(sale, name)


def _name(line: Record, sale: Record, slot: str) -> str:
    for category in (_category(line), _category(sale)):
        if name := text(category, f"tax{slot}Name"):
            return name
    return f"Tax {slot}"


def _category(record: Record) -> Mapping[str, Any] | None:
    return related(record, "TaxCategory")


def is_inclusive(sale: Record) -> bool | None:
    """Do the till's prices contain tax? None where neither reading of its own sums adds up.

    By the sums, because no recorded sale shows what the flag does (reference, A4: refuse to guess).
    """
    taxes = sum((number(sale, f"calcTax{slot}") for slot in SLOTS), Decimal(0))
    net = number(sale, "calcSubtotal") - number(sale, "calcDiscount")
    total = number(sale, "total") if get(sale, "total") is not None else number(sale, "calcTotal")
    if abs(total - (net + taxes)) <= NEAR:
        return False
    return True if abs(total - net) <= NEAR else None
