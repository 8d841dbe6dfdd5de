"""Pages on which a merchant clears held sales: the list, and each sale with what to mend, supply or answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from taxpoynt.conversion.lists import CodeLists
from taxpoynt.domain.sale import Sale
from taxpoynt.errors import BadInput, Fault, FaultsFound, NotFound
from taxpoynt.portal import asking, cookies
from taxpoynt.portal.needs import AttentionDesk, SaleShown, Signed
from taxpoynt.portal.pages import page, redirect
from taxpoynt.portal.router import Route
from taxpoynt.web import Request, Response

FILES = {
    "pdf": ("application/pdf", "pdf"),
    "receipt": ("application/pdf", "pdf"),
    "qr": ("image/png", "png"),
    "ubl": ("application/xml", "xml"),
    "stamp": ("text/plain; charset=utf-8", "txt"),
}
"""Documents as they are served: content type and file ending."""

At = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AttentionPages:
    """For one request of a signed-in merchant. `titles`: connector → the platform's name."""

    desk: AttentionDesk
    lists: Callable[[], CodeLists]
    titles: Mapping[str, str]
    public_url: str

    def routes(self, session: Signed, request: Request, form: Mapping[str, str]) -> list[Route]:
        """All of them; the caller has checked the form's token."""
        sale = "/connect/sales/{connector}/{sale}"
        return [
            ("GET", "/connect/attention", lambda _, __: self._list(session)),
            ("GET", sale, lambda _, at: self._sale(session, request, at, {})),
            ("POST", sale, lambda _, at: self._supply(session, request, at, form)),
            ("POST", f"{sale}/answer", lambda _, at: self._answer(session, request, at, form)),
            ("GET", f"{sale}/{{kind}}", lambda _, at: self._document(session, at)),
        ]

    def _list(self, session: Signed) -> Response:
        return page("attention", session=session, held=self.desk.held(session.merchant), titles=self.titles)

    def _sale(
        self,
        session: Signed,
        request: Request,
        at: At,
        typed: Mapping[str, str],
        *,
        faults: Sequence[Fault] = (),
        said: Sequence[str] = (),
        status: int = 200,
    ) -> Response:
        shown = self.desk.show(session.merchant, at["connector"], at["sale"])
        who = cookies.read_name(request)
        form = asking.asked(
            paths_of(shown), lines_of(shown.sale), typed, self.lists(), who=who, faults=faults, said=said
        )
        title = self.titles.get(at["connector"], at["connector"])
        fresh = request.query.get("done") in ("supplied", "answered") and request.method == "GET"
        view: dict[str, Any] = {"shown": shown, "form": form, "title": title, "here": address_of(at), "fresh": fresh}
        return page("sale", status=status, session=session, **view)

    def _supply(self, session: Signed, request: Request, at: At, form: Mapping[str, str]) -> Response:
        paths = paths_of(self.desk.show(session.merchant, at["connector"], at["sale"]))
        if asking.is_search(paths, form):
            return self._sale(session, request, at, form)
        values = asking.values_of(paths, form)
        try:
            self.desk.supply(
                session.merchant,
                at["connector"],
                at["sale"],
                values,
                who=form.get("who", ""),
                why=form.get("why", ""),
                by="merchant",
            )
        except FaultsFound as error:
            return self._sale(session, request, at, form, faults=error.faults, status=422)
        except BadInput as error:
            return self._sale(session, request, at, form, said=(_sentence(error),), status=400)
        name = cookies.write_name(form.get("who", ""), self.public_url)
        return redirect(f"{address_of(at)}?done=supplied", cookies=(name,))

    def _answer(self, session: Signed, request: Request, at: At, form: Mapping[str, str]) -> Response:
        who, why = form.get("who", ""), form.get("why", "")
        try:
            self.desk.answer(
                session.merchant,
                at["connector"],
                at["sale"],
                choice=form.get("choice", ""),
                seen=form.get("seen", ""),
                who=who,
                why=why,
            )
        except BadInput as error:
            return self._sale(session, request, at, form, said=(_sentence(error),), status=400)
        return redirect(f"{address_of(at)}?done=answered", cookies=(cookies.write_name(who, self.public_url),))

    def _document(self, session: Signed, at: At) -> Response:
        if at["kind"] not in FILES:
            raise NotFound("no such document")
        body = self.desk.document(session.merchant, at["connector"], at["sale"], at["kind"])
        return document(at["kind"], at["sale"], body)


def document(kind: str, sale_id: str, body: bytes) -> Response:
    """A file as a browser takes it; never kept by a cache between us and the merchant."""
    content_type, ending = FILES[kind]
    name = "".join(char for char in sale_id if char.isalnum() and char.isascii()) or "invoice"
    return Response(
        status=200,
        body=body,
        headers={
            "content-type": content_type,
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            "content-disposition": f'inline; filename="{kind}-{name}.{ending}"',
        },
    )


def paths_of(shown: SaleShown) -> list[str]:
    """Every path the person may supply, in the order of the faults."""
    return list(dict.fromkeys(path for one in shown.faults for path in one.asks))


def lines_of(sale: Sale | None) -> dict[str, str]:
    """`lines[0]` → what it sells, counted as the invoice counts."""
    counted = [line for line in (sale.lines if sale else ()) if line.quantity != 0]
    return {f"lines[{number}]": line.name or line.description for number, line in enumerate(counted)}


def address_of(at: At) -> str:
    """The page of a sale."""
    return f"/connect/sales/{quote(at['connector'], safe='')}/{quote(at['sale'], safe=':')}"


def _sentence(error: BadInput) -> str:
    text = str(error)
    return text[:1].upper() + text[1:] + "."
