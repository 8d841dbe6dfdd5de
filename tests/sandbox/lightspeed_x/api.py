"""Collections by version, single records, sales in two schemas, search, the return action, API 0.9."""

from collections.abc import Callable, Iterator
from itertools import islice

from tests.sandbox.kit import Json
from tests.sandbox.lightspeed_x import crowds, search, views, views_dated, views_old
from tests.sandbox.lightspeed_x.access import CLASSIC, Call, Gate, known, whole
from tests.sandbox.lightspeed_x.errors import api
from tests.sandbox.lightspeed_x.events import Announcer
from tests.sandbox.lightspeed_x.returns import Desk
from tests.sandbox.lightspeed_x.tills import RETURNABLE
from tests.sandbox.lightspeed_x.values import iso, number
from tests.sandbox.lightspeed_x.world import World

PAGE, LARGEST_PAGE, LARGEST_OLD_PAGE = 200, 1000, 200  # larger pages are cut to these without a word
COLLECTIONS = {
    "products": "products:read",
    "inventory": "inventory:read",
    "customers": "customers:read",
    "taxes": "taxes:read",
    "outlets": "outlets:read",
    "registers": "registers:read",
    "payment_types": "payment_types:read",
    "users": "users:read",
}
_SHOWS_DELETED = {"products", "customers", "taxes", "registers", "outlets", "users"}
_SINGLE = ("products", "customers", "outlets", "registers", "users")


class ApiRoutes:
    """Everything but webhooks."""

    def __init__(self, world: World, announcer: Announcer) -> None:
        self.world, self.announcer = world, announcer

    def add_to(self, gate: Gate) -> None:
        """Registers the routes in both families."""
        base = "/api/{version}"
        for kind, scope in COLLECTIONS.items():
            gate.route("GET", f"{base}/{kind}", self._list(kind), scope)
            if kind in _SINGLE:
                gate.route("GET", f"{base}/{kind}/<string:key>", self._one(kind), scope)
        gate.route("GET", f"{base}/products/<string:key>/inventory", self._stock_of, "inventory:read")
        gate.route("GET", f"{base}/outlet_taxes", lambda call: _page([]), "taxes:read")
        gate.route("GET", f"{base}/retailer", self._retailer, "retailer:read")
        gate.route("GET", f"{base}/sales", self._sales, "sales:read")
        gate.route("GET", f"{base}/sales/<string:key>", self._sale, "sales:read")
        gate.route("GET", f"{base}/sales/<string:key>/fulfillments", self._fulfillments, "fulfillments:read")
        gate.route("GET", f"{base}/search", self._search, "sales:read")
        gate.route("PUT", f"{base}/sales/<string:key>/actions/return", self._return, "sales:write", only=CLASSIC)
        gate.route("POST", f"{base}/sales/<string:key>/actions/return", self._return, "sales:write", only="dated")
        for old in ("/api/register_sales", "/api/0.9/register_sales"):
            gate.route("GET", old, self._old_sales, "sales:read")
            gate.route("GET", f"{old}/<string:key>", self._old_sale, "sales:read")

    def _list(self, kind: str) -> Callable[[Call], Json]:
        def view(call: Call) -> Json:
            more = ("deleted",) if kind in _SHOWS_DELETED else ()
            filters = ("sku", "name", "family_name") if kind == "products" else ()
            given = known("after", "before", "page_size", *more, *filters)
            if kind == "products" and "sku" in given:  # every other parameter is ignored then
                found = crowds.product_by_sku(call.store, given["sku"])
                return _page([views.product(found)] if found else [])
            deleted = given.get("deleted") == "true"
            records = (one for one in _walk(call, kind) if deleted or not one.get("deleted_at"))
            return _page([views.record(kind, one) for one in islice(records, _size())])

        return view

    def _one(self, kind: str) -> Callable[..., Json]:
        def view(call: Call, key: str) -> Json:
            found = call.store.tables[kind].get(key)
            if found is None:
                raise api(404, f"{kind} {key} not found")
            return {"data": views.record(kind, found)}

        return view

    def _stock_of(self, call: Call, key: str) -> Json:
        if call.store.tables["products"].get(key) is None:
            raise api(404, f"products {key} not found")
        return {"data": [views.stock(one) for one in call.store.stock_rows(key)]}

    def _retailer(self, call: Call) -> Json:
        first = call.store.first("users")
        return {"data": views.retailer(call.store, iso(first["created_at"]))}

    def _sales(self, call: Call) -> Json:
        known("after", "before", "page_size")
        found = list(islice(_walk(call, "sales"), _size()))
        return _page([self._shown(call, one) for one in found], [one["version"] for one in found])

    def _sale(self, call: Call, key: str) -> Json:
        """Version 2.0 promises it for three closed statuses only, so it is refused for the others."""
        found = call.store.tables["sales"].get(key)
        if found is None or (not call.dated and found["status"] not in RETURNABLE):
            raise api(404, f"sale {key} not found", "2.0 shows single sales only when closed" if found else "")
        return {"data": self._shown(call, found)}

    def _shown(self, call: Call, one: Json) -> Json:
        settings = self.world.settings
        return views_dated.sale(one, settings) if call.dated else views.sale(one, settings)

    def _fulfillments(self, call: Call, key: str) -> Json:
        made = call.store.fulfillments.get(key, [])
        return {"data": [one | {"created_at": iso(one["created_at"]), "line_items": _items(one)} for one in made]}

    def _search(self, call: Call) -> Json:
        kind, found = search.search(call.store)
        if kind == "sales":
            return {"data": [self._shown(call, one) for one in found]}
        return {"data": [views.record(kind, one) for one in found]}

    def _return(self, call: Call, key: str) -> Json:
        """A SAVED return in 2.0's shape; the dated family adds its state to that, and voids other parked returns."""
        original = call.store.tables["sales"].get(key)
        if original is None or original["status"] not in RETURNABLE:
            raise api(404, f"sale {key} not found, or not closed")
        till = Desk(self.world, call.store, call.now)
        till.announcer = self.announcer
        if call.dated:
            till.void_other_returns(original, but="")
        made = till.begin_return(call.store.find("sales", key))
        shown = views.sale(made, self.world.settings)
        return {"data": shown | ({"state": "parked"} if call.dated else {})}

    def _old_sales(self, call: Call) -> Json:
        """Numbered pages of at most 200."""
        known("page", "page_size", "since")
        size = min(whole("page_size", 50) or 50, LARGEST_OLD_PAGE)
        page = max(1, whole("page", 1) or 1)
        everything = list(call.store.tables["sales"].walk("version"))
        found = everything[(page - 1) * size : page * size]
        counts = {"results": len(everything), "page": page, "page_size": size, "pages": -(-len(everything) // size)}
        shown = [views_old.register_sale(call.store, one) for one in found]
        return {"pagination": counts, "register_sales": shown}

    def _old_sale(self, call: Call, key: str) -> Json:
        found = call.store.tables["sales"].get(key)
        if found is None:
            raise api(404, f"register sale {key} not found")
        return {"register_sales": [views_old.register_sale(call.store, found)]}


def _walk(call: Call, kind: str) -> Iterator[Json]:
    """Past `after`, up to `before`, by version."""
    after, before = whole("after", 0) or 0, whole("before")
    for one in call.store.tables[kind].walk("version", (True, after, "~")):  # "~" is behind every id
        if before is not None and one["version"] > before:
            return
        yield one


def _size() -> int:
    return max(1, min(whole("page_size", PAGE) or PAGE, LARGEST_PAGE))


def _page(data: list[Json], versions: list[int] | None = None) -> Json:
    numbers = [one["version"] for one in data] if versions is None else versions
    return {"data": data, "version": {"min": min(numbers, default=None), "max": max(numbers, default=None)}}


def _items(one: Json) -> list[Json]:
    return [{"id": key, "product_id": product, "quantity": number(count)} for key, product, count in one["line_items"]]
