"""The merchant's product table: upload, what is wrong with each row, versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from taxpoynt.domain.rules import Signed as By
from taxpoynt.errors import BadInput, Fault, FaultsFound, NotFound
from taxpoynt.mapping.product_table import COLUMNS, example
from taxpoynt.portal import cookies, uploads
from taxpoynt.portal.look_back_needs import TablePreview
from taxpoynt.portal.needs import ProductDesk, Signed
from taxpoynt.portal.pages import page, redirect
from taxpoynt.portal.router import Route
from taxpoynt.web import Request, Response

SHOWN = 200
"""Faults that one page shows."""
RECORDS = 30
"""Records that a version is tried on: a person waits for the answer."""


@dataclass(frozen=True, slots=True)
class ProductPages:
    """For one request of a signed-in merchant. preview: what a version would make of the last records."""

    desk: ProductDesk
    preview: TablePreview
    public_url: str

    def routes(self, session: Signed, request: Request, form: Mapping[str, str]) -> list[Route]:
        """All of them; the caller has checked the form's token."""
        return [
            ("GET", "/connect/products", lambda _, __: self._list(session, request)),
            ("POST", "/connect/products", lambda _, __: self._upload(session, request, form)),
            ("GET", "/connect/products/example.csv", lambda _, __: _csv(example().encode(), "products")),
            ("GET", "/connect/products/{number}/csv", lambda _, at: self._file(session, at["number"])),
            ("GET", "/connect/products/{number}", lambda _, at: self._tried(session, request, at["number"])),
            ("POST", "/connect/products/{number}", lambda _, at: self._activate(session, at["number"], form)),
        ]

    def _list(
        self,
        session: Signed,
        request: Request,
        typed: Mapping[str, str] | None = None,
        *,
        faults: Sequence[Fault] = (),
        said: str = "",
        status: int = 200,
    ) -> Response:
        view = {
            "faults": faults[:SHOWN],
            "more": max(len(faults) - SHOWN, 0),
            "said": said,
            "who": (typed or {}).get("who") or cookies.read_name(request),
            "note": (typed or {}).get("note", ""),
            "done": request.query.get("done", ""),
            "columns": COLUMNS,
        }
        shown = self.desk.shown(session.merchant)
        return page("products", status=status, session=session, shown=shown, view=view)

    def _upload(self, session: Signed, request: Request, form: Mapping[str, str]) -> Response:
        data = uploads.file_of(form, "file")
        if not data:
            return self._list(session, request, form, said="Choose a file first.", status=400)
        trying = form.get("action") == "try"
        try:
            made = self.desk.add(session.merchant, data, _signed(form), activate=not trying)
        except FaultsFound as error:
            return self._list(session, request, form, faults=error.faults, status=422)
        except BadInput as error:
            text = str(error)
            return self._list(session, request, form, said=text[:1].upper() + text[1:] + ".", status=400)
        if trying:
            return redirect(f"/connect/products/{made.number}", cookies=(self._name(form),))
        return self._done("saved", form)

    def _tried(self, session: Signed, request: Request, number: str) -> Response:
        """What a version that is kept would make of the last records, and the way to use it."""
        tried = self.preview(session.merchant, _number(number), records=RECORDS)
        shown, who = self.desk.shown(session.merchant), cookies.read_name(request)
        return page("product_version", session=session, number=_number(number), tried=tried, shown=shown, who=who)

    def _activate(self, session: Signed, number: str, form: Mapping[str, str]) -> Response:
        head = self.desk.activate(session.merchant, _number(number), _signed(form))
        return self._done("saved" if head.active == head.latest else "rolled", form)

    def _file(self, session: Signed, number: str) -> Response:
        return _csv(self.desk.file(session.merchant, _number(number)), f"products-{number}")

    def _done(self, word: str, form: Mapping[str, str]) -> Response:
        return redirect(f"/connect/products?done={word}", cookies=(self._name(form),))

    def _name(self, form: Mapping[str, str]) -> str:
        return cookies.write_name(form.get("who", ""), self.public_url)


def _signed(form: Mapping[str, str]) -> By:
    revision = form.get("revision", "")
    return By(
        author=form.get("who", ""),
        note=form.get("note", ""),
        revision=int(revision) if revision.isdecimal() else None,
    )


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 6:
        raise NotFound("no such version")
    return int(text)


def _csv(data: bytes, name: str) -> Response:
    return Response(
        status=200,
        body=data,
        headers={
            "content-type": "text/csv; charset=utf-8",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            "content-disposition": f'attachment; filename="{name}.csv"',
        },
    )
