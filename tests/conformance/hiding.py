"""Classed fields: hidden in what is shown, and in no log line, whatever is read."""

from __future__ import annotations

import json
import logging
from decimal import Decimal
from typing import Any

from taxpoynt.connector_kit.redaction import redacted, redacted_view
from taxpoynt.domain.sale import Sale
from taxpoynt.domain.source import Answer, SourceBundle
from taxpoynt.errors import Rejected
from taxpoynt.nrs.json_text import encode
from tests.conformance.chains import bundle_of, bundles
from tests.conformance.evidence import Case
from tests.conformance.planting import planted, with_canaries

CANARY = "canary-3f9a71c0"


def check(case: Case) -> list[str]:
    """A canary in each classed field, and the buyers of the golden cases."""
    fields = [
        (kind, resource, path)
        for kind, by_resource in case.template.data.by_class().items()
        for resource, paths in by_resource.items()
        for path in paths
    ]
    assert any(kind == "personal" for kind, _, _ in fields), "no field is classed as personal"
    for kind, resource, path in fields:
        record = with_canaries({"kept": "kept"}, path, CANARY)
        shown = encode(redacted(case.template.data, resource, record))
        assert CANARY not in shown, f"{kind} {resource}.{path} is shown"
        assert '"kept"' in shown
        _unsaid(case, resource, record)
    buyers = sum(_buyer_hidden(case, bundle_of(case, file)) for file in bundles(case))
    assert buyers, "no golden case has a buyer, so nothing shows that the classed fields are those that matter"
    return [
        f"{len(fields)} classed fields are hidden and logged nowhere",
        f"{buyers} buyers of golden cases vanish with them",
    ]


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(level=0)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {record.__dict__}")


def _unsaid(case: Case, resource: str, record: Any) -> None:
    """Reads a broken record that holds it: no log line and no message of an error has it."""
    spec = case.template.resources[resource]
    bundle = SourceBundle(
        case.name,
        case.template.trigger.record,
        "1",
        {resource: (Answer("GET conformance", encode(planted({}, spec.item, record)).encode()),)},
    )
    root, lines = logging.getLogger(), _Lines()
    before = root.level
    root.addHandler(lines)
    root.setLevel(logging.DEBUG)
    try:
        said = _read(case, bundle)
    finally:
        root.removeHandler(lines)
        root.setLevel(before)
    assert CANARY not in said, f"{resource}: an error shows what it should not"
    assert not any(CANARY in line for line in lines.lines), f"{resource}: a log line shows what it should not"


def _read(case: Case, bundle: SourceBundle) -> str:
    """What is raised, in words; empty where it can be read."""
    try:
        case.connector.trigger(bundle)
        case.connector.read(bundle, account={}, mapping={})
    except Rejected as problem:
        return f"{problem} {problem!r}"
    return ""


def _buyer_hidden(case: Case, bundle: SourceBundle) -> int:
    """After redaction nothing of the buyer is left in what was read; 0 where there is no buyer."""
    sale = case.connector.read(bundle, account=case.facts, mapping={}).sale
    told = _told(sale)
    if not told:
        return 0
    view = case.connector.read_view(bundle, case.facts)
    seen = {name: view[name] for name in (*case.template.resources,) if name in view}
    text = json.dumps(redacted_view(case.template.data, seen), ensure_ascii=False, default=_plain)
    left = [one for one in told if one in text]
    assert not left, f"{bundle.resource_id}: {len(left)} of the buyer's details are left after redaction"
    return 1


def _told(sale: Sale | None) -> list[str]:
    """What tells of the buyer, as far as it stands in the record in the same letters."""
    if sale is None or sale.buyer is None:
        return []
    buyer = sale.buyer
    parts = [buyer.name, buyer.email, buyer.address.street if buyer.address else None]
    return [one for one in parts if one]


def _plain(value: Any) -> str:
    return str(value) if isinstance(value, Decimal) else repr(value)
