"""The operator's view of a connection's shops: as the platform listed them, and which of them issue invoices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from pydantic import BaseModel

from taxpoynt.domain.locations import Location, LocationList


class ShopsShown(Protocol):
    """The list and what was chosen (services.list_locations.Shops)."""

    @property
    def listed(self) -> LocationList | None:
        """None before the platform was asked."""
        ...

    @property
    def setting(self) -> str | None:
        """The setting that names the shops that invoice."""
        ...

    @property
    def chosen(self) -> tuple[str, ...]:
        """What it says; empty: all of them."""
        ...

    def issues(self, location: Location) -> bool:
        """Do sales of this shop become invoices?"""
        ...


class LocationOut(BaseModel):
    """One shop. first_seen: when a later list first had it; gone_at: since when no list has had it."""

    id: str
    name: str
    active: bool
    currency: str | None = None
    time_zone: str | None = None
    address: str | None = None
    first_seen: datetime | None = None
    gone_at: datetime | None = None
    issues_invoices: bool


class LocationListOut(BaseModel):
    """Shops by name, those that went last.

    as_of: the platform told so then (null: never yet); asked_at: it was asked last; problem: the kind of error of that
    time, empty where it told. setting: the one in the rules that names the shops which issue invoices; chosen: what it
    says, an empty list for all of them.
    """

    as_of: datetime | None
    asked_at: datetime | None
    problem: str
    setting: str | None
    chosen: list[str]
    items: list[LocationOut]

    @classmethod
    def of(cls, shops: ShopsShown) -> LocationListOut:
        """From the service."""
        listed = shops.listed
        every = listed.locations if listed else ()
        return cls(
            as_of=listed.as_of if listed else None,
            asked_at=listed.asked_at if listed else None,
            problem=listed.problem if listed else "",
            setting=shops.setting,
            chosen=list(shops.chosen),
            items=[LocationOut(**one.model_dump(), issues_invoices=shops.issues(one)) for one in every],
        )


def add(app: APIGatewayHttpResolver, shops: Callable[[str, str], ShopsShown]) -> None:
    """Adds the route."""

    @app.get("/v1/merchants/<merchant>/connections/<connection>/locations")
    def list_locations(merchant: str, connection: str) -> LocationListOut:
        return LocationListOut.of(shops(merchant, connection))
