"""Pipedrive's own control routes: edits people would make in its pages, uninstalling, limits, ready-made tokens."""

import base64
from collections.abc import Callable
from typing import Any

import requests
from flask import request
from werkzeug.wrappers import Response

from tests.sandbox.kit import Clock, ControlError, ControlRoute, Json, json_object, json_reply
from tests.sandbox.pipedrive import tokens
from tests.sandbox.pipedrive.edits import Editor
from tests.sandbox.pipedrive.events import Announcer
from tests.sandbox.pipedrive.hooks import WebhookStore
from tests.sandbox.pipedrive.times import v1_time, v2_time
from tests.sandbox.pipedrive.world import Company, World

_COLLECTIONS = {"deals": "deal", "organizations": "organization", "persons": "person", "products": "product"}
UNINSTALL_SECONDS = 10


class ControlRoutes:
    """Each edit takes `?company_id=` (default: the first), `?user_id=` (who does it), `?silent=1` (no webhooks)."""

    def __init__(self, world: World, clock: Clock, announcer: Announcer, hooks: WebhookStore, lock: Any) -> None:
        self.world, self.clock, self.announcer, self.hooks, self.lock = world, clock, announcer, hooks, lock

    def routes(self) -> list[ControlRoute]:
        """For the kit."""
        edits: list[ControlRoute] = [
            ("/<collection>", "POST", self._create),
            ("/<collection>/<int:record_id>", "GET", self._get),
            ("/<collection>/<int:record_id>", "PATCH", self._change),
            ("/<collection>/<int:record_id>", "DELETE", self._delete),
            ("/<collection>/<int:record_id>/merge", "POST", self._merge),
            ("/deals/<int:deal_id>/products", "PUT", self._set_lines),
            ("/deals/<int:deal_id>/products", "POST", self._add_line),
            ("/deals/<int:deal_id>/products/<int:line_id>", "PATCH", self._change_line),
            ("/deals/<int:deal_id>/products/<int:line_id>", "DELETE", self._remove_line),
            ("/deals/<int:deal_id>/discounts", "PUT", self._set_discounts),
        ]
        return [
            *edits,
            ("/uninstall", "POST", self._uninstall),
            ("/limits", "POST", self._limits),
            ("/tokens", "POST", self._issue_token),
            ("/tokens/expire", "POST", self._expire_tokens),
        ]

    def _create(self, collection: str) -> Response:
        entity, given = _entity(collection), json_object()
        copied = given.pop("copy_of", None)
        if copied is not None and entity != "deal":
            raise ControlError('only deals can be made with "copy_of"')
        return self._edit(
            201, lambda editor: editor.copy_deal(copied, given) if copied is not None else editor.create(entity, given)
        )

    def _get(self, collection: str, record_id: int) -> Response:
        return self._edit(200, lambda editor: editor.record(_entity(collection), record_id))

    def _change(self, collection: str, record_id: int) -> Response:
        patch = json_object()
        return self._edit(200, lambda editor: editor.change(_entity(collection), record_id, patch))

    def _delete(self, collection: str, record_id: int) -> Response:
        def delete(editor: Editor) -> Json:
            editor.delete(_entity(collection), record_id)
            return editor.record(_entity(collection), record_id)

        return self._edit(200, delete)

    def _merge(self, collection: str, record_id: int) -> Response:
        into = json_object(frozenset({"into"})).get("into")
        if not isinstance(into, int):
            raise ControlError('"into" must be the id of the record that stays')
        return self._edit(200, lambda editor: editor.merge(_entity(collection), record_id, into))

    def _set_lines(self, deal_id: int) -> Response:
        lines = _list("products")
        return self._edit(200, lambda editor: editor.set_lines(deal_id, lines))

    def _add_line(self, deal_id: int) -> Response:
        line = json_object()
        return self._edit(201, lambda editor: editor.set_lines(deal_id, [*editor.company.lines[deal_id], line]))

    def _change_line(self, deal_id: int, line_id: int) -> Response:
        patch = json_object()
        return self._edit(200, lambda editor: editor.change_line(deal_id, line_id, patch))

    def _remove_line(self, deal_id: int, line_id: int) -> Response:
        def remove(editor: Editor) -> Json:
            kept = [line for line in editor.company.lines[deal_id] if line["id"] != line_id]
            return editor.set_lines(deal_id, kept)

        return self._edit(200, remove)

    def _set_discounts(self, deal_id: int) -> Response:
        discounts = _list("discounts")
        return self._edit(200, lambda editor: editor.set_discounts(deal_id, discounts))

    def _edit(self, status: int, do: Callable[[Editor], Json]) -> Response:
        with self.lock:
            announcer = None if request.args.get("silent") in {"1", "true"} else self.announcer
            user = request.args.get("user_id", type=int)
            company = self._company(request.args.get("company_id", type=int))
            if user is not None and user not in company.users:
                raise ControlError(f"company {company.id} has no user {user}")
            record = do(Editor(company, self.clock.now(), announcer, user))
            parts = {}
            if "currency" in record:
                parts = {"products": company.lines[record["id"]], "discounts": company.discounts[record["id"]]}
            return json_reply(status, {**record, **parts})

    def _company(self, company_id: int | None) -> Company:
        return self.world.company(company_id)

    def _uninstall(self) -> Response:
        """Tokens dead, webhooks gone, then the DELETE with a body to the callback; its answer changes nothing."""
        given = json_object(frozenset({"company_id", "user_id"}))
        with self.lock:
            company = self._company(given.get("company_id"))
            user: int = company.user(given.get("user_id"))["id"]
            tokens.remove_app(self.world, company, given.get("user_id"))
            self.hooks.remove_of_app(company, given.get("user_id"))
            app = self.world.app
            moment = v1_time(v2_time(self.clock.now()))
        notice = {"client_id": app.client_id, "company_id": company.id, "user_id": user, "timestamp": moment}
        pair = base64.b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode()
        status, error = _tell(app.redirect_uri, notice, {"Authorization": f"Basic {pair}"})
        return json_reply(200, {"told": app.redirect_uri, "answer": status, "error": error})

    def _limits(self) -> Response:
        """Sets `burst` and `daily_tokens` of a company's plan."""
        given = json_object(frozenset({"company_id", "burst", "daily_tokens", "has_installments"}))
        with self.lock:
            company = self._company(given.pop("company_id", None))
            for key, value in given.items():
                setattr(company, key, value)
            shown = {key: getattr(company, key) for key in ("burst", "daily_tokens", "has_installments")}
        return json_reply(200, shown)

    def _issue_token(self) -> Response:
        """A token answer without the consent page, for load tests."""
        given = json_object(frozenset({"company_id", "user_id"}))
        with self.lock:
            company, now = self._company(given.get("company_id")), self.clock.now()
            refresh_token = tokens.grant(self.world, company.id, company.user(given.get("user_id"))["id"], now)
            answer = tokens.token_answer(self.world, refresh_token, request.host_url.rstrip("/"), now)
        return json_reply(201, answer)

    def _expire_tokens(self) -> Response:
        """All access tokens are over now; refresh tokens still work."""
        with self.lock:
            for access in self.world.access.values():
                access.expires_at = self.clock.now()
            return json_reply(200, {"expired": len(self.world.access)})


def _tell(url: str, notice: Json, headers: dict[str, str]) -> tuple[int | None, str | None]:
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.delete(url, json=notice, headers=headers, timeout=UNINSTALL_SECONDS, allow_redirects=False)
        except requests.RequestException as error:
            return None, type(error).__name__
        return answer.status_code, None


def _entity(collection: str) -> str:
    if collection not in _COLLECTIONS:
        raise ControlError(f"no such control call; records are under {', '.join(_COLLECTIONS)}")
    return _COLLECTIONS[collection]


def _list(key: str) -> list[Json]:
    given = json_object(frozenset({key})).get(key)
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise ControlError(f'"{key}" must be a list of objects')
    return given
