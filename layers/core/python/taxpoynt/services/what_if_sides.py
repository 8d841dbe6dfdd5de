"""One record by one set of rules, as the pipeline would read and convert it. Pure; nothing is stored or numbered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from taxpoynt.conversion.clock import legal_clock
from taxpoynt.conversion.lists import CodeLists
from taxpoynt.domain.decisions import CodeRow
from taxpoynt.domain.inputs import ConversionInputs, Reading
from taxpoynt.domain.invoice import TYPES_OF, Invoice, Reference
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.sale import Sale
from taxpoynt.domain.source import SourceBundle
from taxpoynt.errors import BadInput, Fault
from taxpoynt.mapping.engine import Explained
from taxpoynt.ports import Connector
from taxpoynt.services.chosen import Chosen
from taxpoynt.services.conversion_inputs import converted

_STAND_IN = "WHATIF-00000000-{:%Y%m%d}"
"""In place of the IRN of the invoice a credit note corrects, which only stores know; it is the same on both sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one set of rules makes of a record. `why`: no document, and why."""

    invoice: Invoice | None = None
    faults: tuple[Fault, ...] = ()
    why: str = ""
    explained: Sequence[Explained] = ()

    @property
    def is_sent(self) -> bool:
        """Would it go to NRS?"""
        return self.invoice is not None and not self.faults

    @property
    def total(self) -> Decimal:
        """With tax; what a credit note takes back is below zero, and nothing is sent for nothing."""
        if self.invoice is None or self.invoice.gross_total is None or self.faults:
            return Decimal(0)
        total = self.invoice.gross_total
        return -total if self.document == "credit_note" else total

    @property
    def document(self) -> str:
        """What would be sent: `invoice`, `credit_note` or `none`."""
        if self.invoice is None or self.faults:
            return "none"
        return "credit_note" if self.invoice.type_code in TYPES_OF["credit_note"] else "invoice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is the same for both sides.

    account: the connection's facts. rows: what the product table of a side says of a sale. hides: the class of a
    mapped value that must not be shown, None for one that may. texts: classed texts of a record that are shown nowhere,
    also where no rule took them there (connector_kit/redaction.py). buyers: the class of a buyer's field that no
    rule gave.
    """

    lists: CodeLists
    account: Mapping[str, Any] = field(default_factory=dict)
    rows: Callable[[Chosen, Sale], Mapping[str, CodeRow]] = lambda _chosen, _sale: {}
    hides: Callable[[Explained], str | None] = lambda _one: None
    texts: Callable[[SourceBundle], Mapping[str, str]] = lambda _bundle: {}
    buyers: str | None = "personal"


def side_of(
    connector: Connector, bundle: SourceBundle, merchant: Merchant, chosen: Chosen, circumstances: Circumstances
) -> Side:
    """What the record becomes; FaultsFound for rules that cannot be used at all."""
    try:
        decision = connector.trigger(bundle, settings=chosen.settings)
        if decision.document not in ("invoice", "credit_note"):
            return Side(why=decision.why)
        found = connector.read(
            bundle,
            account=circumstances.account,
            mapping=chosen.mapping,
            operator=chosen.operator_mapping,
            settings=chosen.settings,
        )
    except BadInput as problem:
        remedy = "give the record as the platform's API returns it"
        return Side(faults=(Fault("INPUT-001", "", str(problem), remedy),))
    if found.sale is None or found.faults:
        return Side(faults=tuple(found.faults), explained=found.explained)
    invoice, faults = _invoice(connector, found.sale, merchant, chosen, circumstances)
    kept = tuple(fault for fault in faults if not fault.path.startswith("seller"))
    return Side(invoice=invoice, faults=kept, explained=found.explained)


def _invoice(
    connector: Connector, sale: Sale, merchant: Merchant, chosen: Chosen, circumstances: Circumstances
) -> tuple[Invoice, list[Fault]]:
    """By the function of the pipeline, on the sale's own day."""
    clock = legal_clock(sale.completed_at)
    reading = Reading(
        connector=connector.name,
        template=connector.version,
        record_key="",
        mapping_version="",
        decisions=chosen.decisions,
        codes=dict(circumstances.rows(chosen, sale)),
    )
    inputs = ConversionInputs(
        sale_key="",
        reading=reading,
        merchant=merchant,
        references=(Reference(irn=_STAND_IN.format(clock.issue_date), issue_date=clock.issue_date),)
        if sale.refers_to
        else (),
        issue_date=clock.issue_date,
        issue_time=clock.issue_time,
    )
    return converted(sale, inputs, circumstances.lists)
