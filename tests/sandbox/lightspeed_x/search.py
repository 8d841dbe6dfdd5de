"""/search: sales, products and customers by what they hold, in numbered pages."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from flask import request

from tests.sandbox.kit import Json
from tests.sandbox.lightspeed_x import crowds
from tests.sandbox.lightspeed_x.access import known, whole
from tests.sandbox.lightspeed_x.errors import api
from tests.sandbox.lightspeed_x.world import Retailer

LARGEST_PAGE = 1000
_COMMON = ("type", "order_by", "order_direction", "page_size", "offset", "deleted", "_id", "-_id")
_FILTERS = {
    "sales": ("status", "invoice_number", "customer_id", "user_id", "outlet_id", "date_from", "date_to"),
    "products": ("sku",),
    "customers": ("customer_code", "email", "first_name", "last_name", "company_name", "mobile", "phone"),
}


def search(store: Retailer) -> tuple[str, list[Json]]:
    """(kind, the records of the page asked for); more than 1000 are cut to 1000."""
    kind = request.args.get("type", "")
    if kind not in _FILTERS:
        raise api(400, "type must be sales, products or customers")
    known(*_COMMON, *_FILTERS[kind])
    size = min(whole("page_size", 100) or 100, LARGEST_PAGE)
    offset = whole("offset", 0) or 0
    found = [one for one in _candidates(store, kind) if _passes(kind, one)]
    by = request.args.get("order_by", "sale_date" if kind == "sales" else "version")
    if found and by not in found[0]:
        raise api(400, f"cannot order by {by}")
    descending = request.args.get("order_direction", "asc") == "desc"
    found.sort(key=lambda one: (one[by] is not None, one[by], one["version"]), reverse=descending)
    return kind, list(islice(found, offset, offset + size))


def _candidates(store: Retailer, kind: str) -> Iterator[Json]:
    if kind == "products" and "sku" in request.args:
        yield from (
            one for sku in request.args.getlist("sku") if (one := crowds.product_by_sku(store, sku)) is not None
        )
        return
    yield from store.tables[kind].walk("version")


def _passes(kind: str, one: Json) -> bool:
    args = request.args
    if one.get("deleted_at") and args.get("deleted") != "true":
        return False
    if one["id"] == args.get("-_id") or args.get("_id") not in {None, one["id"]}:
        return False
    for name in _FILTERS[kind]:
        if name not in {"date_from", "date_to"} and name in args and str(one[name]) not in args.getlist(name):
            return False
    if kind != "sales":
        return True
    after, before = (_time(args[name]) if name in args else None for name in ("date_from", "date_to"))
    return (after is None or one["sale_date"] >= after) and (before is None or one["sale_date"] <= before)


def _time(text: str) -> datetime:
    """`2016-08-08T12:00:00Z`, UTC."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo is None:
        raise api(400, "dates look like 2016-08-08T12:00:00Z")
    return parsed
