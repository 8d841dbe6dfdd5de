"""What a conversion has to tell: faults for the merchant, trace entries for whoever asks how a number came about."""

from __future__ import annotations

from taxpoynt.conversion.rule_book import rule
from taxpoynt.domain.invoice import TraceEntry
from taxpoynt.errors import Fault


class Notes:
    """Collects while one document is converted."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.entries: list[TraceEntry] = []

    def fault(self, code: str, at: str, **values: object) -> None:
        """A broken rule at `at`, in the words of the invoice (`lines[0].quantity`)."""
        self.faults.append(rule(code).fault(at, **values))

    def trace(self, name: str, path: str, detail: str) -> None:
        """A decision a person may question: the rule's name, where, what went in and what came out."""
        self.entries.append(TraceEntry(rule=name, path=path, detail=detail))
