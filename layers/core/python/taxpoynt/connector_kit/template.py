"""The spec of `connector.yaml`: everything about a platform that is data.

Grows by adding optional keys; a key that is not here is an error with a suggestion (template_check.py).
When a template would need an `if`, the connector's own Python says it instead.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from taxpoynt.connector_kit.template_account import Locations
from taxpoynt.connector_kit.template_auth import OAuth
from taxpoynt.connector_kit.template_data import DataClasses
from taxpoynt.connector_kit.template_fields import Name, Sentence
from taxpoynt.connector_kit.template_hosts import Hosts
from taxpoynt.connector_kit.template_limits import Limits
from taxpoynt.connector_kit.template_paging import Paging
from taxpoynt.connector_kit.template_places import Places
from taxpoynt.connector_kit.template_polling import Poll
from taxpoynt.connector_kit.template_quality import Quality
from taxpoynt.connector_kit.template_quirks import Quirks
from taxpoynt.connector_kit.template_records import Record, Resource, VerdictOverride
from taxpoynt.connector_kit.template_sale import SaleShape
from taxpoynt.connector_kit.template_syncs import Syncs
from taxpoynt.connector_kit.template_triggers import Setting, Trigger
from taxpoynt.connector_kit.template_webhooks import Webhooks
from taxpoynt.domain.model import Model
from taxpoynt.mapping.rules import RuleSet


class Docs(Model):
    """Where people read on: our page (in the repository, or beside an outside template) and the vendor's."""

    guide: str
    developer: str
    changelog: str | None = None


class Template(Model):
    """One platform; see each block.

    queue: where its jobs go. number_letters: begin the numbers of its invoices (`PD8`), so that sales of two platforms
    with one id have two numbers.
    """

    spec: Literal[1]
    name: Name
    title: str
    kind: Literal["crm", "pos"]
    queue: Literal["crm", "pos", "bulk"]
    summary: Sentence
    number_letters: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,4}$")]
    docs: Docs
    hosts: Hosts
    oauth: OAuth
    webhooks: Webhooks | None = None
    paging: Paging
    resources: dict[Name, Resource]
    records: dict[Name, Record]
    poll: Poll
    syncs: Syncs = Syncs()
    limits: Limits = Limits()
    verdicts: tuple[VerdictOverride, ...] = ()
    quirks: Quirks = Quirks()
    triggers: Annotated[tuple[Trigger, ...], Field(min_length=1)]
    settings: dict[Name, Setting] = Field(default_factory=dict)
    locations: Locations | None = None
    data: DataClasses = DataClasses()
    places: Places | None = None
    sale: SaleShape | None = None
    mapping: RuleSet
    quality: Quality

    @property
    def trigger(self) -> Trigger:
        """That of the main record, from which most sales are made."""
        return self.triggers[0]
