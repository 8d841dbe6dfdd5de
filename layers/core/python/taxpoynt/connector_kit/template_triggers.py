"""Which state of a record makes which document, and what a merchant may choose about it. deciding.py carries it out."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from taxpoynt.connector_kit.template_fields import Name, Sentence
from taxpoynt.domain.model import Model
from taxpoynt.mapping.rules import Expression

Makes = Literal["invoice", "credit_note", "draft", "nothing"]
"""draft: keep the record, its invoice comes with a later state."""


class Case(Model):
    """One case of a trigger; it holds when all that it says holds.

    values: one of them is the trigger's field. chosen: a setting (type `values`) that names them instead.
    when: a condition over the view and `settings`. why: for people; absent, it names the field's value.
    """

    values: tuple[str, ...] = ()
    chosen: Name | None = None
    when: Expression | None = None
    makes: Makes
    why: Sentence | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.values and self.chosen is None and self.when is None:
            raise ValueError("a case needs values, chosen or when")
        return self


class Trigger(Model):
    """The cases of one record, asked in order; the first that holds decides, and nothing is made where none does.

    field: JMESPath in the record; its value as text (`true` and `false` for booleans) is compared with `values`.
    """

    record: Name
    field: Expression
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]


class Setting(Model):
    """Something a merchant may choose. Conditions see it as `settings.<name>`.

    choice: one of `choices` (value: words for people); switch: yes or no; values: a list of texts;
    locations: which shops issue invoices (an empty list: all of them).
    """

    title: Sentence
    explanation: Sentence
    type: Literal["choice", "switch", "values", "locations"]
    choices: dict[str, str] = Field(default_factory=dict)
    default: Any

    @model_validator(mode="after")
    def _default_fits(self) -> Self:
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("choices go with the type choice, and only with it")
        if (problem := self.fault_of(self.default)) is not None:
            raise ValueError(f"default: {problem}")
        return self

    def fault_of(self, value: Any) -> str | None:
        """Why a value is not one of this setting, in words; None when it is."""
        if self.type == "choice":
            known = isinstance(value, str) and value in self.choices
            return None if known else f"one of {', '.join(self.choices)}"
        if self.type == "switch":
            return None if isinstance(value, bool) else "true or false"
        texts = isinstance(value, list | tuple) and all(isinstance(one, str) and one for one in value)
        return None if texts else "a list of texts"
