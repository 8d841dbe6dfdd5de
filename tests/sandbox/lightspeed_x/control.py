"""X-Series' own control routes: what people do at the tills and in the back office, ready-made tokens."""

from collections.abc import Callable
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from tests.sandbox.kit import Clock, ControlError, ControlRoute, Json, json_object, json_reply
from tests.sandbox.lightspeed_x import crowds, seeding, tokens, views
from tests.sandbox.lightspeed_x.events import Announcer
from tests.sandbox.lightspeed_x.hooks import WebhookStore
from tests.sandbox.lightspeed_x.office import Office
from tests.sandbox.lightspeed_x.returns import Desk
from tests.sandbox.lightspeed_x.world import SCOPES, Retailer, World

_KINDS = ("products", "customers", "outlets", "registers", "taxes", "users", "payment_types")
AtTheTill = Callable[[Desk, Json, Json], Json]


class ControlRoutes:
    """Each call takes `?domain_prefix=` (default: the first store) and `?silent=1` (its webhooks are lost)."""

    def __init__(self, world: World, clock: Clock, announcer: Announcer, hooks: WebhookStore, lock: Any) -> None:
        self.world, self.clock, self.announcer, self.hooks, self.lock = world, clock, announcer, hooks, lock

    def routes(self) -> list[ControlRoute]:
        """For the kit."""
        return [
            ("/sales", "POST", self._sell),
            ("/sales/<string:key>", "GET", self._sale(lambda _till, sale, _given: sale)),
            ("/sales/<string:key>", "PATCH", self._sale(Desk.change)),
            *((f"/sales/<string:key>/{rule}", "POST", self._sale(do)) for rule, do in _AT_THE_TILL),
            ("/gift_cards", "POST", self._gift_card),
            ("/<collection>", "POST", self._create),
            ("/<collection>/<string:key>", "GET", self._office(lambda _office, kind, key, _given: (kind, key))),
            ("/<collection>/<string:key>", "PATCH", self._office(_change)),
            ("/<collection>/<string:key>", "DELETE", self._office(_delete)),
            ("/products/<string:key>/stock", "PUT", self._count_stock),
            ("/bulk", "POST", self._bulk),
            ("/bulk/changes", "POST", self._bulk_changes),
            ("/tokens", "POST", self._issue_token),
            ("/tokens/expire", "POST", self._expire_tokens),
            ("/uninstall", "POST", self._uninstall),
        ]

    def _sell(self) -> Response:
        """A sale; `"count": n` makes n alike and answers with their ids."""
        given = json_object()
        count = given.pop("count", None)

        def do(store: Retailer) -> Json:
            if count is None:
                return self._shown(self._till(store).sell(given))
            return {"ids": [self._till(store).sell(given)["id"] for _ in range(count)]}

        return self._do(201, do)

    def _sale(self, do: AtTheTill) -> Callable[..., Response]:
        def view(key: str) -> Response:
            given = json_object()
            return self._do(200, lambda store: self._shown(do(self._till(store), store.find("sales", key), given)))

        return view

    def _gift_card(self) -> Response:
        """`{"number", "amount"}`: sold as the gift card product, without tax; it is money, not revenue."""
        given = json_object(frozenset({"number", "amount", "outlet_id", "customer_id"}))

        def do(store: Retailer) -> Json:
            if not store.gift_card_product_id:
                raise ControlError("the store has no gift card product")
            line = {"product_id": store.gift_card_product_id, "price": given["amount"], "tax_id": store.no_tax_id}
            where = {key: given[key] for key in ("outlet_id", "customer_id") if key in given}
            wish = where | {"lines": [line | {"gift_card_number": given["number"]}]}
            return self._shown(self._till(store).sell(wish))

        return self._do(201, do)

    def _create(self, collection: str) -> Response:
        given = json_object()

        def do(store: Retailer) -> Json:
            return views.record(collection, self._office_of(store).create(collection, given))

        return self._do(201, do)

    def _office(self, do: "Callable[[Office, str, str, Json], tuple[str, str]]") -> Callable[..., Response]:
        def view(collection: str, key: str) -> Response:
            given = json_object()
            if collection not in _KINDS:
                raise ControlError(f"no such control call; records are under {', '.join(_KINDS)}")

            def edit(store: Retailer) -> Json:
                do(self._office_of(store), collection, key, given)
                return views.record(collection, store.find(collection, key))

            return self._do(200, edit)

        return view

    def _count_stock(self, key: str) -> Response:
        given = json_object()

        def do(store: Retailer) -> Json:
            self._office_of(store).count_stock(key, given)
            return {"inventory": [views.stock(one) for one in store.stock_rows(key)]}

        return self._do(200, do)

    def _bulk(self) -> Response:
        """`{"products": 200000, "customers": 50000}`, at once and without memory; no events."""
        given = json_object(frozenset({"products", "customers"}))

        def do(store: Retailer) -> Json:
            data = {"domain_prefix": store.domain_prefix, "bulk": given}
            seeding.load(self.world, {"retailers": [data]}, self._now())
            counts = {name: len(store.tables[name]) for name in ("products", "inventory", "customers")}
            return counts | {"version": store.version}

        return self._do(201, do)

    def _bulk_changes(self) -> Response:
        wanted = {"products", "customers", "stock", "deleted_products", "deleted_customers"}
        given = json_object(frozenset({*wanted, "seed"}))
        seed = given.pop("seed", 1)
        return self._do(200, lambda store: crowds.change(store, given, seed, self._now()))

    def _issue_token(self) -> Response:
        """A token answer without the consent page; `"personal": true` for a merchant's own token."""
        given = json_object(frozenset({"user_id", "scope", "personal"}))

        def do(store: Retailer) -> Json:
            user = given.get("user_id") or store.first("users")["id"]
            if given.get("personal"):
                return {"access_token": tokens.personal(self.world, store.domain_prefix, user)}
            scopes = tuple(given.get("scope", " ".join(SCOPES)).split())
            return tokens.grant(self.world, store.domain_prefix, user, scopes, self._now())

        return self._do(201, do)

    def _expire_tokens(self) -> Response:
        """All access tokens are over now; refresh tokens still work."""
        with self.lock:
            for granted in self.world.access.values():
                granted.expires_at = self._now()
            return json_reply(200, {"expired": len(self.world.access)})

    def _uninstall(self) -> Response:
        """The merchant removes the app: its tokens and its hooks are gone. Nobody is told."""

        def do(store: Retailer) -> Json:
            gone = [token for token, one in self.world.access.items() if one.retailer == store.domain_prefix]
            for token in gone:
                del self.world.access[token]
            hooks = [key for key, hook in store.hooks.items() if hook["_signed"]]
            for key in hooks:
                self.hooks.remove(store, key)
            return {"tokens": len(gone), "webhooks": len(hooks)}

        return self._do(200, do)

    def _do(self, status: int, do: Callable[[Retailer], Json]) -> Response:
        with self.lock:
            store = self.world.retailer(request.args.get("domain_prefix"))
            with store.all_or_nothing():
                return json_reply(status, do(store))

    def _till(self, store: Retailer) -> Desk:
        till = Desk(self.world, store, self._now())
        till.announcer = self._loud()
        return till

    def _office_of(self, store: Retailer) -> Office:
        return Office(self.world, store, self._now(), self._loud())

    def _loud(self) -> Announcer | None:
        return None if request.args.get("silent") in {"1", "true"} else self.announcer

    def _now(self) -> Any:
        return self.clock.now()

    def _shown(self, sale: Json) -> Json:
        return views.sale(sale, self.world.settings)


def _return(till: Desk, original: Json, given: Json) -> Json:
    """Begins a return; with `"close": true` it also finishes it, which makes two events for it."""
    close = given.pop("close", False)
    made = till.begin_return(original)
    return till.finish_return(made, given) if close else made


def _change(office: Office, kind: str, key: str, given: Json) -> tuple[str, str]:
    return kind, office.change(kind, key, given)["id"]


def _delete(office: Office, kind: str, key: str, _given: Json) -> tuple[str, str]:
    return kind, office.delete(kind, key)["id"]


_AT_THE_TILL: list[tuple[str, AtTheTill]] = [
    ("pay", Desk.pay),
    ("fulfil", Desk.fulfil),
    ("void", Desk.void),
    ("return", _return),
    ("close", Desk.finish_return),
    ("exchange", Desk.exchange),
]
