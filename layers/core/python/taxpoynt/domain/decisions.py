"""What a merchant decided about tax, codes, shops and numbers, as data beside its mapping rules.

Precedence for a line's tax and classification: a value supplied for the sale, the product table, these tax rules, the
mapping (merchant's, operator's, template's), the profile's defaults. conversion/decided.py carries it out.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from taxpoynt.domain.model import Model
from taxpoynt.domain.party import Classification

Word = Annotated[str, Field(min_length=1, max_length=255)]
By = Literal["product_id", "sku", "name", "category", "account"]


class TaxRule(Model):
    """How what is sold is taxed: all lines whose `by` is one of `values` (exact) bear `tax_category`.

    tax_category: NRS's word (`STANDARD_VAT`, `ZERO_VAT`, `EXEMPTED`); its rate is the law's on the day, or the one the
    source states. reason: why it is zero-rated or exempt.
    """

    by: By
    values: Annotated[tuple[Word, ...], Field(min_length=1, max_length=2000)]
    tax_category: Word
    reason: Word | None = None


class LocationRule(Model):
    """A shop's own defaults, by the platform's id. prefix: for `{location}` in the number pattern."""

    name: Word | None = None
    prefix: Annotated[str, Field(max_length=8)] | None = None
    tax_category: Word | None = None
    classification: Classification | None = None


class Decisions(Model):
    """Everything of one connection. number: pattern of invoice numbers (`{prefix}{sale}`), None for our own."""

    tax: Annotated[tuple[TaxRule, ...], Field(max_length=500)] = ()
    locations: Annotated[dict[Word, LocationRule], Field(max_length=2000)] = Field(default_factory=dict)
    number: Annotated[str, Field(max_length=60)] | None = None

    def over(self, other: Decisions) -> Decisions:
        """These before those of `other`: the merchant's before the operator's."""
        return Decisions(
            tax=(*self.tax, *other.tax),
            locations={**other.locations, **self.locations},
            number=self.number if self.number is not None else other.number,
        )


class CodeRow(Model):
    """What a product table says of one product; what is absent is left to the rules after it."""

    hsn_code: str | None = None
    product_category: str | None = None
    isic_code: str | None = None
    service_category: str | None = None
    tax_category: str | None = None
    tax_reason: str | None = None
    unit: str | None = None

    @property
    def classification(self) -> Classification | None:
        """Its codes; None when it has none."""
        found = {name: getattr(self, name) for name in Classification.model_fields}
        return Classification(**found) if any(found.values()) else None
