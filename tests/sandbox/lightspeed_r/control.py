"""R-Series' own control routes: what people do at the tills and in the back office, limits, ready-made tokens."""

from collections.abc import Callable
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from tests.sandbox.kit import Clock, ControlError, ControlRoute, Json, json_object, json_reply
from tests.sandbox.lightspeed_r import crowds, seeding, tokens
from tests.sandbox.lightspeed_r.entities import render
from tests.sandbox.lightspeed_r.keys import SigningKeys
from tests.sandbox.lightspeed_r.limits import Limits, allowance
from tests.sandbox.lightspeed_r.office import Office
from tests.sandbox.lightspeed_r.scopes import ALL
from tests.sandbox.lightspeed_r.tills import Till
from tests.sandbox.lightspeed_r.world import Account, Connection, World, only

_SALE_TREE: Json = {"SaleLines": {"Note": {}}, "SalePayments": {"PaymentType": {}}}
_SHOWN = {"customers": "Customer", "items": "Item", "shops": "Shop", "sales": "Sale", "taxes": "TaxCategory"}


class ControlRoutes:
    """Each call takes `?account_id=` (default: the first account). Answers are records as the API would show them."""

    def __init__(self, world: World, clock: Clock, keys: SigningKeys, limits: Limits, lock: Any) -> None:
        self.world, self.clock, self.keys, self.limits, self.lock = world, clock, keys, limits, lock

    def routes(self) -> list[ControlRoute]:
        """For the kit."""
        sales: list[ControlRoute] = [
            ("/sales", "POST", self._sell),
            *((f"/sales/<int:key>{rule}", method, self._sale(do)) for rule, method, do in _AT_THE_TILL),
            ("/sales/<int:key>/payments/<int:payment>", "DELETE", self._archive_payment),
            ("/reservations", "POST", self._reserve),
        ]
        office: list[ControlRoute] = [
            ("/<collection>/<int:key>", "GET", self._get),
            ("/<collection>", "POST", self._create),
            ("/<collection>/<int:key>", "PATCH", self._change),
            *((rule, method, self._office(do)) for rule, method, do in _IN_THE_OFFICE),
            ("/bulk", "POST", self._bulk),
            ("/bulk/changes", "POST", self._bulk_changes),
        ]
        access: list[ControlRoute] = [
            ("/tokens", "POST", self._issue_token),
            ("/tokens/expire", "POST", self._expire_tokens),
            ("/uninstall", "POST", self._uninstall),
            ("/employees/<int:key>", "PATCH", self._employee),
            ("/keys/rotate", "POST", self._rotate_keys),
            ("/limits", "POST", self._limits),
        ]
        return [*sales, *office, *access]

    def _sell(self) -> Response:
        """A sale; `"count": n` makes n alike and answers with their numbers."""
        given = json_object()
        count = given.pop("count", None)

        def do(account: Account) -> Json:
            if count is None:
                return self._shown_sale(account, self._till(account).sell(given))
            return {"saleIDs": [self._till(account).sell(given)["saleID"] for _ in range(count)]}

        return self._do(201, do)

    def _sale(self, do: Callable[[Till, Json, Json], Json]) -> Callable[..., Response]:
        def view(key: int) -> Response:
            given = json_object()

            def at_the_till(account: Account) -> Json:
                return self._shown_sale(account, do(self._till(account), account.find("Sale", key), given))

            return self._do(200, at_the_till)

        return view

    def _archive_payment(self, key: int, payment: int) -> Response:
        def do(account: Account) -> Json:
            sale = self._till(account).archive_payment(account.find("Sale", key), payment)
            return self._shown_sale(account, sale)

        return self._do(200, do)

    def _reserve(self) -> Response:
        given = json_object()
        return self._do(201, lambda account: render(account, "SaleLine", self._till(account).reserve(given), {}))

    def _get(self, collection: str, key: int) -> Response:
        entity = _entity(collection)
        return self._do(200, lambda account: self._shown(account, entity, account.find(entity, key)))

    def _create(self, collection: str) -> Response:
        given = json_object()
        return self._do(201, lambda account: self._made(account, collection, given))

    def _made(self, account: Account, collection: str, given: Json) -> Json:
        entity, record = self._office_of(account).create(collection, given)
        return self._shown(account, entity, record)

    def _change(self, collection: str, key: int) -> Response:
        entity, given = _entity(collection), json_object()

        def do(account: Account) -> Json:
            return self._shown(account, entity, self._office_of(account).change(entity, key, given))

        return self._do(200, do)

    def _office(self, do: Callable[[Office, int, Json], tuple[str, Json]]) -> Callable[..., Response]:
        def view(key: int) -> Response:
            given = json_object()
            return self._do(200, lambda account: self._shown(account, *do(self._office_of(account), key, given)))

        return view

    def _bulk(self) -> Response:
        """`{"items": 200000, "customers": 50000}`, at once and without memory."""
        given = json_object(frozenset({"items", "customers"}))

        def do(account: Account) -> Json:
            seeding.load(self.world, {"accounts": [{"id": account.id, "bulk": given}]}, self._now())
            return {name: len(account.tables[name]) for name in ("Item", "ItemShop", "Customer")}

        return self._do(201, do)

    def _bulk_changes(self) -> Response:
        known = {"items", "customers", "stock", "archived_items", "archived_customers", "seed"}
        given = json_object(frozenset(known))
        seed = given.pop("seed", 1)
        return self._do(200, lambda account: crowds.change(account, given, seed, self._now()))

    def _issue_token(self) -> Response:
        """A token answer without the consent page."""
        given = json_object(frozenset({"employeeID", "scope"}))

        def do(account: Account) -> Json:
            first = next(iter(account.tables["Employee"]))["employeeID"]
            scopes = tuple(given.get("scope", ALL).split())
            connection = Connection(account.id, int(given.get("employeeID") or first), scopes)
            return tokens.answer(self.world, self.keys, connection, self.clock.now())

        return self._do(201, do)

    def _expire_tokens(self) -> Response:
        """All access tokens are over now; refresh tokens still work."""
        with self.lock:
            for access in self.world.access.values():
                access.expires_at = self.clock.now()
            return json_reply(200, {"expired": len(self.world.access)})

    def _uninstall(self) -> Response:
        """The merchant removes the client in the settings: every token of the account is over. Nobody is told."""

        def do(account: Account) -> Json:
            gone = [one.connection for one in self.world.refresh.values() if one.connection.account == account.id]
            for connection in gone:
                tokens.disconnect(self.world, connection)
            return {"disconnected": len(gone)}

        return self._do(200, do)

    def _employee(self, key: int) -> Response:
        """`{"locked": true}` or `{"rights": [...]}`: what a token may do changes with its employee."""
        given = json_object(frozenset({"locked", "rights"}))

        def do(account: Account) -> Json:
            changed = account.find("Employee", key) | {f"_{name}": value for name, value in given.items()}
            account.put("Employee", changed)
            return {"employeeID": key, "locked": changed["_locked"], "rights": changed["_rights"]}

        return self._do(200, do)

    def _rotate_keys(self) -> Response:
        with self.lock:
            return json_reply(200, {"kid": self.keys.rotate()})

    def _limits(self) -> Response:
        """`registers` sets the allowance by the vendor's formula, the others by hand (null: the formula again)."""
        given = json_object(frozenset({"registers", "bucket_size", "drip_rate", "burst"}))

        def do(account: Account) -> Json:
            for name, value in given.items():
                setattr(account, name, value)
            size, drip, burst = allowance(account)
            return {"size": size, "drip": drip, "burst": burst}

        return self._do(200, do)

    def _do(self, status: int, do: Callable[[Account], Json]) -> Response:
        with self.lock:
            account = self.world.account(request.args.get("account_id", type=int))
            with account.all_or_nothing():
                return json_reply(status, do(account))

    def _till(self, account: Account) -> Till:
        return Till(account, self.world.settings, self._now())

    def _office_of(self, account: Account) -> Office:
        return Office(account, self._now())

    def _now(self) -> Any:
        return self.clock.now().replace(microsecond=0)

    def _shown_sale(self, account: Account, sale: Json) -> Json:
        return render(account, "Sale", sale, _SALE_TREE)

    def _shown(self, account: Account, entity: str, record: Json) -> Json:
        trees: dict[str, Json] = {"Sale": _SALE_TREE, "Item": {"ItemShops": {}}, "Customer": {"Contact": {}}}
        return render(account, entity, record, trees.get(entity, {}))


def _complete(till: Till, sale: Json, given: Json) -> Json:
    return till.complete(sale, only(given, ("completeTime",), "complete").get("completeTime"))


def _void(till: Till, sale: Json, given: Json) -> Json:
    only(given, ("reason", "employeeID"), "void")
    return till.void(sale, given.get("reason", ""), given.get("employeeID", 1))


def _archive(till: Till, sale: Json, given: Json) -> Json:
    return till.archive(sale, force=bool(only(given, ("force",), "archive").get("force")))


_AT_THE_TILL: list[tuple[str, str, Callable[[Till, Json, Json], Json]]] = [
    ("/complete", "POST", _complete),
    ("/refund", "POST", Till.refund),
    ("/exchange", "POST", Till.exchange),
    ("/payments", "POST", Till.add_payment),
    ("/void", "POST", _void),
    ("", "DELETE", _archive),
]
_IN_THE_OFFICE: list[tuple[str, str, Callable[[Office, int, Json], tuple[str, Json]]]] = [
    ("/items/<int:key>", "DELETE", lambda office, key, _given: office.archive("Item", key)),
    ("/customers/<int:key>", "DELETE", lambda office, key, _given: office.archive("Customer", key)),
    ("/customers/<int:key>/anonymise", "POST", lambda office, key, _given: office.anonymise(key)),
    ("/items/<int:key>/stock", "PUT", Office.count_stock),
]


def _entity(collection: str) -> str:
    if collection not in _SHOWN:
        raise ControlError(f"no such control call; records are under {', '.join(_SHOWN)}")
    return _SHOWN[collection]
