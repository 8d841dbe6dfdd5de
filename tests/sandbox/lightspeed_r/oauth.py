"""/auth/oauth/authorize, token, revoke, introspect, and the published keys."""

import base64
import hmac
import json
from urllib.parse import urlencode

from flask import Flask, redirect, render_template, request
from werkzeug.wrappers import Response

from tests.sandbox.kit import Clock, Json, Refused, json_reply, note_verdict
from tests.sandbox.lightspeed_r import tokens
from tests.sandbox.lightspeed_r.errors import oauth
from tests.sandbox.lightspeed_r.keys import SigningKeys
from tests.sandbox.lightspeed_r.scopes import KNOWN
from tests.sandbox.lightspeed_r.world import Connection, World

_METHODS = ("S256", "plain")
_MISSING = "The request is missing a required parameter, includes an invalid parameter value, or is malformed."


class OAuthRoutes:
    """Consent for a person in a browser, tokens for the client."""

    def __init__(self, world: World, clock: Clock, keys: SigningKeys) -> None:
        self.world, self.clock, self.keys = world, clock, keys

    def add_to(self, app: Flask) -> None:
        """Registers the routes; a wrong method on the token endpoints is a 405 in OAuth's form."""
        app.add_url_rule("/auth/oauth/authorize", view_func=self.show_consent, methods=["GET"])
        app.add_url_rule("/auth/oauth/authorize", view_func=self.decide, methods=["POST"])
        for rule, view in (("token", self.token), ("revoke", self.revoke)):
            app.add_url_rule(f"/auth/oauth/{rule}", view_func=view, methods=["POST", "GET", "PUT", "DELETE"])
        app.add_url_rule("/auth/oauth/introspect", view_func=self.introspect, methods=["GET"])
        app.add_url_rule("/.well-known/jwks", view_func=self.jwks, methods=["GET"])

    def show_consent(self) -> str:
        """The page with Authorize and Cancel. Errors before it are JSON, as the vendor's table has them."""
        scopes = self._check_request(request.args)
        if "redirect_uri" in request.args:
            note_verdict("answered; ignored redirect_uri: the address registered for the client is used")
        people = [
            {
                "id": f"{account.id}:{one['employeeID']}",
                "name": f"{one['firstName']} {one['lastName']}",
                "account": account,
            }
            for account in self.world.accounts.values()
            for one in account.tables["Employee"]
        ]
        return render_template(
            "consent.html", app=self.world.app, people=people, scopes=scopes, asked=dict(request.args.items())
        )

    def decide(self) -> Response:
        """Back to the client with a code, or with `error=access_denied`; the state comes back unchanged."""
        form = request.form
        scopes = self._check_request(form)
        state = {"state": form["state"]} if "state" in form else {}
        if form.get("decision") == "deny":
            return self._back({"error": "access_denied", **state})
        account, _, employee = form.get("who", "").partition(":")
        if form.get("decision") != "allow" or not account.isdigit() or not employee.isdigit():
            raise _page(400, "This form was not sent by our page", "Choose an employee, then Authorize or Cancel.")
        who = int(account), int(employee)
        self.world.account(who[0]).find("Employee", who[1])
        pkce = form.get("code_challenge"), form.get("code_challenge_method", "plain")
        return self._back({"code": tokens.new_code(self.world, who, scopes, pkce, self.clock.now()), **state})

    def token(self) -> Response:
        """Code or refresh token to a new pair."""
        given, now = self._body(), self.clock.now()
        self._check_client(given)
        kind, parent = given.get("grant_type"), None
        if kind == "authorization_code":
            connection = tokens.redeem(self.world, _wanted(given, "code"), given.get("code_verifier"), now)
        elif kind == "refresh_token":
            parent = _wanted(given, "refresh_token")
            connection = tokens.refresh(self.world, parent, now)
            self._check_scope(given, connection)
        else:
            raise oauth(400, "unsupported_grant_type", "The authorization grant type is not supported.")
        return json_reply(200, tokens.answer(self.world, self.keys, connection, now, parent))

    def revoke(self) -> Response:
        """With the latest refresh token: both tokens are over, the employee must consent again."""
        given = self._body()
        self._check_client(given)
        found = self.world.refresh.get(_wanted(given, "refresh_token"))
        if found is None:
            raise oauth(400, "invalid_grant", "The refresh token is invalid.", "Token has been revoked")
        tokens.disconnect(self.world, found.connection)
        return json_reply(200, {})

    def introspect(self) -> Response:
        """The claims of a valid access token; it counts as its first use like any other request."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        tokens.check_access(self.world, token if scheme.lower() == "bearer" else "", self.clock.now())
        part = token.split(".")[1]
        return json_reply(200, json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))

    def jwks(self) -> Response:
        """The public keys."""
        return json_reply(200, self.keys.jwks())

    def _back(self, given: dict[str, str]) -> Response:
        uri = self.world.app.redirect_uri
        return redirect(f"{uri}{'&' if '?' in uri else '?'}{urlencode(given)}")

    def _check_request(self, given: Json) -> tuple[str, ...]:
        app = self.world.app
        if given.get("client_id") != app.client_id:
            raise oauth(400, "invalid_client", "Client authentication failed", "no client has this client_id")
        if given.get("response_type") != "code":
            raise oauth(400, "invalid_request", _MISSING, "Check the `response_type` parameter")
        scopes = tuple(given.get("scope", "").split())
        if unknown := [scope for scope in scopes if scope not in KNOWN]:
            raise oauth(400, "invalid_scope", "The requested scope is invalid", f"Check the `{unknown[0]}` scope")
        if not scopes:
            raise oauth(400, "invalid_scope", "The requested scope is invalid", "Specify a scope in the request")
        challenge, method = given.get("code_challenge"), given.get("code_challenge_method", "plain")
        if (app.public and not challenge) or method not in _METHODS:
            raise oauth(400, "invalid_request", _MISSING, "Code challenge must be provided, by S256 or plain")
        return scopes

    def _body(self) -> dict[str, str]:
        if request.method != "POST":
            raise oauth(405, "invalid_request", "The request method must be POST when requesting an access token")
        if request.mimetype == "application/json":
            given = request.get_json(silent=True)
            if isinstance(given, dict) and all(isinstance(value, str) for value in given.values()):
                return given
            raise oauth(400, "invalid_request", _MISSING, "The body is not a JSON object of texts")
        allowed = {"multipart/form-data"}
        if self.world.settings.form_urlencoded_tokens:
            allowed.add("application/x-www-form-urlencoded")
        if request.mimetype not in allowed:
            raise oauth(
                400, "invalid_request", _MISSING, "Check the Content-Type: application/json or multipart/form-data"
            )
        return dict(request.form.items())

    def _check_client(self, given: dict[str, str]) -> None:
        app = self.world.app
        right = (app.client_id, "" if app.public else app.client_secret)
        shown = given.get("client_id", ""), "" if app.public else given.get("client_secret", "")
        if not all(hmac.compare_digest(a.encode(), b.encode()) for a, b in zip(shown, right, strict=True)):
            raise oauth(401, "invalid_client", "Client authentication failed")

    def _check_scope(self, given: dict[str, str], connection: Connection) -> None:
        asked = set(given.get("scope", "").split())
        if asked - set(connection.scopes):
            raise oauth(400, "invalid_scope", "The requested scope is invalid, unknown, or malformed")


def _wanted(given: dict[str, str], name: str) -> str:
    if not given.get(name):
        raise oauth(400, "invalid_request", _MISSING, f"Check the `{name}` parameter")
    return given[name]


def _page(status: int, title: str, text: str) -> Refused:
    return Refused(status, render_template("refusal.html", title=title, text=text), f"{title}: {text}")
