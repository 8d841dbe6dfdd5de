"""The operator's view of a connection's catalogue: items, stock, customers, companies, and how far each has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.params import Query

from taxpoynt.domain.catalogue import Kind
from taxpoynt.portal.catalogue_models import (
    CustomerPage,
    ItemPage,
    StockPage,
    SyncList,
    SyncOut,
    customer_out,
    item_out,
    stock_out,
)
from taxpoynt.portal.catalogue_needs import CatalogueDesk, Shown
from taxpoynt.ports.catalogue import Wish

MAX_PAGE = 100
_Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]
_Text = Annotated[str | None, Query(min_length=1, max_length=200)]
_BASE = "/v1/merchants/<merchant>/connections/<connection>"


def add(app: APIGatewayHttpResolver, desk: CatalogueDesk) -> None:
    """Adds the routes. `updated_since`: rows that changed here since; with `deleted` those that went, too."""

    @app.get(f"{_BASE}/sync")
    def get_sync(merchant: str, connection: str) -> SyncList:
        return SyncList(items=[SyncOut.of(one) for one in desk.progress(merchant, connection)])

    @app.get(f"{_BASE}/items")
    def list_items(
        merchant: str,
        connection: str,
        limit: _Limit = 50,
        cursor: str | None = None,
        id: _Text = None,  # noqa: A002 - the name of the parameter
        sku: _Text = None,
        location: _Text = None,
        updated_since: datetime | None = None,
        deleted: bool = False,  # noqa: FBT001, FBT002 - a query parameter
    ) -> ItemPage:
        wish = Wish(sku=sku, location=location, since=_aware(updated_since), gone=deleted)
        found, more = _page(desk, (merchant, connection, "items"), id, wish, limit, cursor)
        return ItemPage(items=[item_out(one) for one in found], next_cursor=more)

    @app.get(f"{_BASE}/stock")
    def list_stock(
        merchant: str,
        connection: str,
        limit: _Limit = 50,
        cursor: str | None = None,
        item: _Text = None,
        location: _Text = None,
        updated_since: datetime | None = None,
        deleted: bool = False,  # noqa: FBT001, FBT002 - a query parameter
    ) -> StockPage:
        wish = Wish(item=item, location=location, since=_aware(updated_since), gone=deleted)
        found, more = _page(desk, (merchant, connection, "stock"), None, wish, limit, cursor)
        return StockPage(items=[stock_out(one) for one in found], next_cursor=more)

    @app.get(f"{_BASE}/customers")
    def list_customers(
        merchant: str,
        connection: str,
        limit: _Limit = 50,
        cursor: str | None = None,
        id: _Text = None,  # noqa: A002 - the name of the parameter
        updated_since: datetime | None = None,
        deleted: bool = False,  # noqa: FBT001, FBT002 - a query parameter
    ) -> CustomerPage:
        wish = Wish(since=_aware(updated_since), gone=deleted)
        found, more = _page(desk, (merchant, connection, "customers"), id, wish, limit, cursor)
        return CustomerPage(items=[customer_out(one) for one in found], next_cursor=more)

    @app.get(f"{_BASE}/companies")
    def list_companies(
        merchant: str,
        connection: str,
        limit: _Limit = 50,
        cursor: str | None = None,
        id: _Text = None,  # noqa: A002 - the name of the parameter
        updated_since: datetime | None = None,
        deleted: bool = False,  # noqa: FBT001, FBT002 - a query parameter
    ) -> CustomerPage:
        wish = Wish(since=_aware(updated_since), gone=deleted)
        found, more = _page(desk, (merchant, connection, "companies"), id, wish, limit, cursor)
        return CustomerPage(items=[customer_out(one) for one in found], next_cursor=more)


def _page(
    desk: CatalogueDesk, of: tuple[str, str, Kind], row_id: str | None, wish: Wish, limit: int, cursor: str | None
) -> tuple[Sequence[Shown], str | None]:
    if row_id is not None:
        return desk.by_ids(*of, [row_id]), None
    return desk.rows(*of, wish, limit=limit, cursor=cursor)


def _aware(moment: datetime | None) -> datetime | None:
    """UTC where no zone is said."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
