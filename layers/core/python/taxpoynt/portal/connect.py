"""The merchant's pages under /connect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from taxpoynt.domain.status import SaleState
from taxpoynt.errors import BadInput, NotFound, Rejected, StoreConflict
from taxpoynt.portal import cookies, forms
from taxpoynt.portal.needs import Doorkeeper, MerchantDesk, Signed
from taxpoynt.portal.pages import asset, message, page, redirect
from taxpoynt.portal.router import Route, dispatch
from taxpoynt.web import Request, Response


@dataclass(frozen=True, slots=True)
class ConnectPages:
    """A request in, a page out. `platforms`: (connector, title, why each right is asked for)."""

    desk: MerchantDesk
    door: Doorkeeper
    platforms: Sequence[tuple[str, str, Sequence[str]]]
    public_url: str

    def __call__(self, request: Request) -> Response:
        """Pages that need nobody signed in first; everything else asks for a session."""
        if found := asset(request.path):
            return found
        if request.path.startswith("/connect/link/"):
            return self._link(request, request.path.rsplit("/", 1)[1])
        session = self.door.read(cookies.read(request, self.public_url))
        if session is None or not session.merchant.startswith("m_"):
            return message("Please use your connect link", _NEED_LINK, status=401)
        return self._signed_in(request, session)

    def _link(self, request: Request, secret: str) -> Response:
        """Looking at a link changes nothing, so that a mail scanner cannot use it up; the button does."""
        owner = self.door.link_owner(secret)
        if owner is None:
            return message("This link no longer works", _NEED_LINK, status=410)
        if request.method != "POST":
            return page("link", name=self.desk.merchant(owner).profile.name or "your business")
        session = self.door.open_link(secret)
        if session is None:
            return message("This link no longer works", _NEED_LINK, status=410)
        return redirect("/connect", cookies=(cookies.write(session.secret, self.public_url),))

    def _signed_in(self, request: Request, session: Signed) -> Response:
        form: dict[str, str] = {}
        try:
            if request.method == "POST":
                form = forms.fields(request)
                if not session.made(form.get("csrf", "")):
                    return message("Please try again", "This form was not made by your session.", status=403)
            return dispatch(self._routes(session, form), request, _missing())
        except NotFound:
            return _missing()
        except BadInput as problem:
            return message("Something does not fit", str(problem), status=400)
        except StoreConflict:
            return message("Changed meanwhile", "Somebody else saved first. Open the page again.", status=409)
        except Rejected as problem:
            return message("Not possible", str(problem), status=409)

    def _routes(self, session: Signed, form: Mapping[str, str]) -> list[Route]:
        who = session.merchant
        return [
            ("GET", "/connect", lambda _, __: self._overview(session)),
            ("GET", "/connect/profile", lambda _, __: self._profile(session)),
            ("POST", "/connect/profile", lambda _, __: self._save(session, form)),
            ("GET", "/connect/confirm/{connection}", lambda _, at: self._confirm_page(session, at["connection"])),
            ("POST", "/connect/confirm/{connection}", lambda _, at: self._confirm(who, at["connection"])),
            ("POST", "/connect/disconnect/{connection}", lambda _, at: self._disconnect(who, at["connection"])),
            ("GET", "/connect/invoices", lambda request, __: self._invoices(session, request)),
            ("GET", "/connect/invoices/{connector}/{sale}/pdf", lambda _, at: self._pdf(who, at)),
        ]

    def _overview(self, session: Signed) -> Response:
        who = session.merchant
        held, _ = self.desk.invoices(who, limit=20, state=SaleState.NEEDS_ATTENTION)
        profile = self.desk.merchant(who).profile
        links = self.desk.links(who)
        missing = [label for name, label in _NEEDED if not getattr(profile, name)]
        return page(
            "overview",
            session=session,
            merchant=profile,
            missing=missing,
            platforms=self.platforms,
            links=links,
            connected={link.connector for link in links},
            held=held,
        )

    def _profile(self, session: Signed) -> Response:
        stored = self.desk.merchant(session.merchant)
        profile = stored.profile.model_dump(mode="json")
        return page("profile", session=session, profile=profile, version=stored.version)

    def _save(self, session: Signed, form: Mapping[str, str]) -> Response:
        before = self.desk.merchant(session.merchant).profile.model_dump(mode="json")
        version = form.get("version", "")
        if not version.isdecimal():
            raise BadInput("the form is incomplete; open the page again")
        self.desk.save_profile(session.merchant, forms.profile_of(form, before), version=int(version))
        return redirect("/connect")

    def _confirm_page(self, session: Signed, connection: str) -> Response:
        found = next((one for one in self.desk.links(session.merchant) if one.connection == connection), None)
        if found is None:
            raise NotFound(connection)
        merchant = self.desk.merchant(session.merchant).profile
        title = next((title for name, title, _ in self.platforms if name == found.connector), found.connector)
        return page("confirm", session=session, link=found, merchant=merchant, title=title)

    def _confirm(self, merchant: str, connection: str) -> Response:
        self.desk.confirm(merchant, connection)
        return redirect("/connect")

    def _disconnect(self, merchant: str, connection: str) -> Response:
        self.desk.disconnect(merchant, connection)
        return redirect("/connect")

    def _invoices(self, session: Signed, request: Request) -> Response:
        records, cursor = self.desk.invoices(session.merchant, cursor=request.query.get("cursor"))
        return page("invoices", session=session, records=records, cursor=cursor)

    def _pdf(self, merchant: str, at: Mapping[str, str]) -> Response:
        body = self.desk.document(merchant, at["connector"], at["sale"], "pdf")
        name = "".join(c for c in at["sale"] if c.isalnum()) or "invoice"
        headers = {"content-type": "application/pdf", "cache-control": "no-store"}
        disposition = {"content-disposition": f'inline; filename="invoice-{name}.pdf"'}
        return Response(status=200, body=body, headers=headers | disposition)


_NEED_LINK = "Ask whoever set up TaxPoynt for you for a new connect link. A link works once, for three days."
_NEEDED = (
    ("business_id", "NRS business id"),
    ("service_id", "NRS service id"),
    ("tin", "TIN"),
    ("name", "business name"),
    ("email", "e-mail"),
    ("address", "address"),
    ("crypto_keys", "NRS key file (crypto_keys.txt)"),
)


def _missing() -> Response:
    return message("Not found", "There is no such page, or it is not yours.", status=404)
