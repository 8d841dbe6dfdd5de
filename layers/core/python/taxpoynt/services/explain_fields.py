"""The rule behind every field of an NRS body: who decided it, and from what. Pure.

Kinds: `mapping` (a rule of template or merchant), `source` (the connector's reading of the record), `supplied` (a
person), `decision` (the merchant's product table or tax rules), `calculation` (a step of the trace or of the policy),
`profile`, `code_list`, `numbering`, `legal_clock`, `reference` (the document that is corrected), `fixed` (NRS allows
one value). The first row that fits decides the kind of a field; whatever the trace, the mapping and the supplied values
say about it stands beside it. A whole sale that rules made (connector_kit/declared.py) has a rule behind each amount.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taxpoynt.domain.inputs import ConversionInputs, Reading
from taxpoynt.domain.invoice import Invoice, TraceEntry
from taxpoynt.domain.sale import Sale
from taxpoynt.mapping.engine import Explained
from taxpoynt.mapping.expressions import plain_data

_PARTS = {
    "party_name": "name",
    "postal_address.street_name": "address.street",
    "postal_address.city_name": "address.city",
    "postal_address.postal_zone": "address.postal_code",
    "postal_address.lga": "address.lga",
    "postal_address.state": "address.state",
    "postal_address.country": "address.country",
}
_LESS, _MORE = ("discount", "discounts"), ("fee", "fees")
_LINE_PARTS = {
    "item.name": ("description", "name"),
    "item.description": ("description",),
    "item.sellers_item_identification": ("sku",),
    "price.price_unit": ("unit",),
    "price.price_amount": ("unit_price", "price_basis"),
    "invoiced_quantity": ("quantity",),
    "line_extension_amount": (
        "quantity",
        "unit_price",
        "discount",
        "discounts",
        "fee",
        "fees",
        "tax_category",
        "taxes",
    ),
    "discount_rate": _LESS,
    "discount_amount": _LESS,
    "fee_rate": _MORE,
    "fee_amount": _MORE,
}
_DECIDERS = ("supplied", "decision", "mapping")
"""Who decides instead of the connector's reading, the first before the others."""
_DECISIONS = {"product-table": ("codes",), "tax-rule": ("merchant", "operator")}
"""Steps of the trace that a merchant decided, and of which versions of rules."""
_CLASSES = ("hsn_code", "product_category", "isic_code", "service_category")


@dataclass(frozen=True, slots=True)
class Row:
    """What decides the fields whose path matches. `about`: paths in the words of sale and trace."""

    pattern: str
    kind: str
    rule: str
    about: tuple[str, ...] = ()


_WHEN = ("completed_at",)
_EXTRAS = ("charges", "discounts")
_DUE = "issue date + payment terms of the profile (a consumer pays at once)"
_ROWS = (
    Row(r"business_id", "profile", "business_id"),
    Row(r"irn", "numbering", "number-service id-date: from the source's own id and the frozen date"),
    Row(r"issue_date|issue_time|tax_point_date", "legal_clock", "frozen at the claim, Africa/Lagos", _WHEN),
    Row(r"due_date|payment_means\[\d+\]\.payment_due_date", "calculation", _DUE),
    Row(r"payment_terms_note", "calculation", "days between issue date and due date"),
    Row(r"invoice_type_code", "code_list", "invoice-types: what the source record is", ("document", "type_code")),
    Row(r"invoice_kind", "calculation", "kind of buyer and tax number", ("kind",)),
    Row(r"payment_status", "calculation", "tenders against the total", ("payment_status", "payments")),
    Row(r"note", "source", "note of the record and of the document", ("note",)),
    Row(r"buyer_reference", "source", "the buyer's own reference", ("buyer_reference",)),
    Row(r"document_currency_code", "source", "currency of the record", ("currency",)),
    Row(r"tax_currency_code", "fixed", "tax is told in naira"),
    Row(r"billing_reference\[\d+\]\.(irn|issue_date)", "reference", "the accepted document that this one corrects"),
    Row(r"payment_means\[\d+\]\.payment_means_code", "code_list", "payment-means: the record's tenders", ("payments",)),
    Row(r"allowance_charge\[\d+\]\..+", "calculation", "document discounts, charges and residuals", _EXTRAS),
    Row(r"tax_total\[\d+\]\.tax_subtotal\[\d+\]\.tax_category\..+", "code_list", "tax-categories, rates by date"),
    Row(r"(with)?(holding_)?tax_total\[\d+\]\..+", "calculation", "tax = round(base x rate) once per rate", ("taxes",)),
    Row(r"legal_monetary_total\..+", "calculation", "sums over lines, charges and taxes", ("gross_total", "net_total")),
)


@dataclass(frozen=True, slots=True)
class Ground:
    """What the fields of one invoice are explained from.

    sale: the one it was converted from; mapped: the mapping rules that were asked when the record was read.
    """

    invoice: Invoice
    sale: Sale | None
    inputs: ConversionInputs
    mapped: Sequence[Explained]
    lists_version: str | None

    def line(self, number: int) -> str:
        """`lines[2]`, as trace, mapping and supplied values call the line that became line `number` of the body."""
        path = self.invoice.lines[number].path
        paths = [one.path for one in self.sale.lines] if self.sale else []
        return f"lines[{paths.index(path)}]" if path in paths else path


def explained(body: Mapping[str, Any], ground: Ground) -> list[dict[str, Any]]:
    """One row for each leaf of the body, in its order: field, value, kind, rule and everything that was said about it.

    A leaf that nothing explains has kind `unexplained`: that is a defect of ours (tests walk every leaf).
    """
    return [{"field": path, "value": plain_data(value), **_decided(path, ground)} for path, value in leaves(body)]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of the body that is neither object nor list, with its path `invoice_line[0].price.price_unit`."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from leaves(one, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple):
        for place, one in enumerate(value):
            yield from leaves(one, f"{path}[{place}]")
    else:
        yield path, value


def _decided(path: str, ground: Ground) -> dict[str, Any]:
    row = _row(path, ground)
    said = _said(row.about, ground)
    kind = row.kind
    if kind == "source":  # a rule or a person may have decided what the connector would have read
        kind = next((name for name in _DECIDERS if any(one["kind"] == name for one in said)), kind)
    told: dict[str, Any] = {"kind": kind, "rule": row.rule}
    if kind in ("source", "mapping") and ground.inputs.reading:
        told["template"] = ground.inputs.reading.template
    if kind == "code_list":
        told["lists_version"] = ground.lists_version
    if kind == "profile":
        told["profile_version"] = ground.inputs.profile_version
    return {**told, "because": said}


def _row(path: str, ground: Ground) -> Row:
    if found := re.fullmatch(r"accounting_supplier_party\.(.+)", path):
        part = _PARTS.get(found[1], found[1])
        return Row("", "profile", part, (f"seller.{part}",))
    if found := re.fullmatch(r"accounting_customer_party\.(.+)", path):
        part = _PARTS.get(found[1], found[1])
        more = ("buyer.address.unit",) if part == "address.street" else ()
        return Row("", "source", f"buyer's {part}", (f"buyer.{part}", *more))
    if found := re.fullmatch(r"invoice_line\[(\d+)\]\.(.+)", path):
        return _line_row(found[2], ground.line(int(found[1])))
    return next((row for row in _ROWS if re.fullmatch(row.pattern, path)), Row("", "unexplained", ""))


def _line_row(part: str, line: str) -> Row:
    if part == "price.base_quantity":
        return Row("", "fixed", "a price is for one unit")
    if part in _CLASSES:
        classes = (f"{line}.classification.{part}", f"{line}.classification")
        return Row("", "source", "classification: record, else the merchant's product table, else its default", classes)
    if part not in _LINE_PARTS:
        return Row("", "unexplained", "")
    about = tuple(f"{line}.{name}" for name in _LINE_PARTS[part])
    if part in ("line_extension_amount", "price.price_amount", "discount_amount", "fee_amount"):
        return Row("", "calculation", "priced without tax: quantity x price, less discount, plus fee", about)
    return Row("", "source", f"{_LINE_PARTS[part][0]} of {line}", about)


def _said(about: Sequence[str], ground: Ground) -> list[dict[str, Any]]:
    """Supplied values, trace and mapping rules about these paths; a rule that gave nothing is left out."""
    found: list[dict[str, Any]] = []
    for path in about:
        found += [_supplied(path, one) for one in ground.inputs.supplied.values if one.path == path]
        for entry in ground.invoice.trace:
            if _concerns(entry.path, path) and entry.rule != "supplied":
                found.append(_traced(entry, ground.inputs.reading))
        found += [_mapped(one, ground) for one in ground.mapped if _concerns(one.path, path) and one.result is not None]
    return [one for place, one in enumerate(found) if one not in found[:place]]


def _traced(entry: TraceEntry, reading: Reading | None) -> dict[str, Any]:
    told = {"rule": entry.rule, "at": entry.path, "detail": entry.detail}
    layers = _DECISIONS.get(entry.rule)
    if layers is None:
        return {"kind": "calculation", **told}
    versions = {layer: _version(layer, reading) for layer in layers if reading and reading.version(layer)}
    return {"kind": "decision", **told, "versions": versions}


def _concerns(traced: str, path: str) -> bool:
    return traced == path or traced.startswith((f"{path}.", f"{path}["))


def _supplied(path: str, one: Any) -> dict[str, Any]:
    return {"kind": "supplied", "at": path, "who": one.who, "why": one.why, "when": one.at.isoformat()}


def _version(layer: str, reading: Reading | None) -> int | str | None:
    """The number of a version of rules; of the template its digest."""
    if reading is None:
        return None
    if layer == "template":
        return reading.template
    found = reading.version(layer)
    return found.number if found else reading.mapping_version


def _mapped(one: Explained, ground: Ground) -> dict[str, Any]:
    return {
        "kind": "mapping",
        "at": one.path,
        "layer": one.layer,
        "rule": one.rule,
        "version": _version(one.layer, ground.inputs.reading),
        "expression": one.expression,
        "source_value": plain_data(one.source_value),
        "transforms": list(one.transforms),
        "result": one.result,
    }
