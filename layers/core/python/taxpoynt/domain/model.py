"""The base of every domain model: frozen, strict about names, silent about nothing."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Immutable; an unknown key is an error, because a misspelt one would lose data without a word.

    Errors name the field and never repeat its value: they end in logs, where no buyer's data may stand.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)
