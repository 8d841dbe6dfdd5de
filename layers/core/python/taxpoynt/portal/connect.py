"""The merchant's pages under /connect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from taxpoynt.domain.connection import Connection
from taxpoynt.errors import BadInput, NotFound, Rejected, StoreConflict
from taxpoynt.portal import asking, cookies, forms
from taxpoynt.portal.attention import AttentionPages, document
from taxpoynt.portal.catalogue_needs import Going
from taxpoynt.portal.needs import Doorkeeper, MerchantDesk, Signed
from taxpoynt.portal.pages import asset, message, notice_address, page, redirect
from taxpoynt.portal.router import Route, dispatch
from taxpoynt.web import Request, Response


class MorePages(Protocol):
    """Pages of one subject for a signed-in merchant; the caller has checked the form's token."""

    def routes(self, session: Signed, request: Request, form: Mapping[str, str]) -> list[Route]:
        """All of them."""
        ...


@dataclass(frozen=True, slots=True)
class ConnectPages:
    """A request in, a page out. `platforms`: (connector, title, why each right is asked for)."""

    desk: MerchantDesk
    attention: AttentionPages
    door: Doorkeeper
    platforms: Sequence[tuple[str, str, Sequence[str]]]
    public_url: str
    progress: Callable[[Connection], Sequence[Going]] = lambda _: ()
    """How far the catalogue of a connection has come."""
    steps: Callable[[str], Sequence[str]] = lambda _: ()
    """What the merchant does in a platform so that it calls us, where we cannot; `{url}` is the address."""
    more: Sequence[MorePages] = ()
    """Pages of other modules."""

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
            return dispatch(self._routes(session, request, form), request, _missing())
        except NotFound:
            return _missing()
        except BadInput as problem:
            return message("Something does not fit", str(problem), status=400)
        except StoreConflict:
            return message("Changed meanwhile", "Somebody else saved first. Open the page again.", status=409)
        except Rejected as problem:
            return message("Not possible", str(problem), status=409)

    def _routes(self, session: Signed, request: Request, form: Mapping[str, str]) -> list[Route]:
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
            *self.attention.routes(session, request, form),
            *(route for pages in self.more for route in pages.routes(session, request, form)),
        ]

    def _overview(self, session: Signed) -> Response:
        who = session.merchant
        held = self.attention.desk.held(who)
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
            titles={name: title for name, title, _ in self.platforms},
            connected={link.connector for link in links},
            held=held,
            progress={link.connection: self.progress(link) for link in links if link.status == "active"},
            steps={link.connection: self._steps(link) for link in links if link.status == "active"},
            watches={one.connection: self.desk.watch(who, one.connection) for one in links if one.status == "active"},
        )

    def _steps(self, link: Connection) -> list[str]:
        """Nothing before the address exists, moments after the confirmation."""
        url = f"{self.public_url}/webhooks/{link.connector}/{link.endpoint}"
        return [step.replace("{url}", url) for step in self.steps(link.connector)] if link.endpoint else []

    def _profile(self, session: Signed) -> Response:
        stored = self.desk.merchant(session.merchant)
        profile = stored.profile.model_dump(mode="json")
        names = forms.tax_names_text(stored.profile.defaults.tax_names)
        view = {
            "profile": profile,
            "tax_names": names,
            "lists": asking.profile_lists(self.attention.lists(), profile),
            "notices": notice_address(self.public_url, self.desk.notices(session.merchant)),
        }
        return page("profile", session=session, version=stored.version, view=view)

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
        return document("pdf", at["sale"], self.desk.document(merchant, at["connector"], at["sale"], "pdf"))


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
