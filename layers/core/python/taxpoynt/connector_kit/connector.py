"""A connector made from its template; what only Python can say comes from the folder's `mapping.py`.

That module offers four pure functions: `events(template, body)`, `embedded(webhook)` (the record inside one, as the
API would show it), `view(bundle, account)` (the record and its related ones, one shape whatever API version answered)
and `sale(view, layers)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from taxpoynt.connector_kit import fetching, polling, subscribing
from taxpoynt.connector_kit.template import Template
from taxpoynt.domain.connection import Event
from taxpoynt.domain.sale import RecordRef, Sale
from taxpoynt.domain.source import SourceBundle
from taxpoynt.errors import BadInput, Fault, FaultsFound
from taxpoynt.mapping.engine import Explained, Layer
from taxpoynt.mapping.expressions import find, plain_data
from taxpoynt.mapping.rules import read
from taxpoynt.mapping.transforms import NoValue
from taxpoynt.ports import ChangedRecords, PlatformApi, TriggerDecision

View = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleReading:
    """What a record says: the sale as far as it can be read, every fault, and where each mapped value came from."""

    sale: Sale | None
    faults: tuple[Fault, ...] = ()
    explained: tuple[Explained, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class TemplateConnector:
    """Implements ports.Connector."""

    template: Template
    read_events: Callable[[Template, bytes], list[Event]]
    embedded: Callable[[Mapping[str, Any]], dict[str, Any]]
    read_view: Callable[[SourceBundle, Mapping[str, Any]], View]
    read_sale: Callable[[View, Sequence[Layer]], SaleReading]

    @property
    def name(self) -> str:
        """The template's name."""
        return self.template.name

    @property
    def kind(self) -> Literal["crm", "pos"]:
        """The template's kind."""
        return self.template.kind

    def events(self, body: bytes, content_type: str) -> list[Event]:
        """Every notification in a delivery; BadInput when unreadable."""
        del content_type  # the template says what a body is; senders' headers differ
        return self.read_events(self.template, body)

    def fetch(self, api: PlatformApi, ref: RecordRef) -> SourceBundle:
        """The record and what the template says is fetched beside it."""
        return fetching.fetch_record(api, self.template, ref)

    def trigger(self, bundle: SourceBundle) -> TriggerDecision:
        """The template's trigger over the record."""
        return decide(self.template, self.read_view(bundle, {}))

    def sale(self, bundle: SourceBundle, *, account: Mapping[str, Any], mapping: Mapping[str, Any]) -> Sale:
        """The record in our terms; FaultsFound with everything that stands against it."""
        reading = self.read(bundle, account=account, mapping=mapping)
        if reading.faults or reading.sale is None:
            raise FaultsFound(reading.faults)
        return reading.sale

    def read(self, bundle: SourceBundle, *, account: Mapping[str, Any], mapping: Mapping[str, Any]) -> SaleReading:
        """As `sale`, with faults beside the sale and explanations, for people."""
        layers = (Layer("merchant", read(mapping)), Layer("template", self.template.mapping))
        return self.read_sale(self.read_view(bundle, account), layers)

    def changed(self, api: PlatformApi, cursor: str | None, now: datetime) -> ChangedRecords:
        """One page of polling."""
        return polling.changed_records(api, self.template, cursor, now)

    def subscribe(self, api: PlatformApi, *, url: str, user: str, password: str) -> tuple[str, ...]:
        """One subscription of each kind."""
        return subscribing.subscribe(api, self.template, url=url, user=user, password=password)

    def unsubscribe(self, api: PlatformApi, subscriptions: Iterable[str]) -> None:
        """None of them."""
        subscribing.unsubscribe(api, self.template, subscriptions)


def decide(template: Template, view: View) -> TriggerDecision:
    """Invoice or ignore, and why. BadInput when the record is missing from the view."""
    rule = template.trigger
    record = view.get(rule.record)
    if not isinstance(record, Mapping):
        raise BadInput(f"{template.name}: no {rule.record} in what was given")
    seen = plain_data(view)
    for exception in rule.unless:
        if _holds(exception.when, seen):
            return TriggerDecision(document="ignore", why=exception.why)
    value = str(record.get(rule.field))
    wanted = value in rule.invoice
    return TriggerDecision(document="invoice" if wanted else "ignore", why=f"the {rule.record} is {value}")


def _holds(condition: str, seen: Any) -> bool:
    try:
        return find(condition, seen) is True
    except NoValue:
        return False
