"""`taxpoynt convert`: the pipeline of the state machine on one record, without stores and without NRS."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from taxpoynt.cli.answer import Answer, Usage, read_json_file
from taxpoynt.cli.mapping import document
from taxpoynt.cli.records import Given, given
from taxpoynt.connector_kit.connector import SaleReading, TemplateConnector
from taxpoynt.connector_kit.loader import load
from taxpoynt.conversion.clock import legal_clock
from taxpoynt.conversion.convert import convert
from taxpoynt.conversion.decided import Table, at_location, decided
from taxpoynt.conversion.number_pattern import chosen_number, start_of
from taxpoynt.conversion.numbering import check_irn, invoice_number, irn
from taxpoynt.conversion.summary import fault_rows, no_document, summary
from taxpoynt.domain.decisions import Decisions
from taxpoynt.domain.invoice import Invoice, Reference
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.sale import Sale
from taxpoynt.errors import BadInput, Fault, FaultsFound
from taxpoynt.mapping.expressions import plain_data
from taxpoynt.nrs.json_text import encode
from taxpoynt.services.chosen import Chosen
from taxpoynt.services.what_if import chosen_by


@dataclass(frozen=True, slots=True)
class Made:
    """Everything a record became."""

    given: Given
    reading: SaleReading
    sale: Sale
    invoice: Invoice
    faults: tuple[Fault, ...]


def run(arguments: argparse.Namespace) -> Answer:
    """The record in the form asked for; a list where it makes several documents."""
    connector = load(arguments.connector)
    merchant = merchant_of(arguments.merchant)
    references = [_reference(one) for one in arguments.corrects]
    rules = chosen_by(document(arguments.mapping, connector.template))
    try:
        records = given(connector, arguments.record, arguments.related)
    except BadInput as problem:
        return _cannot_be_read(arguments.form, problem)
    answers = [_one(arguments.form, connector, merchant, references, rules, record) for record in records]
    return answers[0] if len(answers) == 1 else _together(answers)


def _one(
    form: str,
    connector: TemplateConnector,
    merchant: Merchant,
    references: Sequence[Reference],
    rules: Chosen,
    record: Given,
) -> Answer:
    if record.why_none is not None:
        return _nothing(form, record.why_none)
    try:
        reading = connector.read(record.bundle, account={}, mapping=rules.mapping, settings=rules.settings)
    except BadInput as problem:
        return _cannot_be_read(form, problem)
    if reading.sale is None:
        if form == "summary":
            return Answer(1, no_document("needs_more_data", "the record lacks what a sale needs", reading.faults))
        return _faulty(reading.faults)
    invoice, faults = _invoice(connector, reading.sale, merchant, references, rules)
    return _shown(form, Made(record, reading, reading.sale, invoice, (*reading.faults, *faults)))


def _cannot_be_read(form: str, problem: BadInput) -> Answer:
    if form != "summary":
        raise problem
    return Answer(1, no_document("needs_more_data", str(problem), _unreadable(problem)))


def _together(answers: Sequence[Answer]) -> Answer:
    """The answers as one JSON list; files are made one at a time."""
    if any(isinstance(one.output, bytes) or str(one.output).startswith("<") for one in answers):
        raise Usage("this record makes several documents; give one record at a time for a file")
    texts = [one.output if isinstance(one.output, str) else encode(one.output) for one in answers]
    words = tuple(dict.fromkeys(word for one in answers for word in one.words))
    return Answer(max(one.code for one in answers), "[" + ",\n".join(map(str, texts)) + "]", words)


def _reference(text: str) -> Reference:
    """The invoice a credit note corrects, by its IRN: its date is the IRN's."""
    if check_irn(text):
        raise BadInput(f"--corrects takes an IRN, which {text[:60]!r} is not")
    return Reference(irn=text, issue_date=datetime.strptime(text[-8:], "%Y%m%d").replace(tzinfo=UTC).date())


def _invoice(
    connector: TemplateConnector, sale: Sale, merchant: Merchant, references: Sequence[Reference], rules: Chosen
) -> tuple[Invoice, list[Fault]]:
    """Without a reference a credit note has the fault REF-001: only stores know what became of its sale."""
    from taxpoynt.nrs.resources import code_lists

    clock = legal_clock(sale.completed_at)
    sale, trace = decided(sale, rules.decisions, Table({}))
    merchant = at_location(merchant, rules.decisions.locations.get(sale.location or ""))
    number = _number(connector, sale, merchant, rules.decisions)
    try:
        reference = irn(number, merchant.service_id, clock.issue_date) if merchant.service_id else None
    except BadInput:
        reference = None  # the rules say what is wrong with the service id
    invoice, faults = convert(
        sale,
        merchant,
        issue_date=clock.issue_date,
        issue_time=clock.issue_time,
        number=number,
        irn=reference,
        lists=code_lists(),
        refers_to=references,
    )
    return invoice.model_copy(update={"trace": (*trace, *invoice.trace)}), faults


def _number(connector: TemplateConnector, sale: Sale, merchant: Merchant, decisions: Decisions) -> str:
    """What it would be, by the merchant's own pattern if there is one."""
    prefix, shop = merchant.defaults.invoice_prefix, decisions.locations.get(sale.location or "")
    if decisions.number is None:
        return invoice_number(connector.name, sale.sale_id, prefix, platform=sale.platform)
    location = shop.prefix if shop else None
    start = start_of(decisions.number, connector.name, prefix=prefix, location=location, platform=sale.platform)
    return chosen_number(start, connector.name, sale.sale_id)


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
    if form in ("pdf", "receipt", "ubl"):
        return Answer(0, _document(form, made.invoice), made.given.words)
    if form == "invoice":
        return Answer(0, made.invoice.model_dump(mode="json"), made.given.words)
    from taxpoynt.nrs.payload import body

    return Answer(0, body(made.invoice).decode(), made.given.words)


def _document(form: str, invoice: Invoice) -> bytes | str:
    """The number is what it would be, but NRS has not seen it: without IRN the document says that it is a draft."""
    from taxpoynt.documents.places import Places
    from taxpoynt.documents.printer import DocumentPrinter
    from taxpoynt.nrs.resources import code_lists

    printer = DocumentPrinter(Places.of(code_lists()))
    draft = invoice.model_copy(update={"irn": None})
    if form == "ubl":
        return printer.ubl(draft, None).decode().rstrip()
    return printer.receipt(draft, None) if form == "receipt" else printer.pdf(draft, None)


def _explained(made: Made) -> dict[str, Any]:
    fields = [
        {
            "field": one.path,
            "value": one.result,
            "layer": one.layer,
            "version": one.version or None,
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


def merchant_of(name: str | None) -> Merchant:
    """The seller in a file; without one, nobody: then faults name what is missing."""
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
