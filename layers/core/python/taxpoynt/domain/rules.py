"""What merchants and operators decide, as numbered versions: added, pointed to, never changed.

A scope is one document of one owner: `mapping` of a connection (a merchant's) or of a connector (the operator's, for
all merchants of this deployment), `codes` and `identity` of a merchant. One of its versions is active, or none.
Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from taxpoynt.domain.keys import key
from taxpoynt.domain.ledger import canonical, sha256
from taxpoynt.errors import BadInput

OPERATOR = "operator"
"""The owner of what counts for every merchant; no merchant's id looks so (`m_…`)."""
EVERY = "every"

LONGEST_AUTHOR = 100
LONGEST_NOTE = 500

Kind = Literal["mapping", "codes", "identity"]


@dataclass(frozen=True, slots=True)
class Scope:
    """`about`: the connection, the connector, or `every` where the document is the owner's one and only."""

    owner: str
    kind: Kind
    about: str = EVERY

    @property
    def partition(self) -> str:
        """The key under which its versions stand; BadInput for ids that are none."""
        return key("M", self.owner, "RULES", self.kind, self.about)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVersion:
    """One version. `body`: the document as data; `by`: `merchant` or `operator`; `author`, `note`: for people.

    digest: SHA-256 of the body's canonical JSON.
    """

    scope: Scope
    number: int
    body: Mapping[str, Any] = field(repr=False)
    digest: str
    author: str
    by: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHead:
    """Where a scope stands: how many versions there are, and which counts since when. `changes` counts writes."""

    scope: Scope
    latest: int = 0
    active: int | None = None
    changes: int = 0
    since: datetime | None = None
    author: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who decides, why, and what they saw: `revision` is the head's `changes` as it was shown, None for "as it is"."""

    author: str
    note: str
    revision: int | None = None

    def checked(self) -> Signed:
        """In one line each; BadInput without a name or with more than fits."""
        author, note = " ".join(self.author.split()), " ".join(self.note.split())
        if not author or len(author) > LONGEST_AUTHOR or not author.isprintable():
            raise BadInput(f"give your name, in at most {LONGEST_AUTHOR} plain characters")
        if len(note) > LONGEST_NOTE or not note.isprintable():
            raise BadInput(f"the note may have {LONGEST_NOTE} plain characters")
        return Signed(author=author, note=note, revision=self.revision)


def digest_of(body: Mapping[str, Any]) -> str:
    """SHA-256 of a document, whatever the order of its keys."""
    return sha256(canonical(dict(body)))


def merchant_mapping(merchant: str, connection: str) -> Scope:
    """A merchant's rules for one connection: custom fields are an account's own."""
    return Scope(merchant, "mapping", connection)


def operator_mapping(connector: str) -> Scope:
    """The operator's rules for a connector, asked after the merchant's."""
    return Scope(OPERATOR, "mapping", connector)


def code_table(merchant: str) -> Scope:
    """A merchant's table of product codes."""
    return Scope(merchant, "codes")


def identity_rules(merchant: str) -> Scope:
    """How a merchant's sales on several platforms are told to be one."""
    return Scope(merchant, "identity")
