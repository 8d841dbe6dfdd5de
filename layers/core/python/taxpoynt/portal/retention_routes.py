"""The operator's orders about a merchant's data: legal hold and erasure. Each names a person and a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from pydantic import BaseModel, Field

from taxpoynt.errors import BadInput
from taxpoynt.ports.retention import Act


class HoldDesk(Protocol):
    """services.legal_hold.LegalHold."""

    def read(self, merchant: str) -> Act | None:
        """The hold there is."""
        ...

    def put(self, merchant: str, *, who: str, why: str) -> Act:
        """From now on nothing is purged."""
        ...

    def lift(self, merchant: str, *, who: str, why: str) -> None:
        """The purge goes on."""
        ...


class MerchantErasure(Protocol):
    """services.erase.EraseMerchant."""

    def ask(self, merchant: str, *, who: str, why: str) -> Act:
        """Noted; the daily purge carries it out."""
        ...


class BuyerErasure(Protocol):
    """services.erase.EraseBuyer."""

    def __call__(self, merchant: str, connector: str, sale_id: str, *, who: str, why: str) -> Mapping[str, str]:
        """Erased or kept, and why."""
        ...


@dataclass(frozen=True, slots=True)
class RetentionDesk:
    """What the routes need."""

    holds: HoldDesk
    merchants: MerchantErasure
    buyers: BuyerErasure


class OrderIn(BaseModel):
    """Who orders it, by name, and why; both stand in the ledger. No buyer's data in them."""

    who: str = Field(min_length=1, max_length=300)
    why: str = Field(min_length=1, max_length=300)


class HoldIn(OrderIn):
    """`held` false lifts the hold."""

    held: bool = True


class HoldOut(BaseModel):
    """How it stands."""

    held: bool
    who: str | None = None
    why: str | None = None
    since: datetime | None = None


class ErasureIn(OrderIn):
    """With connector and sale_id a buyer's request about one sale, without them the merchant's own."""

    connector: str | None = None
    sale_id: str | None = None


class ErasureOut(BaseModel):
    """`erased`, `kept` (and why), or `ordered`: the daily purge carries out a merchant's."""

    outcome: str
    why: str


def add(app: APIGatewayHttpResolver, desk: RetentionDesk) -> None:
    """Adds the routes."""

    @app.get("/v1/merchants/<merchant>/legal-hold")
    def get_hold(merchant: str) -> HoldOut:
        return _hold(desk.holds.read(merchant))

    @app.post("/v1/merchants/<merchant>/legal-hold")
    def put_hold(merchant: str, order: HoldIn) -> HoldOut:
        if order.held:
            return _hold(desk.holds.put(merchant, who=order.who, why=order.why))
        desk.holds.lift(merchant, who=order.who, why=order.why)
        return _hold(None)

    @app.post("/v1/merchants/<merchant>/erasure")
    def erase(merchant: str, order: ErasureIn) -> tuple[ErasureOut, int]:
        if order.connector and order.sale_id:
            report = desk.buyers(merchant, order.connector, order.sale_id, who=order.who, why=order.why)
            return ErasureOut(outcome=report["outcome"], why=report["why"]), 200
        if order.connector or order.sale_id:
            raise BadInput("a buyer's request names connector and sale_id, a merchant's own neither")
        desk.merchants.ask(merchant, who=order.who, why=order.why)
        why = "connections end now; profile and cached data go with the daily purge, invoices stay as tax law requires"
        return ErasureOut(outcome="ordered", why=why), 202


def _hold(found: Act | None) -> HoldOut:
    if found is None:
        return HoldOut(held=False)
    return HoldOut(held=True, who=found.who, why=found.why, since=found.at)
