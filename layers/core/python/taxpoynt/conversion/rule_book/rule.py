"""What a rule is."""

from __future__ import annotations

from dataclasses import dataclass

from taxpoynt.errors import Fault

REFERENCE = "nrs-einvoice reference"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `path` is its usual place in an NRS body; `cases` numbers the bad inputs of reference section 16."""

    code: str
    path: str
    message: str
    remedy: str
    source: str
    cases: tuple[int, ...] = ()

    def fault(self, at: str | None = None, **values: object) -> Fault:
        """The fault at path `at` (the rule's own path otherwise), message and remedy filled with `values`."""
        path = self.path if at is None else at
        return Fault(self.code, path, self.message.format(**values), self.remedy.format(**values))
