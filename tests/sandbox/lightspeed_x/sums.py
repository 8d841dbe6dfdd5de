"""What X-Series computes. Prices are net and already reduced by their discount; units have five decimals."""

from decimal import Decimal

from tests.sandbox.kit import Json
from tests.sandbox.lightspeed_x.values import ZERO, cents, five
from tests.sandbox.lightspeed_x.world import Retailer


def tax_line(store: Retailer, line: Json) -> None:
    """Fills the unit tax (five decimals) and one component for each rate of the line's tax."""
    rates = store.find("taxes", line["tax_id"])["rates"] if line["tax_id"] else []
    units = [(one["id"], five(line["price"] * one["rate"])) for one in rates]
    line["tax"] = sum((unit for _key, unit in units), ZERO)
    line["components"] = [(key, unit * line["quantity"]) for key, unit in units]


def line_price(line: Json) -> Decimal:
    """Net of the line, unrounded."""
    return Decimal(line["price"] * line["quantity"])


def line_tax(line: Json) -> Decimal:
    """Tax of the line, unrounded; components may say otherwise by the rounding rest."""
    return Decimal(line["tax"] * line["quantity"])


def counted(sale: Json) -> list[Json]:
    """The adjustments inside total_price: eCom charges are beside it (changelog of 2025-05)."""
    return [one for one in sale["adjustments"] if one["type"] != "ECOM_CUSTOM_CHARGE"]


def exact(sale: Json) -> tuple[Decimal, Decimal]:
    """(net, tax) before any rounding, adjustments included."""
    net = sum((line_price(line) for line in sale["lines"]), ZERO) + sum((one["value"] for one in counted(sale)), ZERO)
    tax = sum((line_tax(line) for line in sale["lines"]), ZERO)
    return net, tax + sum((part for one in counted(sale) for _key, part in one["components"]), ZERO)


def due(sale: Json) -> Decimal:
    """What is tendered: the exact sum, rounded half up."""
    net, tax = exact(sale)
    return cents(net + tax)


def taxes_by_rate(sale: Json) -> dict[str, Decimal]:
    """Rounded, in the order in which the rates first appear."""
    sums: dict[str, Decimal] = {}
    for components in [*(line["components"] for line in sale["lines"]), *(one["components"] for one in counted(sale))]:
        for key, part in components:
            sums[key] = sums.get(key, ZERO) + part
    return {key: cents(value) for key, value in sums.items()}


def components_with_rest(sale: Json) -> list[list[tuple[str, Decimal]]]:
    """Each line's components; the last line with a rate takes what rounding left, so that they add up."""
    shown = [list(line["components"]) for line in sale["lines"]]
    for key, rounded in taxes_by_rate(sale).items():
        places = [(at, spot) for at, parts in enumerate(shown) for spot, (one, _part) in enumerate(parts) if one == key]
        if not places:
            continue
        others = sum((part for one in counted(sale) for name, part in one["components"] if name == key), ZERO)
        spread = sum((shown[at][spot][1] for at, spot in places), ZERO) + others
        at, spot = places[-1]
        shown[at][spot] = (key, shown[at][spot][1] + rounded - spread)
    return shown


def totals(sale: Json) -> tuple[Decimal, Decimal]:
    """(total_price, total_tax) as the REST versions round them: together they are what was tendered."""
    tax = sum(taxes_by_rate(sale).values(), ZERO)
    return due(sale) - tax, tax


def paid(sale: Json) -> Decimal:
    """All payments."""
    return sum((one["amount"] for one in sale["payments"]), ZERO)
