"""The operator's pages under /console: sign in with the operator token, see merchants and what is held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from taxpoynt.errors import BadInput, NotFound
from taxpoynt.portal import cookies, forms
from taxpoynt.portal.needs import ApiDesk, AttentionDesk, HeldSales, MerchantDesk, OperatorDoor
from taxpoynt.portal.pages import asset, message, page, redirect
from taxpoynt.portal.router import Route, dispatch
from taxpoynt.web import Request, Response

MERCHANTS = 25
"""Merchants on one page of what is held: each is a read of its own."""


@dataclass(frozen=True, slots=True)
class ConsolePages:
    """Reads only; changes go through the API."""

    desk: MerchantDesk
    api: ApiDesk
    attention: AttentionDesk
    door: OperatorDoor
    public_url: str

    def __call__(self, request: Request) -> Response:
        """The sign-in form for everybody but operators."""
        if found := asset(request.path):
            return found
        session = self.door.read(cookies.read(request, self.public_url))
        if session is None or session.merchant != "operator":
            return self._sign_in(request)
        try:
            return dispatch(self._routes(), request, _missing())
        except NotFound:
            return _missing()

    def _sign_in(self, request: Request) -> Response:
        if request.method != "POST":
            return page("sign_in", wrong=False)
        try:
            token = forms.fields(request).get("token", "")
        except BadInput:
            token = ""
        if not self.api.allowed(token):
            return page("sign_in", wrong=True, status=401)
        session = self.door.open("operator")
        return redirect("/console", cookies=(cookies.write(session.secret, self.public_url),))

    def _routes(self) -> list[Route]:
        return [
            ("GET", "/console", lambda request, _: self._merchants(request)),
            ("GET", "/console/attention", lambda request, _: self._attention(request)),
            ("GET", "/console/merchants/{merchant}", lambda request, at: self._merchant(request, at["merchant"])),
            ("GET", "/console/merchants/{merchant}/{connector}/{sale}", lambda _, at: self._sale(at)),
        ]

    def _merchants(self, request: Request) -> Response:
        merchants, cursor = self.api.list_merchants(limit=50, cursor=request.query.get("cursor"))
        return page("console_merchants", merchants=merchants, cursor=cursor)

    def _attention(self, request: Request) -> Response:
        """What is held, merchant by merchant, those with the most urgent sale first."""
        merchants, cursor = self.api.list_merchants(limit=MERCHANTS, cursor=request.query.get("cursor"))
        held = [(one, self.attention.held(one.merchant)) for one in merchants]
        found = sorted((pair for pair in held if pair[1].records), key=lambda pair: _first_due(pair[1]))
        return page("console_attention", found=found, cursor=cursor)

    def _merchant(self, request: Request, merchant: str) -> Response:
        stored = self.desk.merchant(merchant)
        records, cursor = self.desk.invoices(merchant, cursor=request.query.get("cursor"))
        return page("console_merchant", stored=stored, links=self.desk.links(merchant), records=records, cursor=cursor)

    def _sale(self, at: Mapping[str, str]) -> Response:
        which = at["merchant"], at["connector"], at["sale"]
        return page("console_sale", shown=self.attention.show(*which), title=at["connector"].title())


def _first_due(held: HeldSales) -> datetime:
    return held.records[0].clock.due_at


def _missing() -> Response:
    return message("Not found", "There is no such page.", status=404)
