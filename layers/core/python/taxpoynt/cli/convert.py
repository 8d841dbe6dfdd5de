"""`taxpoynt convert`: the pipeline of the state machine on one record, without stores and without NRS."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from taxpoynt.cli.answer import Answer, Usage, read_json_file
from taxpoynt.cli.records import Given, given
from taxpoynt.cli.tools import read_yaml
from taxpoynt.connector_kit.connector import SaleReading, TemplateConnector
from taxpoynt.connector_kit.loader import load
from taxpoynt.conversion.clock import legal_clock
from taxpoynt.conversion.convert import convert
from taxpoynt.conversion.numbering import invoice_number, irn
from taxpoynt.conversion.summary import fault_rows, no_document, summary
from taxpoynt.domain.invoice import Invoice
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.sale import Sale
from taxpoynt.errors import BadInput, Fault, FaultsFound
from taxpoynt.mapping.expressions import plain_data


@dataclass(frozen=True, slots=True)
class Made:
    """Everything a record became."""

    given: Given
    reading: SaleReading
    sale: Sale
    invoice: Invoice
    faults: tuple[Fault, ...]


def run(arguments: argparse.Namespace) -> Answer:
    """The record in the form asked for."""
    if arguments.form == "ubl":
        raise Usage("--as ubl comes with a later version")
    connector = load(arguments.connector)
    merchant = _merchant(arguments.merchant)
    mapping = _mapping(arguments.mapping)
    try:
        record = given(connector, arguments.record, arguments.related)
        if record.why_none is not None:
            return _nothing(arguments.form, record.why_none)
        reading = connector.read(record.bundle, account={}, mapping=mapping)
    except BadInput as problem:
        if arguments.form != "summary":
            raise
        return Answer(1, no_document("needs_more_data", str(problem), _unreadable(problem)))
    if reading.sale is None:
        if arguments.form == "summary":
            return Answer(1, no_document("needs_more_data", "the record lacks what a sale needs", reading.faults))
        return _faulty(reading.faults)
    invoice, faults = _invoice(connector, reading.sale, merchant)
    return _shown(arguments.form, Made(record, reading, reading.sale, invoice, (*reading.faults, *faults)))


def _invoice(connector: TemplateConnector, sale: Sale, merchant: Merchant) -> tuple[Invoice, list[Fault]]:
    from taxpoynt.nrs.resources import code_lists

    clock = legal_clock(sale.completed_at)
    number = invoice_number(connector.name, sale.sale_id, merchant.defaults.invoice_prefix)
    try:
        reference = irn(number, merchant.service_id, clock.issue_date) if merchant.service_id else None
    except BadInput:
        reference = None  # the rules say what is wrong with the service id
    return convert(
        sale,
        merchant,
        issue_date=clock.issue_date,
        issue_time=clock.issue_time,
        number=number,
        irn=reference,
        lists=code_lists(),
    )


def _shown(form: str, made: Made) -> Answer:
    code = 1 if made.faults else 0
    if form == "summary":
        shown = summary(made.sale, made.invoice, made.faults, why=made.given.why)
        if made.given.webhook:
            shown["document"] = "trigger"
        return Answer(code, shown, made.given.words)
    if form == "explain":
        return Answer(code, _explained(made), made.given.words)
    if form == "sale" and not made.reading.faults:
        return Answer(0, made.sale.model_dump(mode="json"), made.given.words)
    if made.faults:
        return _faulty(made.faults)
    if form == "pdf":
        from taxpoynt.documents.pdf import InvoicePdf

        # The number is what it would be, but NRS has not seen it: without IRN the paper says that it is a draft.
        return Answer(0, InvoicePdf().pdf(made.invoice.model_copy(update={"irn": None}), None), made.given.words)
    if form == "invoice":
        return Answer(0, made.invoice.model_dump(mode="json"), made.given.words)
    from taxpoynt.nrs.payload import body

    return Answer(0, body(made.invoice).decode(), made.given.words)


def _explained(made: Made) -> dict[str, Any]:
    fields = [
        {
            "field": one.path,
            "value": one.result,
            "layer": one.layer,
            "rule": one.rule,
            "expression": one.expression,
            "source_value": plain_data(one.source_value),
            "transforms": list(one.transforms),
            "why": one.why,
        }
        for one in made.reading.explained
    ]
    trace = [entry.model_dump() for entry in made.invoice.trace]
    return {"fields": fields, "calculation": trace, "faults": fault_rows(made.faults)}


def _nothing(form: str, why: str) -> Answer:
    """No document is right for this record: that is an answer for a summary, and a fault for everything else."""
    if form == "summary":
        return Answer(0, no_document("none", why))
    return _faulty([Fault("TRIGGER-001", "", f"no invoice: {why}", "nothing to do until the record changes")])


def _faulty(faults: Sequence[Fault]) -> Answer:
    return Answer(1, {"faults": fault_rows(faults)})


def _unreadable(problem: BadInput) -> list[Fault]:
    return [Fault("INPUT-001", "", str(problem), "give the record as the platform's API returns it")]


def _merchant(name: str | None) -> Merchant:
    if name is None:
        return Merchant()
    try:
        return Merchant.model_validate(read_json_file(name))
    except ValidationError as problem:
        raise FaultsFound(
            [
                Fault("MERCHANT-001", ".".join(map(str, error["loc"])), error["msg"], "mend the merchant file")
                for error in problem.errors(include_url=False, include_context=False)
            ]
        ) from None


def _mapping(name: str | None) -> dict[str, Any]:
    found = read_yaml(name) if name is not None else {}
    if not isinstance(found, dict):
        raise BadInput("a rule set is an object with version and rules")
    return found
