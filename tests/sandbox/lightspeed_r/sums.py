"""What R-Series computes. Lines keep unrounded taxes; the header rounds the sum of each slot on its own."""

from collections.abc import Iterable
from decimal import Decimal

from tests.sandbox.kit import Json
from tests.sandbox.lightspeed_r.values import cents

ZERO = Decimal(0)
SHARE = Decimal("0.0001")  # of a sale-wide amount; how finely the real service splits it is not documented


def line_discount(line: Json) -> Decimal:
    """By fraction or by amount, with the sign of what is sold."""
    if line["discountPercent"]:
        return Decimal(line["calcSubtotal"] * line["discountPercent"])
    return -line["discountAmount"] if line["unitQuantity"] < 0 else Decimal(line["discountAmount"])


def compute_line(line: Json, rates: tuple[Decimal, Decimal], *, inclusive: str = "") -> None:
    """Fills the calc fields from quantity, price, discounts and the rates that apply.

    `inclusive` is Settings.inclusive_subtotal for a tax-inclusive sale: with `gross` calcSubtotal keeps the tax, with
    `net` it is taken out (to five decimals). Which of the two R-Series does is not documented.
    """
    taxed = (rates[0], rates[1]) if line["tax"] else (ZERO, ZERO)
    price = line["unitPrice"]
    if inclusive == "net":
        price = (price / (1 + sum(taxed))).quantize(Decimal("0.00001"))
    line["calcSubtotal"] = line["unitQuantity"] * price
    line["calcLineDiscount"] = line_discount(line)
    net = line["calcSubtotal"] - line["calcLineDiscount"] - line["calcTransactionDiscount"]
    base = net / (1 + sum(taxed)) if inclusive == "gross" else net
    line["calcTax1"], line["calcTax2"] = base * taxed[0], base * taxed[1]
    line["calcTotal"] = net if inclusive == "gross" else net + line["calcTax1"] + line["calcTax2"]
    line["displayableSubtotal"] = line["calcSubtotal"] - line["calcLineDiscount"]
    line["displayableUnitPrice"] = line["unitPrice"]


def spread_discount(lines: list[Json], percent: Decimal, amount: Decimal) -> None:
    """A discount on the whole sale as each line's calcTransactionDiscount; the last line takes what is left."""
    nets = [line["unitQuantity"] * line["unitPrice"] - line_discount_of_wish(line) for line in lines]
    whole, left = sum(nets, ZERO), amount
    for number, (line, net) in enumerate(zip(lines, nets, strict=True), start=1):
        if percent:
            line["calcTransactionDiscount"] = net * percent
            continue
        share = left if number == len(lines) else (amount * net / whole).quantize(SHARE) if whole else ZERO
        line["calcTransactionDiscount"], left = share, left - share


def line_discount_of_wish(line: Json) -> Decimal:
    """The line's own discount before its calc fields exist."""
    return line_discount(line | {"calcSubtotal": line["unitQuantity"] * line["unitPrice"]})


def compute_sale(sale: Json, lines: Iterable[Json], payments: Iterable[Json], types: dict[int, str]) -> None:
    """Fills the header. `types`: payment type id → type."""
    lines, live = list(lines), [one for one in payments if not one["archived"]]
    _sums_of_lines(sale, lines)
    paid = sum((one["amount"] for one in live), ZERO)
    moved = sum((one["amount"] for one in live if types[one["paymentTypeID"]] in {"gift card", "credit account"}), ZERO)
    loaded = sum((-one["amount"] for one in live if _is_load(one, types)), ZERO)
    sale["calcPayments"], sale["calcTips"] = paid, sum((one["tipAmount"] for one in live), ZERO)
    sale["totalDue"], sale["displayableTotal"] = sale["total"] - moved, sale["total"] + loaded
    sale["balance"] = sale["total"] - paid


def _sums_of_lines(sale: Json, lines: list[Json]) -> None:
    def of(key: str) -> Decimal:
        return sum((line[key] for line in lines), ZERO)

    discounts = of("calcLineDiscount") + of("calcTransactionDiscount")
    sale["calcSubtotal"], sale["calcDiscount"] = cents(of("calcSubtotal")), cents(discounts)
    sale["calcTax1"], sale["calcTax2"] = cents(of("calcTax1")), cents(of("calcTax2"))
    net = sale["calcSubtotal"] - sale["calcDiscount"]
    gross = sale["isTaxInclusive"] and sale["_inclusive"] == "gross"
    sale["total"] = sale["calcTotal"] = net if gross else net + sale["calcTax1"] + sale["calcTax2"]
    taxed = sum((_net(line) for line in lines if line["calcTax1"] or line["calcTax2"]), ZERO)
    sale["calcTaxable"] = cents(taxed)
    sale["calcNonTaxable"] = net - sale["calcTaxable"]
    sale["displayableSubtotal"] = sale["calcSubtotal"]
    sale["calcAvgCost"] = sum((line["avgCost"] * line["unitQuantity"] for line in lines), ZERO)
    sale["calcFIFOCost"] = sum((line["fifoCost"] * line["unitQuantity"] for line in lines), ZERO)


def _net(line: Json) -> Decimal:
    net: Decimal = line["calcSubtotal"] - line["calcLineDiscount"] - line["calcTransactionDiscount"]
    return net


def _is_load(payment: Json, types: dict[int, str]) -> bool:
    return types[payment["paymentTypeID"]] == "gift card" and payment["amount"] < 0


def settled(sale: Json) -> Decimal:
    """Goods value that payments cover: tips are no part of it."""
    value: Decimal = sale["calcPayments"] - sale["calcTips"]
    return value
