"""An explanation as somebody may see it who is not the merchant: what tells of a person is masked.

Three ways lead to a mask, since no one of them finds everything: a field is the buyer's by its name; a rule looked at a
classed field; or a value holds a classed text of the source record, however it came there (a connector's own Python
names a line after the deal).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taxpoynt.connector_kit.classed import Classes
from taxpoynt.connector_kit.redaction import mark_in, masked

Shown = dict[str, Any]
MARK = "[personal]"

_OF_A_PERSON = re.compile(r"(accounting_customer_party|buyer)([.\[].*)?|buyer_reference|note")
"""Fields of bodies and sales that tell of the buyer, or hold free text, whatever they were made from."""
_SELLER = "accounting_supplier_party."
_READ = ("source", "mapping")
"""Kinds of fields whose value is the record's own."""
_VALUES = frozenset({"source_value", "result", "detail", "value", "was", "now"})
"""What of a row may hold a value, or repeat it."""


@dataclass(frozen=True, slots=True)
class MaskedExplanation:
    """`explain` tells everything. Both others take a connector first and last whether personal data were asked for.

    classes: the class of what an expression looks at. texts: redaction.classed_texts of the record under a key;
    None where it cannot be read any more. Secrets are shown to nobody.
    """

    explain: Callable[[str, str], Mapping[str, Any]]
    classes: Callable[[str, bool], Classes]
    texts: Callable[[str, str | None, bool], Mapping[str, str] | None]

    def __call__(self, merchant: str, irn: str, *, unmasked: bool = False) -> Shown:
        """As `explain` has it; `masked` says whether personal data are hidden."""
        told = self.explain(merchant, irn)
        connector = str(told["connector"])
        texts = self.texts(connector, told["made_from"].get("record_key"), unmasked)
        mask = _Mask(self.classes(connector, unmasked), texts, by_name=not unmasked)
        fields = [mask.field(one) for one in told["fields"]]
        open_ones = {one["field"] for one, was in zip(fields, told["fields"], strict=True) if one == was}
        differences = [mask.difference(one, open_ones) for one in told["rebuilt"]["differences"]]
        supplied = [mask.about(one) for one in told["made_from"]["supplied"]]
        return {
            **told,
            "masked": not unmasked,
            "rebuilt": {**told["rebuilt"], "differences": differences},
            "made_from": {**told["made_from"], "supplied": supplied},
            "fields": fields,
            "trace": [mask.about(one) for one in told["trace"]],
        }


class _Mask:
    """What is hidden in the rows of one explanation."""

    def __init__(self, classes: Classes, texts: Mapping[str, str] | None, *, by_name: bool) -> None:
        self._classes, self._by_name = classes, by_name
        self._unreadable = texts is None and by_name
        self._texts = texts or {}

    def field(self, row: Mapping[str, Any]) -> Shown:
        """A field that hides its value hides all that repeats it."""
        reasons: Sequence[Mapping[str, Any]] = row["because"]
        mark = self._of_rules(reasons) or self._of_name(row["field"]) or self._of_text(row)
        if mark is None and self._unreadable and row["kind"] in _READ:
            mark = MARK
        if mark is None:
            return {**row, "because": [self._hidden(one, self._of_text(one)) for one in reasons]}
        return {**row, "value": masked(row["value"], mark), "because": [self._hidden(one, mark) for one in reasons]}

    def about(self, row: Mapping[str, Any]) -> Shown:
        """A row of the trace, or a supplied value, about a path of the sale."""
        return self._hidden(row, self._of_name(str(row["path"])) or self._of_text(row))

    def difference(self, row: Mapping[str, Any], open_ones: Collection[str]) -> Shown:
        """Shown where it is of a field that is shown; of a field of the sale nobody knows here what it is made from."""
        told = not self._by_name or not row["field"] or row["field"] in open_ones
        return self._hidden(row, self._of_text(row) if told else MARK)

    def _of_rules(self, reasons: Sequence[Mapping[str, Any]]) -> str | None:
        found = {self._classes(one["expression"]) for one in reasons if "expression" in one}
        return next((f"[{kind}]" for kind in ("secret", "personal", "business") if kind in found), None)

    def _of_name(self, path: str) -> str | None:
        return MARK if self._by_name and _OF_A_PERSON.fullmatch(path) else None

    def _of_text(self, row: Mapping[str, Any]) -> str | None:
        if str(row.get("field", "")).startswith(_SELLER):
            return None
        return mark_in(self._texts, [value for key, value in row.items() if key in _VALUES])

    def _hidden(self, row: Mapping[str, Any], mark: str | None) -> Shown:
        return {key: masked(value, mark) if mark and key in _VALUES else value for key, value in row.items()}
