"""/API/V3: the gate in front of every call (token, limits, scope), and reading."""

from collections.abc import Callable

from flask import Flask, request
from werkzeug.wrappers import Response

from tests.sandbox.kit import Clock, Json, Refused, json_reply, note_verdict
from tests.sandbox.lightspeed_r import paging, query, tokens
from tests.sandbox.lightspeed_r.entities import SORTABLE, render
from tests.sandbox.lightspeed_r.errors import api, body, unauthorized
from tests.sandbox.lightspeed_r.limits import Limits
from tests.sandbox.lightspeed_r.markup import to_xml
from tests.sandbox.lightspeed_r.scopes import RIGHTS, granted, may_read
from tests.sandbox.lightspeed_r.values import text
from tests.sandbox.lightspeed_r.world import Account, Connection, World

_RESERVED_WRITES = {"POST", "PUT", "PATCH", "DELETE"}


class ApiRoutes:
    """Reads only: what an integration of ours must never do is answered with 405 (the real service would do it)."""

    def __init__(self, world: World, clock: Clock, limits: Limits) -> None:
        self.world, self.clock, self.limits = world, clock, limits

    def add_to(self, app: Flask) -> None:
        """Registers the routes."""
        every = ["GET", *sorted(_RESERVED_WRITES)]
        for rule in ("/API/V3/Account<extension>", "/API/V3/Session<extension>", "/API/Session<extension>"):
            view = self.session if "Session" in rule else self.accounts
            app.add_url_rule(rule.replace("<extension>", ""), f"{rule} xml", view, methods=every)
            app.add_url_rule(rule.replace("<extension>", ".<string:_form>"), rule, view, methods=every)
        app.add_url_rule("/API/V3/Account/<path:path>", view_func=self.below_account, methods=every)

    def accounts(self, _form: str = "") -> Response:
        """The one account of the token."""

        def answer(account: Account) -> Json:
            link = {"@attributes": {"href": f"/API/V3/Account/{account.id}"}}
            one = {"accountID": str(account.id), "name": account.name, "link": link}
            return {"@attributes": {"count": "1"}, "Account": one}

        return self._answer("Account", lambda _connection: (1.0, answer))

    def session(self, _form: str = "") -> Response:
        """The employee behind the token, the rights, the number of shops; no wrapping element."""

        def plan(connection: Connection) -> tuple[float, Callable[[Account], Json]]:
            return 1.0, lambda account: _session(self.world, account, connection)

        return self._answer("Session", plan)

    def below_account(self, path: str) -> Response:
        """`{accountID}`, `{accountID}/{Entity}`, `{accountID}/{Entity}/{key}`, each with or without `.json`."""
        whole, _, _form = path.partition(".")
        account_id, *rest = whole.split("/")
        entity = rest[0] if rest else "Account"

        def plan(connection: Connection) -> tuple[float, Callable[[Account], Json]]:
            if account_id != str(connection.account):
                raise api(403, "The access token is not for this account")
            return self._plan(entity, rest[1:], bool(rest), connection)

        return self._answer(entity, plan)

    def _plan(
        self, entity: str, rest: list[str], below: bool, connection: Connection
    ) -> tuple[float, Callable[[Account], Json]]:
        given = {name: request.args[name] for name in request.args}
        if not below:
            return 1.0, _account
        if entity not in SORTABLE or len(rest) > 1 or (rest and not rest[0].isdigit()):
            raise api(404, f"No such endpoint: {request.path}")
        if not may_read(self.world, connection, entity):
            raise api(
                403, "You do not have permission to access this endpoint", f"the token's scope does not open {entity}"
            )
        unmasked = "customers_view_gift_card_numbers" in granted(self.world, connection)
        if rest:
            single = query.parse_single(entity, given)
            return single.cost, lambda account: _single(account, single, int(rest[0]), unmasked=unmasked)
        asked = query.parse(entity, given, self.world.settings)
        return asked.cost, lambda account: self._list(account, asked, given, unmasked=unmasked)

    def _list(self, account: Account, asked: query.Query, given: dict[str, str], *, unmasked: bool) -> Json:
        if asked.entity == "CreditAccount" and any(one.name == "code" for one in asked.filters):
            if any(one.operator != "=" for one in asked.filters):
                raise api(400, "Only the equals operator can be used to look up gift cards")
            self.limits.check_lookup(account, self.clock.now())
        if asked.count:
            return {"@attributes": {"count": str(paging.count(account, asked))}}
        url = request.host_url.rstrip("/") + request.path
        found, links = paging.page(account, asked, url, given)
        shown = [_shown(account, asked, record, unmasked=unmasked) for record in found]
        # one record is an object, none leaves only the attributes
        return {"@attributes": links} | ({asked.entity: shown[0] if len(shown) == 1 else shown} if shown else {})

    def _answer(self, entity: str, plan: Callable[[Connection], tuple[float, Callable[[Account], Json]]]) -> Response:
        headers: dict[str, str] = {}
        status, because = 200, ""
        try:
            connection = tokens.check_access(self.world, _bearer(), self.clock.now())
            account = self.world.account(connection.account)
            cost, answer, late = 1.0, None, None
            try:
                cost, answer = plan(connection)
            except Refused as refused:
                late = refused  # it is counted all the same
            headers = self.limits.admit(account, self.world.app, cost, self.clock.now())
            if late or answer is None:
                raise late or api(404, "Not found")
            if request.method in _RESERVED_WRITES:
                raise api(405, f"{request.method} is not allowed", "this stand-in is only read")
            content = answer(account)
        except Refused as refused:
            status, content, because = refused.status, refused.body, refused.because
            headers |= refused.headers
        if because:
            note_verdict(f"refused because {because}")
        return _reply(status, content, entity, headers)


def _single(account: Account, asked: query.Query, key: int, *, unmasked: bool) -> Json:
    record = account.tables[asked.entity].get(key)
    if record is None:
        raise api(404, f"{asked.entity} {key} not found")
    shown = _shown(account, asked, record, unmasked=unmasked)
    if "updatetime" in shown:  # spelled in another way when a sale is read on its own
        shown = {"updateTime" if name == "updatetime" else name: value for name, value in shown.items()}
    return {"@attributes": {"count": "1"}, asked.entity: shown}


def _shown(account: Account, asked: query.Query, record: Json, *, unmasked: bool) -> Json:
    shown = render(account, asked.entity, record, asked.tree)
    if asked.entity == "CreditAccount" and not unmasked and shown["code"]:
        shown["code"] = "*" * max(0, len(shown["code"]) - 4) + shown["code"][-4:]
    return shown


def _account(account: Account) -> Json:
    """Alone in having no wrapping element; the only place with the currency."""
    currency = {"code": account.currency, "symbol": account.symbol}
    return {
        "@attributes": {"systemCustomerID": str(account.id)},
        "status": "customer",
        "name": account.name,
        "employeeCount": str(len(account.tables["Employee"])),
        "employeeLimit": "30",
        "uniqueSubscriptionIdentifier": f"LS{account.id:06}",
        "defaultCurrency": currency,
        "purchasingCurrencies": {"purchasingCurrency": currency | {"rate": "1"}},
    }


def _session(world: World, account: Account, connection: Connection) -> Json:
    one = account.find("Employee", connection.employee)
    who = {"employeeID": one["employeeID"], "firstName": one["firstName"], "lastName": one["lastName"]}
    who |= {"singleShop": False, "hasPin": True, "isCheckedIn": False}
    rights = {right: right in one["_rights"] for right in RIGHTS}
    return {
        "sessionID": "",
        "sessionCookie": "PHPSESSID=; path=/",
        "employeeID": str(one["employeeID"]),
        "systemCustomerID": str(account.id),
        "systemUserID": str(one["_user"]),
        "systemAPIClientID": str(world.app.number),
        "systemAPIKeyID": "1",
        "ecomUrl": "",
        "shopCount": str(len(account.tables["Shop"])),
        "Employee": {name: text(value) for name, value in who.items()},
        "Rights": {name: text(value) for name, value in rights.items()},
    }


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized("Access token could not be verified", "there is no Bearer token in the Authorization header")
    return token


def _reply(status: int, content: Json, entity: str, headers: dict[str, str]) -> Response:
    """The Accept header wins over the extension; without either it is XML."""
    accepted = request.headers.get("Accept", "")
    if "json" in accepted or ("xml" not in accepted and request.path.endswith(".json")):
        return json_reply(status, content, headers)
    return Response(to_xml(content, entity), status, headers, content_type="application/xml; charset=utf-8")


def error_reply(status: int, message: str) -> Response:
    """For what never reached a route."""
    return _reply(status, body(status, message), "Error", {})
