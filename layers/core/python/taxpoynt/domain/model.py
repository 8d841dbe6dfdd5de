"""The base of every domain model: frozen, strict about names, silent about nothing."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Immutable; an unknown key is an error, because a misspelt one would lose data without a word."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
