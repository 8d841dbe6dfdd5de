"""Pages on which a merchant sees what counts, tries a change on its last records, puts it in force or rolls back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from taxpoynt.domain.connection import Connection
from taxpoynt.domain.locations import LocationList
from taxpoynt.domain.rules import Signed as By
from taxpoynt.errors import BadInput, Fault, FaultsFound, NotFound
from taxpoynt.portal import cookies, rules_form, rules_words, shop_choice
from taxpoynt.portal.look_back_needs import PastDesk
from taxpoynt.portal.needs import MappingDesk, MerchantDesk, Preview, SettingShown, Signed
from taxpoynt.portal.pages import page, redirect
from taxpoynt.portal.router import Route
from taxpoynt.web import Request, Response

RECORDS = 30
"""Records that a change is tried on unless more are asked for: a person waits for the answer."""
MOST = 200

At = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RulesPages:
    """settings: what the template of a connector lets a merchant choose; titles: connector → the platform's name.

    shops: (merchant, connection) → its shops, where the platform has told of any. past: fetches older records.
    """

    merchants: MerchantDesk
    desk: MappingDesk
    preview: Preview
    settings: Callable[[str], Mapping[str, SettingShown]]
    titles: Mapping[str, str]
    public_url: str
    shops: Callable[[str, str], LocationList | None] = lambda _, __: None
    past: PastDesk | None = None

    def routes(self, session: Signed, request: Request, form: Mapping[str, str]) -> list[Route]:
        """All of them; the caller has checked the form's token."""
        one = "/connect/rules/{connection}"
        return [
            ("GET", "/connect/rules", lambda _, __: self._list(session)),
            ("GET", one, lambda _, at: self._shown(session, request, at)),
            ("GET", f"{one}/change", lambda _, at: self._change(session, request, at)),
            ("POST", f"{one}/change", lambda _, at: self._tried_or_saved(session, request, at, form)),
            ("GET", f"{one}/versions/{{number}}", lambda _, at: self._version(session, request, at)),
            ("POST", f"{one}/versions/{{number}}", lambda _, at: self._activate(session, at, form)),
        ]

    def _list(self, session: Signed) -> Response:
        links = self.merchants.links(session.merchant)
        return page("rules", session=session, links=links, titles=self.titles)

    def _shown(self, session: Signed, request: Request, at: At) -> Response:
        link = self._link(session, at)
        shown = self.desk.shown(session.merchant, link.connection, before=_number(request.query.get("before")))
        body = shown.active.body if shown.active else {}
        shops, chosen = self._shops(link), self._chosen(link, body)
        return page(
            "rules_connection",
            session=session,
            link=link,
            title=self._title(link),
            shown=shown,
            sentences=rules_words.sentences(body, self.settings(link.connector), shops),
            left_out=shop_choice.left_out(shops, chosen, shown.head.since),
            went=shop_choice.went(shops, chosen),
            done=request.query.get("done", ""),
            here=_here(link),
        )

    def _change(self, session: Signed, request: Request, at: At) -> Response:
        """The form, filled with what counts, or with an older version."""
        link = self._link(session, at)
        number = _number(request.query.get("from"))
        shown = self.desk.shown(session.merchant, link.connection)
        body = shown.active.body if shown.active else {}
        if number is not None:
            body = self.desk.version(session.merchant, link.connection, number).body
        return self._form(session, request, link, body, rules_form.texts_of(body))

    def _form(
        self,
        session: Signed,
        request: Request,
        link: Connection,
        body: Mapping[str, Any],
        typed: Mapping[str, str],
        *,
        faults: Sequence[Fault] = (),
        said: str = "",
        tried: Mapping[str, Any] | None = None,
        status: int = 200,
    ) -> Response:
        head, shops = self.desk.shown(session.merchant, link.connection).head, self._shops(link)
        view = {
            "texts": {**rules_form.texts_of(body), **typed},
            "choices": rules_form.choices_of(self.settings(link.connector), body, typed, shops, head.since),
            "shops": shops,
            "faults": faults,
            "said": said,
            "tried": tried,
            **self._past(link),
            "revision": typed.get("revision") or head.changes,
            "who": typed.get("who") or cookies.read_name(request),
            "note": typed.get("note", ""),
            "records": typed.get("records") or RECORDS,
            "most": MOST,
        }
        return page(
            "rules_change",
            status=status,
            session=session,
            link=link,
            title=self._title(link),
            here=_here(link),
            view=view,
        )

    def _tried_or_saved(self, session: Signed, request: Request, at: At, form: Mapping[str, str]) -> Response:
        link = self._link(session, at)
        shown = self.desk.shown(session.merchant, link.connection)
        body = shown.active.body if shown.active else {}
        try:
            document = rules_form.document_of(form, body, self.settings(link.connector))
            if form.get("action") != "save":
                records = min(max(_number(form.get("records")) or RECORDS, 1), MOST)
                if form.get("action") == "fetch" and self.past is not None:
                    self.past.ask(session.merchant, link.connection, records)
                tried = self.preview(session.merchant, link.connection, document, records=records)
                return self._form(session, request, link, body, form, tried=tried)
            self.desk.add(session.merchant, link.connection, document, _signed(form))
        except FaultsFound as error:
            return self._form(session, request, link, body, form, faults=error.faults, status=422)
        except BadInput as error:
            return self._form(session, request, link, body, form, said=_sentence(error), status=400)
        name = cookies.write_name(form.get("who", ""), self.public_url)
        return redirect(f"{_here(link)}?done=saved", cookies=(name,))

    def _version(self, session: Signed, request: Request, at: At) -> Response:
        link, number = self._link(session, at), _needed(at)
        one = self.desk.version(session.merchant, link.connection, number)
        head = self.desk.shown(session.merchant, link.connection).head
        return page(
            "rules_version",
            session=session,
            link=link,
            title=self._title(link),
            one=one,
            head=head,
            here=_here(link),
            who=cookies.read_name(request),
            sentences=rules_words.sentences(one.body, self.settings(link.connector), self._shops(link)),
        )

    def _activate(self, session: Signed, at: At, form: Mapping[str, str]) -> Response:
        link, number = self._link(session, at), _needed(at)
        self.desk.activate(session.merchant, link.connection, number, _signed(form))
        name = cookies.write_name(form.get("who", ""), self.public_url)
        return redirect(f"{_here(link)}?done=rolled", cookies=(name,))

    def _link(self, session: Signed, at: At) -> Connection:
        found = [one for one in self.merchants.links(session.merchant) if one.connection == at["connection"]]
        if not found:
            raise NotFound("no such connection")
        return found[0]

    def _past(self, link: Connection) -> dict[str, Any]:
        """What was fetched of what was sold before, and whether more can be asked for."""
        if self.past is None:
            return {"can_ask": False, "past": None, "cannot": ""}
        one = self.past.shown(link.merchant, link.connection)
        return {"can_ask": True, "past": one, "cannot": self.past.possible(link)}

    def _shops(self, link: Connection) -> LocationList | None:
        """Read only where a template lets merchants choose shops."""
        if not any(one.type == "locations" for one in self.settings(link.connector).values()):
            return None
        return self.shops(link.merchant, link.connection)

    def _chosen(self, link: Connection, body: Mapping[str, Any]) -> list[str]:
        settings, said = self.settings(link.connector), body.get("settings") or {}
        named = [said.get(name, one.default) for name, one in settings.items() if one.type == "locations"]
        return [str(one) for each in named for one in each]

    def _title(self, link: Connection) -> str:
        return self.titles.get(link.connector, link.connector)


def _signed(form: Mapping[str, str]) -> By:
    return By(author=form.get("who", ""), note=form.get("note", ""), revision=_number(form.get("revision")))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 7 else None


def _needed(at: At) -> int:
    number = _number(at["number"])
    if number is None:
        raise NotFound("no such version")
    return number


def _here(link: Connection) -> str:
    return f"/connect/rules/{quote(link.connection, safe='')}"


def _sentence(error: BadInput) -> str:
    text = str(error)
    return text[:1].upper() + text[1:] + "."
