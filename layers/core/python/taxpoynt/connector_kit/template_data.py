"""Data classes of fields: what may be shown, logged and kept, and for how long. redaction.py carries it out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from taxpoynt.connector_kit.template_fields import FieldPath, Name
from taxpoynt.domain.model import Model

DataClass = Literal["personal", "secret", "business"]

Fields = dict[Name, tuple[FieldPath, ...]]


class DataClasses(Model):
    """Fields by class and resource; a path starts in one record, covers everything below, the strictest class counts.

    personal: tells of a person (Nigeria Data Protection Act): never in logs, hidden in previews, erased on request.
    secret: opens something: shown nowhere. business: what a business keeps to itself (prices, costs): not in logs.
    """

    personal: Fields = Field(default_factory=dict)
    secret: Fields = Field(default_factory=dict)
    business: Fields = Field(default_factory=dict)

    def by_class(self) -> dict[DataClass, Fields]:
        """The strictest first."""
        return {"secret": self.secret, "personal": self.personal, "business": self.business}
