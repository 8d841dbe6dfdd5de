"""The place in the platform where a person mends a fault: label in the platform's words, and a link to the record.

It follows the mapping: whichever expression feeds `buyer.tin` names the field to open. Pure; template data only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from taxpoynt.connector_kit.template_places import Places
from taxpoynt.domain.sale import RecordRef
from taxpoynt.mapping.engine import Layer
from taxpoynt.mapping.expressions import find
from taxpoynt.mapping.roots import references
from taxpoynt.mapping.rules import Rule
from taxpoynt.mapping.targets import TARGETS
from taxpoynt.mapping.transforms import NoValue
from taxpoynt.ports import SourceField

_WORDS = {
    "tin": "tax number (TIN)",
    "lga": "local government area",
    "postal_code": "postcode",
    "hsn_code": "HS code",
    "isic_code": "service code",
    "sku": "product code",
    "tax_category": "tax",
}
_FACT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
"""What may stand in a host name: an account's fact never leads anywhere else."""

_ID = re.compile(r"[A-Za-z0-9_.:=-]{1,128}")
_STEP = re.compile(r'"[^"]*"|[A-Za-z_][A-Za-z0-9_]*')


def locate(
    places: Places, path: str, refs: Sequence[RecordRef], layers: Sequence[Layer], account: Mapping[str, Any]
) -> SourceField | None:
    """Where `path` is mended. None when it belongs to no record of the platform (the profile, a total).

    path: a fault's, in the words of the invoice (`buyer.address.lga`) or of the source record (`deal.value`).
    refs: the records the sale was made from; for a line also its product.
    """
    for root, steps, wanted in _candidates(places, path, refs, layers):
        record = _record_of(places, root, refs)
        if record is not None:
            label = _label(places, record, root, steps, wanted)
            return SourceField(label=label, url=_url(places, record, refs, account))
    return None


def _candidates(
    places: Places, path: str, refs: Sequence[RecordRef], layers: Sequence[Layer]
) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """(root, steps, what is wanted) of the fields that may hold the value, likeliest first."""
    root, *steps = _steps(path)
    if root in places.records or root in places.roots:
        yield root, tuple(steps), path
    for target in _targets(path):
        for rule in _rules(target, refs, layers):
            for name, fields in references(rule.source):
                yield name, fields or ("",), target
    for name in places.lacking.get(root, ()):
        yield name, (), path


def _targets(path: str) -> list[str]:
    """The mapping targets a fault's path stands for; a line as a whole is about its classification."""
    target = re.sub(r"\b(line|tax|discount|fee|charge|payment)(?:s|es)\[\d+\]", r"\1", path)
    if target == "line":
        return [one for one in TARGETS if one.startswith("line.classification.")]
    if target == "line.taxes":
        return ["line.tax_category", *(one for one in TARGETS if one.startswith("line.tax."))]
    return [one for one in TARGETS if one == target or one.startswith(f"{target}.")]


def _rules(target: str, refs: Sequence[RecordRef], layers: Sequence[Layer]) -> Iterator[Rule]:
    """The rules of a target whose condition may hold, as far as the sale's records alone can tell."""
    seen = {ref.resource: {"id": ref.id} for ref in refs}
    for layer in layers:
        for rule in layer.rules.rules:
            if rule.target == target and _may_hold(rule.when, seen):
                yield rule


def _may_hold(condition: str | None, seen: Mapping[str, Any]) -> bool:
    if condition is None:
        return True
    try:
        return find(condition, seen) not in (None, False, "", [], {})
    except NoValue:
        return True  # it asks for data we do not look at here


def _record_of(places: Places, root: str, refs: Sequence[RecordRef]) -> str | None:
    known = {ref.resource for ref in refs}
    names = (root,) if root in places.records else places.roots.get(root, ())
    return next((name for name in names if name in known), None)


def _label(places: Places, record: str, root: str, steps: tuple[str, ...], wanted: str) -> str:
    """`Organization › Tax number (TIN) (custom field)`: the longest known part of the path, in the platform's words."""
    label = places.records[record].label
    for length in range(len(steps), -1, -1):
        if name := places.fields.get(".".join((root, *steps[:length]))):
            own = steps[length : length + 1] and name.endswith("(custom field)")
            return f"{label} › {_words(wanted)} (custom field)" if own else f"{label} › {name}"
    return f"{label} › {_words(wanted)}" if steps else label


def _words(path: str) -> str:
    last = _steps(path)[-1]
    return _capital(_WORDS.get(last, last.replace("_", " ")))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _steps(path: str) -> list[str]:
    return [step.strip('"') for step in _STEP.findall(re.sub(r"\[[^\]]*\]", "", path))] or [""]


def _url(places: Places, record: str, refs: Sequence[RecordRef], account: Mapping[str, Any]) -> str | None:
    facts = {name: str(account.get(name) or "") for name in places.facts()}
    number = next((ref.id for ref in refs if ref.resource == record), "")
    path = places.records[record].path
    if path is None or not all(_FACT.fullmatch(value) for value in facts.values()) or not _ID.fullmatch(number):
        return None
    return places.origin.format(**facts) + path.format(id=number)
