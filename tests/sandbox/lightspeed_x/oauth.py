"""/connect for a person in a browser, /api/1.0/token for the app."""

import hmac
from urllib.parse import urlencode

from flask import Flask, redirect, render_template, request
from werkzeug.wrappers import Response

from tests.sandbox.kit import Clock, Json, Refused, json_reply
from tests.sandbox.lightspeed_x import tokens
from tests.sandbox.lightspeed_x.errors import oauth
from tests.sandbox.lightspeed_x.limits import Limits
from tests.sandbox.lightspeed_x.world import SCOPES, World

SHORTEST_STATE = 8


class OAuthRoutes:
    """The token endpoint is on the store's own host in reality; here every store has the same origin."""

    def __init__(self, world: World, clock: Clock, limits: Limits) -> None:
        self.world, self.clock, self.limits = world, clock, limits

    def add_to(self, app: Flask) -> None:
        """Registers the routes."""
        app.add_url_rule("/connect", view_func=self.show_consent, methods=["GET"])
        app.add_url_rule("/connect", view_func=self.decide, methods=["POST"])
        app.add_url_rule("/api/1.0/token", view_func=self.token, methods=["POST"])

    def show_consent(self) -> str:
        """The page with Allow access and Deny."""
        scopes = self._check_request(request.args)
        people = [
            {"id": f"{store.domain_prefix}|{one['id']}", "name": one["display_name"], "store": store}
            for store in self.world.retailers.values()
            for one in store.tables["users"].kept.values()
        ]
        asked = dict(request.args.items())
        return render_template("consent.html", app=self.world.app, people=people, scopes=scopes, asked=asked)

    def decide(self) -> Response:
        """Back to the app with code, domain_prefix, user_id, state and scope, or with `error=access_denied`."""
        form = request.form
        scopes = self._check_request(form)
        if form.get("decision") == "deny":
            return self._back({"error": "access_denied", "state": form["state"]})
        prefix, _, user = form.get("who", "").partition("|")
        if form.get("decision") != "allow" or prefix not in self.world.retailers:
            raise _page("This form was not sent by our page", "Choose a user, then Allow access or Deny.")
        self.world.retailer(prefix).find("users", user)
        code = tokens.new_code(self.world, prefix, user, scopes, self.clock.now())
        answer = {"code": code, "domain_prefix": prefix, "user_id": user, "state": form["state"]}
        return self._back(answer | {"scope": " ".join(scopes)})

    def token(self) -> Response:
        """Form-urlencoded only: code or refresh token to a new pair."""
        now = self.clock.now()
        headers = self.limits.admit_token_call(now)
        if request.mimetype != "application/x-www-form-urlencoded":
            raise oauth("invalid_request", "The body must be application/x-www-form-urlencoded")
        form, app = request.form, self.world.app
        shown = _wanted(form, "client_id"), _wanted(form, "client_secret")
        right = app.client_id, app.client_secret
        if not all(hmac.compare_digest(a.encode(), b.encode()) for a, b in zip(shown, right, strict=True)):
            raise oauth("invalid_client", "Client authentication failed")
        kind = _wanted(form, "grant_type")
        if kind == "authorization_code":
            answer = tokens.redeem(self.world, _wanted(form, "code"), _wanted(form, "redirect_uri"), now)
        elif kind == "refresh_token":
            answer = tokens.refresh(self.world, _wanted(form, "refresh_token"), now)
        else:
            raise oauth("unsupported_grant_type", "The grant type is not supported")
        return json_reply(200, answer, headers)

    def _check_request(self, given: Json) -> tuple[str, ...]:
        app = self.world.app
        if given.get("response_type") != "code" or given.get("client_id") != app.client_id:
            raise _page("Unknown application", "response_type must be code, and client_id that of a known application.")
        if given.get("redirect_uri") != app.redirect_uri:
            raise _page("Wrong redirect address", "The redirect_uri is not the one registered for this application.")
        if len(given.get("state", "")) < SHORTEST_STATE:
            raise _page("No state", f"The state parameter is required and has at least {SHORTEST_STATE} characters.")
        scopes = tuple(given.get("scope", "").split())
        if not scopes or not set(scopes) <= set(SCOPES):
            raise _page("Wrong scope", "The scope parameter names no scope, or one that does not exist.")
        return scopes

    def _back(self, given: dict[str, str]) -> Response:
        uri = self.world.app.redirect_uri
        return redirect(f"{uri}{'&' if '?' in uri else '?'}{urlencode(given)}")


def _wanted(form: Json, name: str) -> str:
    value = form.get(name)
    if not value:
        raise oauth("invalid_request", f"{name} is missing")
    return str(value)


def _page(title: str, text: str) -> Refused:
    return Refused(400, render_template("refusal.html", title=title, text=text), f"{title}: {text}")
