"""Where a record holds what makes a sale: its lists, what is looked up by id, and who buys. declared.py carries it out.

Values stand in `mapping`, one rule for each target (mapping/targets.py); this block says over which items they run.
Every expression starts from a root: a resource by its name, `account`, `settings`, a lookup by its name, and in the
rules of a list its item: `line`, `discount`, `tax`, `fee`, `charge`, `payment`, `withholding`.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from taxpoynt.connector_kit.template_fields import Name
from taxpoynt.domain.model import Model
from taxpoynt.mapping.rules import Expression


class Lookup(Model):
    """A further root, by its name: what `value` finds, or one of the list `among`.

    equals: the first item whose `by` (an expression over one item) is what `equals` finds; numbers and texts are
    compared as texts, because platforms write ids both ways. at: the item at that place, 0 being the first. Null when
    none is.
    """

    value: Expression | None = None
    among: Expression | None = None
    by: Expression = "id"
    equals: Expression | None = None
    at: Expression | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        found = [self.equals is not None, self.at is not None]
        if (self.value is not None) == any(found) or (self.among is not None) != (sum(found) == 1):
            raise ValueError("give value, or among with either equals or at")
        return self


class ItemList(Model):
    """A list in the record; a single object counts as a list of one. `when`: which of its items count."""

    items: Expression
    when: Expression | None = None
    lookups: dict[Name, Lookup] = Field(default_factory=dict)


class TaxedList(ItemList):
    """Items that may bear taxes of their own."""

    taxes: ItemList | None = None


class Lines(TaxedList):
    """The things sold.

    zero_quantity: `drop` where the platform keeps a line that was taken off at quantity 0.
    """

    discounts: ItemList | None = None
    fees: TaxedList | None = None
    zero_quantity: Literal["keep", "drop"] = "keep"


class BuyerShape(Model):
    """Who buys. when: is there a buyer at all? Absent: whenever a rule finds one.

    required: nobody is a fault (CRM), not a consumer at the counter (till).
    """

    when: Expression | None = None
    required: bool = False


class SaleShape(Model):
    """A whole sale from rules alone.

    refers_to: ids of the sales that a credit note corrects. depends_on: further records by resource, each with their
    ids: when one changes, a held sale is looked at again; the record itself needs no entry. credit_note_signs:
    `negative` where a refund writes quantities and amounts (not prices) below zero; ours are positive.
    """

    lookups: dict[Name, Lookup] = Field(default_factory=dict)
    buyer: BuyerShape = BuyerShape()
    lines: Lines
    discounts: ItemList | None = None
    charges: TaxedList | None = None
    payments: ItemList | None = None
    withholding: ItemList | None = None
    refers_to: Expression | None = None
    depends_on: dict[Name, Expression] = Field(default_factory=dict)
    credit_note_signs: Literal["positive", "negative"] = "positive"
