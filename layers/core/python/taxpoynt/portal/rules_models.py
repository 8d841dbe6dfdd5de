"""Rule versions as the API takes and gives them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from taxpoynt.domain.rules import RuleHead, RuleVersion, Signed
from taxpoynt.portal.needs import VersionsShown

Author = Annotated[str, Field(min_length=1, max_length=100)]
Note = Annotated[str, Field(max_length=500)]
Document = dict[str, Any]
"""`{"version": 1, "rules": [...], "settings": {...}, "tax": [...], "locations": {...}, "number": "..."}`; of identity
rules `{"version": 1, "sources": [...], "match": [...]}`. docs/merchant-rules.md"""


class MappingIn(BaseModel):
    """Mapping rules alone: `{"version": 1, "rules": [...]}`. The other parts of the document stay as they are."""

    version: int = 1
    rules: list[dict[str, Any]] = Field(default_factory=list)
    author: Author = "operator"
    note: Note = ""


class SignedIn(BaseModel):
    """Who decides and why. revision: as it was read, so that nobody's work is overwritten; absent: as it is now."""

    author: Author
    note: Note = ""
    revision: int | None = None

    def signed(self) -> Signed:
        """As the desk takes it."""
        return Signed(author=self.author, note=self.note, revision=self.revision)


class VersionIn(SignedIn):
    """A new version. activate: it counts from now on."""

    document: Document
    activate: bool = True


class PreviewIn(BaseModel):
    """What to try: a document, or the number of a version. records: how many of the newest are read by both rules."""

    document: Document | None = None
    number: int | None = None
    records: Annotated[int, Field(ge=1, le=200)] = 50


class TableIn(SignedIn):
    """A product table as CSV text (`GET /v1/product-table.csv` is one to fill in). activate: it counts from now on."""

    csv: Annotated[str, Field(max_length=4_500_000)]
    activate: bool = True


class TablePreviewIn(BaseModel):
    """Which version of the product table to try. records: how many of the newest, of all connections together."""

    number: int
    records: Annotated[int, Field(ge=1, le=200)] = 50


class ActivationIn(SignedIn):
    """The version that shall count; null: none at all. An older number is a roll-back."""

    number: int | None


class VersionOut(BaseModel):
    """One version, without its document. digest: SHA-256 of the document's canonical JSON."""

    number: int
    author: str
    by: str
    note: str
    at: datetime
    digest: str
    active: bool

    @classmethod
    def of(cls, one: RuleVersion, active: int | None) -> VersionOut:
        """From the desk."""
        about = {"author": one.author, "by": one.by, "note": one.note, "at": one.at, "digest": one.digest}
        return cls(number=one.number, active=one.number == active, **about)


class WholeVersionOut(VersionOut):
    """A version with its document."""

    document: Mapping[str, Any]

    @classmethod
    def whole(cls, one: RuleVersion, active: int | None) -> WholeVersionOut:
        """From the desk."""
        return cls(document=one.body, **VersionOut.of(one, active).model_dump())


class HeadOut(BaseModel):
    """Which version counts since when, by whom; `revision` to send back."""

    revision: int
    active: int | None
    latest: int
    since: datetime | None
    author: str
    note: str

    @classmethod
    def of(cls, head: RuleHead) -> HeadOut:
        """From the desk."""
        return cls(
            revision=head.changes,
            active=head.active,
            latest=head.latest,
            since=head.since,
            author=head.author,
            note=head.note,
        )


class VersionPage(HeadOut):
    """Versions, newest first; `next_before` is the `before` of the next page."""

    items: list[VersionOut]
    next_before: int | None

    @classmethod
    def shown(cls, shown: VersionsShown) -> VersionPage:
        """From the desk."""
        items = [VersionOut.of(one, shown.head.active) for one in shown.listed]
        return cls(items=items, next_before=shown.more, **HeadOut.of(shown.head).model_dump())
