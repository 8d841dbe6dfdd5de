"""API v2: deals and what hangs on them."""

from datetime import timedelta

from tests.sandbox.kit import Clock, Json, Refused
from tests.sandbox.pipedrive.access import Call, Gate
from tests.sandbox.pipedrive.errors import bad_request, body, not_found
from tests.sandbox.pipedrive.query import PAGING, SORTING, page
from tests.sandbox.pipedrive.times import parse
from tests.sandbox.pipedrive.views import deal_view
from tests.sandbox.pipedrive.world import words

DEALS, PRODUCTS = ("deals:read",), ("deals:read", "products:read")
SHAPING = frozenset({"include_fields", "custom_fields", "include_option_labels"})
_FILTERS = frozenset(
    words("filter_id ids owner_id person_id org_id pipeline_id stage_id status updated_since updated_until")
)
LIST = _FILTERS | SHAPING | PAGING | SORTING
STATUSES = ("open", "won", "lost", "deleted")
DELETED_STAYS = timedelta(days=30)  # then the record is purged
DEAL_ORDERS = ("id", "update_time", "add_time")
LINE_ORDERS = ("id", "add_time", "update_time", "order_nr")


class DealRoutes:
    """Everything an invoice reads about a deal."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def add_to(self, gate: Gate) -> None:
        """Registers the routes with their documented costs."""
        deals, paged = "/api/v2/deals", PAGING | SORTING
        gate.route("GET", deals, self.list_deals, cost=10, scopes=DEALS, known=LIST)
        gate.route("GET", f"{deals}/archived", self.list_archived, cost=20, scopes=DEALS, known=LIST)
        gate.route("GET", f"{deals}/products", self.lines_of_many, cost=10, scopes=PRODUCTS, known=paged | {"deal_ids"})
        gate.route("GET", f"{deals}/installments", self.installments, cost=10, scopes=DEALS, known=paged | {"deal_ids"})
        gate.route("GET", f"{deals}/<deal_id>", self.get_deal, cost=1, scopes=DEALS, known=SHAPING)
        gate.route("GET", f"{deals}/<deal_id>/products", self.lines, cost=10, scopes=PRODUCTS, known=paged)
        gate.route("GET", f"{deals}/<deal_id>/discounts", self.discounts, cost=10, scopes=DEALS)

    def get_deal(self, call: Call, deal_id: str) -> Json:
        """One deal, archived and lately deleted ones included."""
        return {"success": True, "data": deal_view(call, self._deal(call, deal_id))}

    def list_deals(self, call: Call) -> Json:
        """Without archived deals."""
        return self._list(call, archived=False)

    def list_archived(self, call: Call) -> Json:
        """Archived deals only."""
        return self._list(call, archived=True)

    def lines(self, call: Call, deal_id: str) -> Json:
        """Product lines of one deal, in pages."""
        return _paged(call, call.company.lines[self._deal(call, deal_id)["id"]], LINE_ORDERS)

    def lines_of_many(self, call: Call) -> Json:
        """Product lines of up to 100 deals, in pages."""
        ids = [deal_id for deal_id in call.query.ids("deal_ids", required=True) if self._seen(call, deal_id)]
        lines = [line for deal_id in ids for line in call.company.lines[deal_id]]
        return _paged(call, lines, ("id", "deal_id", *LINE_ORDERS[1:]))

    def discounts(self, call: Call, deal_id: str) -> Json:
        """Discounts on the whole deal; this list has no pages."""
        return {"success": True, "data": call.company.discounts[self._deal(call, deal_id)["id"]]}

    def installments(self, call: Call) -> Json:
        """Only from the Growth plan on; smaller plans get a 403 with a `code`."""
        if not call.company.has_installments:
            refusal = body(403, "This feature is not available on your plan") | {"code": "ERR_FEATURE_NOT_ENABLED"}
            raise Refused(403, refusal, "the company's plan has no instalments")
        ids = [deal_id for deal_id in call.query.ids("deal_ids", required=True) if self._seen(call, deal_id)]
        return _paged(call, [part for deal_id in ids for part in call.company.installments[deal_id]], ("id",))

    def _list(self, call: Call, *, archived: bool) -> Json:
        if call.query.text("filter_id") is not None:
            raise bad_request("Parameter 'filter_id': there is no such filter")
        matching = [deal for deal in call.company.records["deal"].values() if self._matches(call, deal, archived)]
        shown, additional = page(matching, call.query, DEAL_ORDERS)
        return {"success": True, "data": [deal_view(call, deal) for deal in shown], "additional_data": additional}

    def _matches(self, call: Call, deal: Json, archived: bool) -> bool:
        query = call.query
        ids, statuses = query.ids("ids"), query.words("status", STATUSES) or list(STATUSES[:3])
        since, until = query.moment("updated_since"), query.moment("updated_until")
        updated = parse(deal["update_time"])
        owned = all(
            query.text(key) is None or deal[key] == query.whole(key)
            for key in ("owner_id", "person_id", "org_id", "pipeline_id", "stage_id")
        )
        in_window = (since is None or updated >= since) and (until is None or updated < until)
        wanted = deal["status"] in statuses and (not ids or deal["id"] in ids)
        return owned and in_window and wanted and deal["is_archived"] is archived and self._seen(call, deal["id"])

    def _deal(self, call: Call, deal_id: str) -> Json:
        if not deal_id.isdigit():
            raise bad_request("Parameter 'id' must be a whole number")
        if not self._seen(call, int(deal_id)):
            raise not_found("Deal", deal_id)
        return call.company.records["deal"][int(deal_id)]

    def _seen(self, call: Call, deal_id: int) -> bool:
        deal = call.company.records["deal"].get(deal_id)
        if deal is None or not call.sees(deal):
            return False
        return not deal["is_deleted"] or self.clock.now() - parse(deal["update_time"]) <= DELETED_STAYS


def _paged(call: Call, items: list[Json], orders: tuple[str, ...]) -> Json:
    shown, additional = page(items, call.query, orders)
    return {"success": True, "data": shown, "additional_data": additional}
