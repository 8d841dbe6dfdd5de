"""The spec of `connector.yaml`: everything about a platform that is data.

Grows by adding optional keys; a key that is not here is an error with a suggestion (template_check.py).
When a template would need an `if`, the connector's own Python says it instead.
"""

from __future__ import annotations

from typing import Literal

from taxpoynt.connector_kit.template_auth import Hosts, OAuth
from taxpoynt.connector_kit.template_fields import Name
from taxpoynt.connector_kit.template_records import Limits, Paging, Poll, Record, Resource, Trigger, VerdictOverride
from taxpoynt.connector_kit.template_webhooks import Webhooks
from taxpoynt.domain.model import Model
from taxpoynt.mapping.rules import RuleSet


class Docs(Model):
    """Where people read on: our page and the vendor's."""

    guide: str
    developer: str
    changelog: str | None = None


class Template(Model):
    """One platform. `queue` is where its jobs go; see each block for the rest."""

    spec: Literal[1]
    name: Name
    title: str
    kind: Literal["crm", "pos"]
    queue: Literal["crm", "pos", "bulk"]
    summary: str
    docs: Docs
    hosts: Hosts
    oauth: OAuth
    webhooks: Webhooks
    paging: Paging
    resources: dict[Name, Resource]
    records: dict[Name, Record]
    poll: Poll
    limits: Limits = Limits()
    verdicts: tuple[VerdictOverride, ...] = ()
    trigger: Trigger
    mapping: RuleSet
