"""A connector made from its template; what only Python can say comes from the folder's `mapping.py`.

That module offers pure functions: `embedded(webhook)` (the record inside one, as the API would show it),
`view(bundle, account)` (the record and its related ones, one shape whatever API version answered) and `sale(view,
layers)`; `events(template, body, content_type, headers)` only where the template's events block cannot say it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from taxpoynt.connector_kit import fetching, locating, polling, subscribing
from taxpoynt.connector_kit.deciding import chosen_settings, decide, holds, parts_of
from taxpoynt.connector_kit.events import same_account
from taxpoynt.connector_kit.subscribing import webhook_setup
from taxpoynt.connector_kit.template import Template
from taxpoynt.domain.connection import Event
from taxpoynt.domain.sale import RecordRef, Sale
from taxpoynt.domain.source import SourceBundle
from taxpoynt.errors import Fault, FaultsFound
from taxpoynt.mapping.engine import Explained, Layer
from taxpoynt.mapping.expressions import exact_data
from taxpoynt.mapping.rules import read
from taxpoynt.ports import ChangedRecords, PlatformApi, SourceField, TriggerDecision, WebhookSetup
from taxpoynt.ports.known import KnownRecords

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
    read_events: Callable[[Template, bytes, str, Mapping[str, str] | None], list[Event]]
    embedded: Callable[[Mapping[str, Any]], dict[str, Any]]
    read_view: Callable[[SourceBundle, Mapping[str, Any]], View]
    read_sale: Callable[[View, Sequence[Layer]], SaleReading]
    version: str = ""
    """SHA-256 of `connector.yaml`."""

    @property
    def name(self) -> str:
        """The template's name."""
        return self.template.name

    @property
    def kind(self) -> Literal["crm", "pos"]:
        """The template's kind."""
        return self.template.kind

    @property
    def webhooks(self) -> WebhookSetup:
        """As the template says; without its block there are none."""
        return webhook_setup(self.template)

    def same_account(self, event_account: str, account_id: str) -> bool:
        """Compares as many characters as the template says, else all."""
        return same_account(self.template, event_account, account_id)

    def events(self, body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> list[Event]:
        """Every notification in a delivery; BadInput when unreadable."""
        return self.read_events(self.template, body, content_type, headers)

    def fetch(self, api: PlatformApi, ref: RecordRef, known: KnownRecords | None = None) -> SourceBundle:
        """The record and what the template says is fetched beside it, or taken from the catalogue."""
        return fetching.fetch_record(api, self.template, ref, known)

    def trigger(self, bundle: SourceBundle, *, settings: Mapping[str, Any] | None = None) -> TriggerDecision:
        """The template's trigger over the record and what the merchant chose."""
        return decide(self.template, self.read_view(bundle, {}), settings, bundle.resource)

    def parts(self, ref: RecordRef, bundle: SourceBundle | None) -> tuple[tuple[RecordRef, bool], ...]:
        """Records that this one may hold beside itself, and whether it does; None: the record is gone."""
        named = [(name, one) for name, one in self.template.records.items() if one.of == ref.resource]
        seen = exact_data(self.read_view(bundle, {})) if named and bundle is not None else None
        found: list[tuple[RecordRef, bool]] = []
        for name, one in named:
            if one.each is None:
                there = seen is not None and holds(str(one.when), seen)
                found.append((RecordRef(resource=name, id=f"{ref.id}{one.suffix}"), there))
            elif seen is not None:
                ids = parts_of(one.each, seen)
                found += [(RecordRef(resource=name, id=f"{ref.id}{one.suffix}_{part}"), True) for part in ids]
        return tuple(found)

    def sale(self, bundle: SourceBundle, *, account: Mapping[str, Any], mapping: Mapping[str, Any]) -> Sale:
        """The record in our terms; FaultsFound with everything that stands against it."""
        reading = self.read(bundle, account=account, mapping=mapping)
        if reading.faults or reading.sale is None:
            raise FaultsFound(reading.faults)
        return reading.sale

    def read(
        self,
        bundle: SourceBundle,
        *,
        account: Mapping[str, Any],
        mapping: Mapping[str, Any],
        operator: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> SaleReading:
        """As `sale`, with faults beside the sale and explanations, for people."""
        view = self.read_view(bundle, account) | {"settings": chosen_settings(self.template.settings, settings or {})}
        reading = self.read_sale(view, self._layers(mapping, operator))
        if reading.sale is None:
            return reading
        return replace(reading, sale=reading.sale.model_copy(update={"platform": self.template.number_letters}))

    def locate(
        self,
        path: str,
        refs: Sequence[RecordRef],
        *,
        account: Mapping[str, Any],
        mapping: Mapping[str, Any],
        operator: Mapping[str, Any] | None = None,
    ) -> SourceField | None:
        """Where a person mends `path`, by the template's places and the mapping."""
        if self.template.places is None:
            return None
        return locating.locate(self.template.places, path, refs, self._layers(mapping, operator), account)

    def _layers(self, mapping: Mapping[str, Any], operator: Mapping[str, Any] | None) -> tuple[Layer, ...]:
        """In the order in which they are asked."""
        middle = (Layer("operator", read(operator)),) if operator else ()
        return (Layer("merchant", read(mapping)), *middle, Layer("template", self.template.mapping, self.version))

    def changed(self, api: PlatformApi, cursor: str | None, now: datetime) -> ChangedRecords:
        """One page of polling."""
        return polling.changed_records(api, self.template, cursor, now)

    def subscribe(self, api: PlatformApi, *, url: str, user: str, password: str) -> tuple[str, ...]:
        """One subscription of each kind."""
        return subscribing.subscribe(api, self.template, url=url, user=user, password=password)

    def standing(self, api: PlatformApi) -> dict[str, bool]:
        """By id, what the platform shows: is it active?"""
        return subscribing.standing(api, self.template)

    def unsubscribe(self, api: PlatformApi, subscriptions: Iterable[str]) -> None:
        """None of them."""
        subscribing.unsubscribe(api, self.template, subscriptions)
