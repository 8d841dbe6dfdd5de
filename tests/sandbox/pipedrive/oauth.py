"""/oauth/authorize, /oauth/token, /oauth/revoke."""

import base64
import binascii
import hmac
from urllib.parse import urlencode

from flask import Flask, redirect, render_template, request
from werkzeug.wrappers import Response

from tests.sandbox.kit import Clock, Json, Refused, json_reply, note_verdict
from tests.sandbox.pipedrive import tokens
from tests.sandbox.pipedrive.errors import oauth
from tests.sandbox.pipedrive.hooks import WebhookStore
from tests.sandbox.pipedrive.world import World

_KNOWN = {"client_id", "redirect_uri", "state"}


class OAuthRoutes:
    """Consent for a person in a browser, tokens for the app."""

    def __init__(self, world: World, clock: Clock, hooks: WebhookStore) -> None:
        self.world, self.clock, self.hooks = world, clock, hooks

    def add_to(self, app: Flask) -> None:
        """Registers the routes."""
        app.add_url_rule("/oauth/authorize", view_func=self.show_consent, methods=["GET"])
        app.add_url_rule("/oauth/authorize", view_func=self.decide, methods=["POST"])
        app.add_url_rule("/oauth/token", view_func=self.token, methods=["POST"])
        app.add_url_rule("/oauth/revoke", view_func=self.revoke, methods=["POST"])

    def show_consent(self) -> str:
        """The page with Allow and Deny. `scope` and PKCE parameters are ignored: Pipedrive has neither."""
        self._check_app(request.args)
        if ignored := sorted(set(request.args) - _KNOWN - {"response_type"}):
            note_verdict(f"answered; ignored the parameters {', '.join(ignored)}, which Pipedrive does not know")
        users = [
            {**user, "id": f"{company.id}:{user['id']}", "company": company.name}
            for company in self.world.companies.values()
            for user in sorted(company.users.values(), key=lambda user: not user["is_admin"])
        ]
        scopes = [scope for scope in self.world.app.scopes if scope != "base"]
        return render_template(
            "consent.html", app=self.world.app, users=users, scopes=scopes, state=request.args.get("state")
        )

    def decide(self) -> Response:
        """Back to the app with a code, or with `error=user_denied`; never both."""
        form = request.form
        self._check_app(form)
        answer = {"state": form["state"]} if form.get("state") else {}
        if form.get("decision") == "deny":
            answer = answer if self.world.state_on_refusal else {}
            return self._back({"error": "user_denied", **answer})
        company, _, user = form.get("user", "").partition(":")
        known = company.isdigit() and user.isdigit() and int(company) in self.world.companies
        if form.get("decision") != "allow" or not known or int(user) not in self.world.company(int(company)).users:
            raise _page(400, "This form was not sent by our page", "Choose a user, then Allow or Deny.")
        uri = self.world.app.redirect_uri
        code = tokens.new_code(self.world, int(company), int(user), uri, self.clock.now())
        return self._back({"code": code, **answer})

    def token(self) -> Response:
        """Code or refresh token to access token."""
        self._check_form()
        self._check_client()
        form, now = request.form, self.clock.now()
        kind = _wanted(form.get("grant_type"), "grant_type")
        if kind == "authorization_code":
            code = _wanted(form.get("code"), "code")
            refresh_token = tokens.redeem(self.world, code, form.get("redirect_uri"), now)
        elif kind == "refresh_token":
            refresh_token = _wanted(form.get("refresh_token"), "refresh_token")
            tokens.check_refresh(self.world, refresh_token, now)
        else:
            raise oauth(400, "unsupported_grant_type", "Unsupported grant type: `grant_type` is invalid")
        return json_reply(200, tokens.token_answer(self.world, refresh_token, request.host_url.rstrip("/"), now))

    def revoke(self) -> Response:
        """200 for unknown tokens too. Revoking a refresh token uninstalls: that user's webhooks go with it."""
        self._check_form()
        self._check_client()
        token = _wanted(request.form.get("token"), "token")
        if request.form.get("token_type_hint", "access_token") not in {"access_token", "refresh_token"}:
            raise oauth(400, "unsupported_token_type", "Unsupported token type: `token_type_hint` is invalid")
        gone = tokens.revoke(self.world, token)
        if gone:
            self.hooks.remove_of_app(self.world.company(gone.company), gone.user)
        return json_reply(200, {"success": True})

    def _back(self, answer: dict[str, str]) -> Response:
        uri = self.world.app.redirect_uri
        return redirect(f"{uri}{'&' if '?' in uri else '?'}{urlencode(answer)}")

    def _check_app(self, given: Json) -> None:
        app = self.world.app
        if given.get("client_id") != app.client_id:
            raise _page(400, "Unknown app", "No app with this client_id is registered.")
        if given.get("redirect_uri") != app.redirect_uri:
            text = "The redirect_uri is not the callback address registered for this app. It must match exactly."
            raise _page(400, "Wrong callback address", text)

    def _check_form(self) -> None:
        if request.mimetype != "application/x-www-form-urlencoded":
            text = "Invalid request: content must be application/x-www-form-urlencoded"
            raise oauth(400, "invalid_request", text)

    def _check_client(self) -> None:
        """HTTP Basic; the pair in the body is accepted, though the vendor advises against it."""
        pair = _basic(request.headers.get("Authorization", ""))
        in_body = request.form.get("client_id"), request.form.get("client_secret")
        if pair is None and None not in in_body:
            note_verdict("answered; the vendor advises against client credentials in the body")
            pair = (str(in_body[0]), str(in_body[1]))
        if pair is None:
            raise oauth(400, "invalid_client", "Invalid client: cannot retrieve client credentials")
        app = self.world.app
        right = (app.client_id, app.client_secret)
        if not all(hmac.compare_digest(a.encode(), b.encode()) for a, b in zip(pair, right, strict=True)):
            raise oauth(401, "invalid_client", "Invalid client: client is invalid")


def _wanted(value: str | None, name: str) -> str:
    if not value:
        raise oauth(400, "invalid_request", f"Missing parameter: `{name}`")
    return value


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user, password


def _page(status: int, title: str, text: str) -> Refused:
    return Refused(status, render_template("refusal.html", title=title, text=text), f"{title}: {text}")
