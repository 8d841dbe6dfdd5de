"""Golden chains: the answers of a bundle → sale → invoice → NRS body, compared with what was looked at."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from taxpoynt.connector_kit.connector import SaleReading
from taxpoynt.connector_kit.folder_check import BUNDLE, CASES, SUMMARY
from taxpoynt.conversion.clock import legal_clock
from taxpoynt.conversion.convert import convert
from taxpoynt.conversion.numbering import invoice_number, irn
from taxpoynt.conversion.summary import fault_rows, no_document, summary
from taxpoynt.domain.invoice import Invoice, Reference
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.sale import RecordRef
from taxpoynt.domain.source import Answer, SourceBundle
from taxpoynt.errors import Fault
from taxpoynt.nrs.json_text import encode
from taxpoynt.nrs.payload import body
from taxpoynt.nrs.resources import code_lists
from tests.conformance.evidence import Case
from tests.fakes.demo_traders import DEMO_TRADERS

NRS = ".nrs.json"
MERCHANT = DEMO_TRADERS


@dataclass(frozen=True)
class Made:
    """What became of one bundle."""

    reading: SaleReading | None
    invoice: Invoice | None
    faults: tuple[Fault, ...]
    summary: dict[str, Any]


def check(case: Case) -> list[str]:
    """Each case as it was looked at; its sums hold; one of them at least is an invoice without faults."""
    found = list(bundles(case))
    assert found, f"there is no {CASES}/NAME{BUNDLE} in {case.evidence.name}/"
    clean = chains = 0
    for file in found:
        for number, bundle in enumerate(documents_of(case, file), 1):
            made = _made(case, file, bundle)
            part = "" if number == 1 else f".part{number - 1}"
            _kept(case, file, part, made)
            chains += 1
            clean += made.invoice is not None and not made.faults
    assert clean, "no case becomes an invoice without faults"
    return [f"{chains} chains from answers to NRS body, {clean} of them without faults"]


def _kept(case: Case, file: Path, part: str, made: Made) -> None:
    _compared(case, _beside(file, part + SUMMARY), json.dumps(made.summary, indent=1, ensure_ascii=False) + "\n")
    if made.invoice is not None:
        _sums(file.name, made.invoice)
        _compared(case, _beside(file, part + NRS), body(made.invoice).decode() + "\n")
    else:
        assert not _beside(file, part + NRS).is_file(), f"{file.name} makes no document any more"


def bundles(case: Case) -> Iterator[Path]:
    """The golden cases."""
    return iter(sorted((case.evidence / CASES).glob(f"*{BUNDLE}")))


def bundle_of(case: Case, file: Path) -> SourceBundle:
    """A case as the pipeline keeps it. A resource in pages or of several records is a list of answers there."""
    whole = json.loads(file.read_text("utf-8"), parse_float=Decimal)
    known = {*case.template.resources, "account"}
    assert set(whole) <= known, f"{file.name}: unknown {sorted(set(whole) - known)}"
    record = next((one.record for one in case.template.triggers if one.record in whole), None)
    assert record is not None, f"{file.name} holds no record of a trigger"
    answers = {name: _answers(case, name, one) for name, one in whole.items()}
    return SourceBundle(case.name, record, _id_of(file), answers)


def _id_of(file: Path) -> str:
    return re.sub("[^A-Za-z0-9-]", "-", file.name.removesuffix(BUNDLE))


def _answers(case: Case, name: str, one: Any) -> tuple[Answer, ...]:
    many = one if isinstance(one, list) and name in case.template.resources and _repeats(case, name) else [one]
    return tuple(Answer(f"GET {name}", encode(each).encode()) for each in many)


def _repeats(case: Case, name: str) -> bool:
    return case.template.resources[name].lists


def documents_of(case: Case, file: Path) -> list[SourceBundle]:
    """The record of a case, and what it holds beside itself: the goods of an exchange, each refund of an order."""
    whole = bundle_of(case, file)
    ref = RecordRef(resource=whole.resource, id=whole.resource_id)
    parts = [part for part, there in case.connector.parts(ref, whole) if there]
    return [whole, *(_part(whole, part) for part in parts)]


def _part(whole: SourceBundle, part: RecordRef) -> SourceBundle:
    answers = dict(whole.answers)
    answers[part.resource] = answers.pop(whole.resource)
    return replace(whole, resource=part.resource, resource_id=part.id, answers=answers)


def _made(case: Case, file: Path, bundle: SourceBundle) -> Made:
    decision = case.connector.trigger(bundle)
    if decision.document not in ("invoice", "credit_note"):
        return Made(None, None, (), no_document("none", decision.why))
    reading = case.connector.read(bundle, account=case.facts, mapping=_json_beside(file, "mapping.json") or {})
    if reading.sale is None:
        shown = no_document("needs_more_data", "the record lacks what a sale needs", reading.faults)
        return Made(reading, None, tuple(reading.faults), shown)
    merchant = Merchant.model_validate(_json_beside(file, "merchant.json") or MERCHANT)
    clock = legal_clock(reading.sale.completed_at)
    number = invoice_number(case.name, reading.sale.sale_id, platform=reading.sale.platform)
    original = irn(f"{case.template.number_letters}ORIGINAL", merchant.service_id or "94ND90NR", clock.issue_date)
    corrects = (Reference(irn=original, issue_date=clock.issue_date),) if decision.document == "credit_note" else ()
    invoice, faults = convert(
        reading.sale,
        merchant,
        issue_date=clock.issue_date,
        issue_time=clock.issue_time,
        number=number,
        irn=irn(number, merchant.service_id or "94ND90NR", clock.issue_date),
        lists=code_lists(),
        refers_to=corrects,
    )
    every = (*reading.faults, *faults)
    shown = summary(reading.sale, invoice, every, why=decision.why) | {"faults": fault_rows(every)}
    return Made(reading, invoice, every, shown)


def _json_beside(file: Path, name: str) -> Any:
    """What all cases of a connector share: rules and profile of its merchant, where they are not the kit's."""
    beside = file.with_name(name)
    return json.loads(beside.read_text("utf-8")) if beside.is_file() else None


def _sums(name: str, invoice: Invoice) -> None:
    lines = sum((one.net for one in invoice.lines), Decimal(0))
    charges = sum((one.amount if one.charge else -one.amount for one in invoice.charges), Decimal(0))
    assert lines + charges == invoice.net_total, f"{name}: lines and charges are not the net total"
    if invoice.tax_total is not None and invoice.net_total is not None:
        assert invoice.net_total + invoice.tax_total == invoice.gross_total, f"{name}: net and tax are not the gross"


def _beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name.removesuffix(BUNDLE) + ending)


def _compared(case: Case, file: Path, text: str) -> None:
    if case.update:
        file.write_text(text, "utf-8")
    assert file.is_file(), f"{file.name} does not exist yet: pytest tests/conformance --update-golden, then read it"
    assert text == file.read_text("utf-8"), f"{file.name} is not what becomes of its bundle: --update-golden, then read"
