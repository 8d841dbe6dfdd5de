"""Everything one conversion was made from, kept so that it can be made again byte for byte years later.

Written twice: when a record is read (`reading`, or `difference` for a correction made from an edited record), and again
with the rest when the sale is converted. What is large (source answers, sales, code lists) is named by its key or its
version.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field

from taxpoynt.domain.decisions import CodeRow, Decisions
from taxpoynt.domain.identity import IdentityRules
from taxpoynt.domain.invoice import Reference
from taxpoynt.domain.model import Model
from taxpoynt.domain.party import Merchant
from taxpoynt.domain.supplied import SuppliedValues


class UsedVersion(Model):
    """A numbered version that counted: of the merchant's or the operator's rules, or of another document of theirs."""

    layer: Literal["merchant", "operator", "codes", "identity"]
    number: int
    digest: str


class Reading(Model):
    """How a sale was read from a source record.

    template: SHA-256 of the connector's `connector.yaml`; account: what the platform told of the account;
    mapping: the merchant's rules (a RuleSet as data), asked before operator_mapping; mapping_version: SHA-256 of their
    canonical JSON; versions: the numbered versions all of it is from. settings: what was chosen of the template's;
    decisions: see there; codes: what the product table says of this sale's lines, by `sku:AB-1`; identity: how it is
    told to be the same sale as another platform's.
    """

    connector: str
    template: str
    record_key: str
    account: dict[str, Any] = Field(default_factory=dict)
    mapping: dict[str, Any] = Field(default_factory=dict)
    mapping_version: str
    operator_mapping: dict[str, Any] = Field(default_factory=dict)
    settings: dict[str, Any] = Field(default_factory=dict)
    decisions: Decisions = Decisions()
    codes: dict[str, CodeRow] = Field(default_factory=dict)
    identity: IdentityRules | None = None
    versions: tuple[UsedVersion, ...] = ()

    def version(self, layer: str) -> UsedVersion | None:
        """The version of a layer; None when it had none."""
        return next((one for one in self.versions if one.layer == layer), None)


class Difference(Model):
    """How the sale of a correction was made: from the sale it corrects and from what the source shows now.

    earlier_sale_keys: the corrections there were already; action: what a person decided (`issue`), where one was asked.
    """

    original_sale_key: str
    changed_sale_key: str | None = None
    earlier_sale_keys: tuple[str, ...] = ()
    action: str | None = None


class ConversionInputs(Model):
    """One conversion. The first part is known when a record is taken, the second when its sale is converted.

    profile_version: of the merchant's profile as stored; lists_version: the code lists; issue_date, issue_time: the
    frozen legal clock (Africa/Lagos); software: the release and a digest of the code that decides the bytes.
    """

    v: int = 1
    sale_key: str
    reading: Reading | None = None
    difference: Difference | None = None

    merchant: Merchant | None = None
    profile_version: int | None = None
    supplied: SuppliedValues = SuppliedValues()
    references: tuple[Reference, ...] = ()
    lists_version: str | None = None
    issue_date: date | None = None
    issue_time: str | None = None
    software: str | None = None
