"""Where a person finds things in the platform: which page shows a record, and what a field is called there."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from taxpoynt.connector_kit.template_fields import Name, Path
from taxpoynt.domain.model import Model

PageOrigin = Annotated[str, StringConstraints(pattern=r"^https://[a-z0-9._{}-]+$")]
"""`{fact}` is a fact of the account, as `oauth.account.details` names it."""

_FACT = re.compile(r"\{([a-z_]+)\}")


class RecordPlace(Model):
    """A record as people call it, and its page: `{id}` in the path is the record's id."""

    label: str
    path: Path | None = None

    @model_validator(mode="after")
    def _only_id(self) -> Self:
        if self.path and set(_FACT.findall(self.path)) - {"id"}:
            raise ValueError("only {id} may stand in a record's path")
        return self


class Places(Model):
    """`origin`: of the platform's own pages.

    records: by resource. roots: what mapping expressions and faults start from, and which records a person opens for
    it (the first that the sale has); a record's own name needs no entry. fields: what a path is called on that page.
    lacking: for the buyer and the lines of an invoice, where what nobody mapped would belong.
    """

    origin: PageOrigin
    records: dict[Name, RecordPlace]
    roots: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)
    fields: dict[str, str] = Field(default_factory=dict)
    lacking: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known_records(self) -> Self:
        named = {name for names in (*self.roots.values(), *self.lacking.values()) for name in names}
        if missing := sorted(named - self.records.keys()):
            raise ValueError(f"records lacks {missing[0]!r}")
        return self

    def facts(self) -> list[str]:
        """The account's facts that the origin needs."""
        return _FACT.findall(self.origin)
