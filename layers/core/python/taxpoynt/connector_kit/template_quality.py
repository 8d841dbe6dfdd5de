"""What the conformance kit asks of every connector, and what a template answers: done, or exempt and why."""

from __future__ import annotations

from typing import Literal

from taxpoynt.connector_kit.template_fields import Sentence
from taxpoynt.domain.model import Model

QUALITY_RULES: dict[str, str] = {
    "signature_vectors": "genuine and false deliveries in the template, and each has the verdict it says",
    "duplicates": "the same event twice, and events in any order, end in one document",
    "polling": "what no webhook told is found",
    "paging": "lists are read to their end, and a list that never ends is cut off",
    "rate_limit": "the platform's limits are obeyed, and so is Retry-After",
    "errors": "every documented error body has its verdict",
    "refresh": "many callers refresh once; expiry in the middle of a job is survived",
    "account_identity": "one account belongs to one merchant, and the platform says which it is",
    "uninstall": "a removed app is noticed, and its tokens are forgotten",
    "deadline": "the sender is answered well within its deadline, cold and warm",
    "redaction": "classed fields appear in no log and no preview",
    "golden": "recorded answers become the sale, the invoice and the NRS body that were looked at",
    "mapping_coverage": "every target of the mapping has a rule, or a reason why the platform cannot tell it",
    "docs": "a page says what the connector does and does not do",
}
"""The closed list, in the order of the score card."""


class Exempt(Model):
    """A rule that does not apply, and why."""

    exempt: Sentence


QualityRule = Literal[
    "signature_vectors",
    "duplicates",
    "polling",
    "paging",
    "rate_limit",
    "errors",
    "refresh",
    "account_identity",
    "uninstall",
    "deadline",
    "redaction",
    "golden",
    "mapping_coverage",
    "docs",
]

Quality = dict[QualityRule, Literal["done"] | Exempt]
"""Every rule of the list, each `done` or `{exempt: reason}`."""
