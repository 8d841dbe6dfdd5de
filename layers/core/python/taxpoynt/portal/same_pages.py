"""Sales of which a person must tell whether they are one, and how we tell where we can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taxpoynt.domain.rules import Signed as By
from taxpoynt.errors import BadInput, Fault, FaultsFound
from taxpoynt.portal import cookies, rules_words
from taxpoynt.portal.needs import IdentityRulesDesk, MerchantDesk, Signed
from taxpoynt.portal.pages import page, redirect
from taxpoynt.portal.router import Route
from taxpoynt.web import Request, Response

ORDER = {"on": ["order_number"], "sure": True}
DAYS = 2


@dataclass(frozen=True, slots=True)
class SamePages:
    """For one request of a signed-in merchant. `titles`: connector → the platform's name."""

    merchants: MerchantDesk
    desk: IdentityRulesDesk
    titles: Mapping[str, str]
    public_url: str

    def routes(self, session: Signed, request: Request, form: Mapping[str, str]) -> list[Route]:
        """All of them; the caller has checked the form's token. Answers go to the sale's own page."""
        return [
            ("GET", "/connect/same-sales", lambda _, __: self._list(session, request)),
            ("POST", "/connect/same-sales", lambda _, __: self._save(session, request, form)),
        ]

    def _list(
        self, session: Signed, request: Request, *, faults: Sequence[Fault] = (), said: str = "", status: int = 200
    ) -> Response:
        shown = self.desk.shown(session.merchant)
        rules: Mapping[str, Any] = shown.active.body if shown.active else {}
        links = self.merchants.links(session.merchant)
        view = {
            "pairs": self.desk.asked(session.merchant),
            "rules": rules,
            "sentences": [rules_words.match(one) for one in rules.get("match", ())],
            "connectors": list(dict.fromkeys([*rules.get("sources", ()), *(one.connector for one in links)])),
            "maybe": next((one for one in rules.get("match", ()) if not one.get("sure")), None),
            "sure": any(one.get("sure") for one in rules.get("match", ())) or not rules,
            "faults": faults,
            "said": said,
            "who": cookies.read_name(request),
            "done": request.query.get("done", ""),
        }
        return page("same_sales", status=status, session=session, shown=shown, view=view, titles=self.titles)

    def _save(self, session: Signed, request: Request, form: Mapping[str, str]) -> Response:
        try:
            revision = form.get("revision", "")
            signed = By(
                author=form.get("who", ""),
                note=form.get("note", ""),
                revision=int(revision) if revision.isdecimal() else None,
            )
            if form.get("action") == "off":
                self.desk.activate(session.merchant, None, signed)
            else:
                before = self.desk.shown(session.merchant).active
                self.desk.add(session.merchant, document_of(form, before.body if before else {}), signed)
        except FaultsFound as error:
            return self._list(session, request, faults=error.faults, status=422)
        except BadInput as error:
            text = str(error)
            return self._list(session, request, said=text[:1].upper() + text[1:] + ".", status=400)
        name = cookies.write_name(form.get("who", ""), self.public_url)
        return redirect("/connect/same-sales?done=saved", cookies=(name,))


def document_of(form: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
    """Identity rules from the two questions of the form; rules that it does not show stay."""
    first, second = form.get("first", ""), form.get("second", "")
    others = [one for one in before.get("sources", ()) if one not in (first, second)]
    days = form.get("days", "")
    shown: list[Any] = [ORDER] if form.get("sure") else []
    if form.get("maybe"):
        shown.append({"on": ["buyer", "amount", "day"], "days": int(days) if days.isdecimal() else DAYS})
    more = [one for one in before.get("match", ()) if not _on_the_form(one)]
    return {"version": 1, "sources": [first, second, *others], "match": [*shown, *more]}


def _on_the_form(rule: Mapping[str, Any]) -> bool:
    return list(rule["on"]) in (ORDER["on"], ["buyer", "amount", "day"])
