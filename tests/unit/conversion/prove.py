"""`python -m tests.unit.conversion.prove 10000 [first seed]`: that many sales, ours against the second reckoning.

Each sale is converted, compared to the minor unit with `second.py`, held against the rules of section 9 (`audit.py`),
frozen to NRS's bytes and put to the stand-in for NRS. Then every broken twin must differ somewhere. Exit 1 if not.
"""

from __future__ import annotations

# ruff: noqa: T201 - a command that reports to a terminal
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from taxpoynt.conversion.convert import convert
from taxpoynt.conversion.numbering import irn
from taxpoynt.domain.invoice import Invoice, Reference
from taxpoynt.domain.money import minor_digits
from taxpoynt.nrs import resources
from taxpoynt.nrs.payload import body
from tests.sandbox.nrs.check_invoice import Rules, check_invoice
from tests.sandbox.nrs.problems import Problem
from tests.sandbox.nrs.tables import Tables, read_lists
from tests.unit.conversion.audit import audit
from tests.unit.conversion.generated import Made, made
from tests.unit.conversion.second import Second, Totals
from tests.unit.conversion.twins import TWINS

DAY = date(2026, 9, 15)
LISTS = resources.code_lists()
RULES = Rules(
    tables=Tables(read_lists(Path(resources.__file__).parent)),
    today=DAY,
    strict=True,
    template_of=lambda _: "{{invoice_id}}-94ND90NR-{{YYYYMMDD}}",
    parties=lambda *_: False,
)
EARLIER = Reference(irn="S0-94ND90NR-20260901", issue_date=date(2026, 9, 1))


def ours(one: Made) -> tuple[Invoice, list[str]]:
    """The invoice and the codes of its faults, of which there should be none."""
    refers_to = () if one.sale.document == "invoice" else (EARLIER,)
    name = irn("TILS1", one.merchant.service_id or "", DAY)
    invoice, faults = convert(
        one.sale,
        one.merchant,
        issue_date=DAY,
        issue_time="10:42:31",
        lists=LISTS,
        number="TILS1",
        irn=name,
        refers_to=refers_to,
    )
    return invoice, [f"{fault.code} {fault.path} {fault.message}" for fault in faults]


def expected(one: Made, by: type[Second] = Second) -> Totals:
    """The second reckoning, or a broken twin of it."""
    return by(one.sale.model_dump(), one.profile).totals()


def differences(theirs: Totals, invoice: Invoice) -> list[str]:
    """Where the two do not agree to the minor unit; empty when they do."""
    digits = minor_digits(invoice.currency)

    def units(amount: Decimal | None) -> Fraction | None:
        return None if amount is None else Fraction(amount) * 10**digits

    rows = sorted((row[0], *pair) for row, pair in theirs.rows.items())
    our_rows = sorted((tax.category, units(tax.base), units(tax.amount)) for tax in invoice.taxes)
    pairs = {
        "lines": (theirs.lines, [units(line.net) for line in invoice.lines]),
        "taxes": (rows, our_rows),
        "net": (theirs.net, units(invoice.net_total)),
        "tax": (theirs.tax, units(invoice.tax_total)),
        "gross": (theirs.gross, units(invoice.gross_total)),
        "payable": (theirs.gross + theirs.rounding, units(invoice.payable)),
        "tip": (theirs.tip, units(invoice.tip)),
        "withheld": (theirs.withheld, units(invoice.withheld)),
        "prepaid": (theirs.prepaid, units(invoice.prepaid)),
        "due": (theirs.due, units(invoice.balance_due)),
        "percents": (True, _percents_hold(theirs, invoice)),
        "shares": (True, _shares_hold(invoice)),
    }
    return [f"{name}: {one} is {other} with us" for name, (one, other) in pairs.items() if one != other]


def _percents_hold(theirs: Totals, invoice: Invoice) -> bool:
    stated = {row[0] for row in theirs.rows if row[1] is None}
    known = {(row[0], row[1]) for row in theirs.rows}
    return all(tax.category in stated or (tax.category, Fraction(tax.rate_percent)) in known for tax in invoice.taxes)


def _shares_hold(invoice: Invoice) -> bool:
    """The taxes of lines and charges add up to the document's."""
    own = sum((tax.amount or Decimal(0) for one in invoice.charges for tax in one.taxes), Decimal(0))
    parts = sum((tax.amount or Decimal(0) for line in invoice.lines for tax in line.taxes), own)
    whole = sum((line.tax or Decimal(0) for line in invoice.lines), own)
    return parts == whole == invoice.tax_total


def problems(one: Made) -> list[str]:
    """Everything that is wrong with our conversion of one sale."""
    invoice, faults = ours(one)
    found = [*faults, *differences(expected(one), invoice)]
    if faults:
        return found
    whole = json.loads(body(invoice), parse_float=Decimal)
    found += [f"section 9, rule {rule}" for rule in audit(whole, minor_digits(invoice.currency))]
    try:
        check_invoice(whole, RULES)
    except Problem as problem:
        found.append(f"NRS stand-in: {problem}")
    return found


@dataclass
class Proof:
    """What a run saw. `wrong`: seed and problems; `caught`: the first seed at which each twin differs."""

    seeds: int = 0
    features: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[int, list[str]]] = field(default_factory=list)
    caught: dict[str, int] = field(default_factory=dict)


def prove(seeds: Iterable[int]) -> Proof:
    """Every sale once; twins until they are caught."""
    proof = Proof()
    for seed in seeds:
        one = made(seed)
        proof.seeds += 1
        proof.features.update(one.features)
        if found := problems(one):
            proof.wrong.append((seed, found))
        for name, twin in TWINS.items():
            if name not in proof.caught and differences(expected(one, twin), ours(one)[0]):
                proof.caught[name] = seed
    return proof


def main(arguments: list[str]) -> int:
    """Prints what was done, how often each feature occurred, and what was found."""
    count, first = (int(arguments[0]) if arguments else 10_000), (int(arguments[1]) if len(arguments) > 1 else 1)
    begun = time.perf_counter()
    proof = prove(range(first, first + count))
    print(f"{proof.seeds} generated sales (seeds {first} to {first + count - 1}), {time.perf_counter() - begun:.0f} s")
    for feature, often in proof.features.most_common():
        print(f"  {often:6}  {feature}")
    print(
        f"differences to the second reckoning, broken rules or refusals by the NRS stand-in: {len(proof.wrong)} sales"
    )
    for seed, found in proof.wrong[:20]:
        print(f"  seed {seed}: " + "; ".join(found))
    for name in TWINS:
        print(
            f"  broken twin, {name}: "
            + (f"caught at seed {proof.caught[name]}" if name in proof.caught else "NOT CAUGHT")
        )
    return 1 if proof.wrong or set(TWINS) - set(proof.caught) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
