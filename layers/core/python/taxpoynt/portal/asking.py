"""The small form in which a person supplies what a sale lacks, and what was typed into it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from taxpoynt.conversion.code_search import search
from taxpoynt.conversion.lists import CodeLists
from taxpoynt.errors import Fault
from taxpoynt.portal import words

TAXES = (
    ("STANDARD_VAT", "Standard VAT"),
    ("ZERO_VAT", "Zero-rated (0 %)"),
    ("EXEMPTED", "Exempt from VAT"),
)
_KINDS = {"buyer.email": "email", "buyer.telephone": "tel"}
_HINTS = {
    "buyer.tin": "As on the buyer's tax certificate, for example 12345678-0001. Never make one up.",
    "buyer.telephone": "With the country code, for example +2348011110001",
    "buyer.address.postal_code": "Six digits in Nigeria, for example 101233",
    "buyer.address.lga": "NRS code, for example NG-LA-IKE",
}
_LINE = re.compile(r"lines\[\d+\]")
CONSUMER = "person"


@dataclass(frozen=True, slots=True)
class Field:
    """One input. `choices`: (value, words) of a select; empty for a text."""

    path: str
    label: str
    kind: str
    hint: str
    value: str
    error: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Coding:
    """The choice of a code for one line: what was searched, what was found, what is chosen, and the fields by hand."""

    line: str
    name: str
    wanted: str
    found: tuple[tuple[str, str], ...]
    chosen: str
    error: str
    by_hand: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """The whole form. `consumer`: may the person decide that the buyer is a consumer, and did they."""

    fields: tuple[Field, ...]
    codings: tuple[Coding, ...]
    consumer: bool
    is_consumer: bool
    who: str
    why: str
    errors: tuple[str, ...] = field(default=())
    refused: bool = False
    searched: bool = False


def asked(
    paths: Sequence[str],
    lines: Mapping[str, str],
    typed: Mapping[str, str],
    lists: CodeLists,
    *,
    who: str,
    faults: Iterable[Fault] = (),
    said: Sequence[str] = (),
) -> Asked:
    """The form for `paths`. lines: `lines[0]` → what the line sells; typed: the form as it was sent; faults: of it."""
    errors = {fault.path: _told(fault) for fault in faults}
    plain = [path for path in paths if path != "buyer.kind" and ".classification." not in path]
    coded = dict.fromkeys(_line_of(path) for path in paths if ".classification." in path)
    fields = tuple(_field(path, lines, typed, lists, errors) for path in plain)
    codings = tuple(_coding(line, lines, typed, lists, errors) for line in coded)
    shown = {one.path for one in fields} | {one.path.replace(".taxes", ".tax_category") for one in fields} | set(coded)
    rest = [text for path, text in errors.items() if path not in shown and _line_of(path) not in shown]
    return Asked(
        fields=fields,
        codings=codings,
        consumer="buyer.kind" in paths,
        is_consumer=typed.get("buyer.kind") == CONSUMER,
        who=typed.get("who", who),
        why=typed.get("why", ""),
        errors=(*said, *rest),
        refused=bool(errors) or bool(said),
        searched=any(one.wanted for one in codings) and not errors and not said,
    )


def _told(fault: Fault) -> str:
    """A buyer's rules send people to the customer's record; here the hint beside the field says what fits."""
    return fault.message if fault.code.startswith("BUYER-") else f"{fault.message} {fault.remedy}"


def values_of(paths: Sequence[str], typed: Mapping[str, str]) -> dict[str, str]:
    """What was filled in, by path; a code that was picked from the list counts before one typed by hand."""
    values = {path: typed[path] for path in paths if typed.get(path)}
    for line in dict.fromkeys(_line_of(path) for path in paths if ".classification." in path):
        side, _, code = typed.get(f"pick:{line}", "").partition(":")
        if side in ("isic_code", "hsn_code") and code:
            values = {path: value for path, value in values.items() if not path.startswith(f"{line}.classification.")}
            values[f"{line}.classification.{side}"] = code
    return values


def is_search(paths: Sequence[str], typed: Mapping[str, str]) -> bool:
    """Was the search button pressed, or Enter in a search field while no code was chosen for that line yet?"""
    if "search" in typed:
        return True
    lines = dict.fromkeys(_line_of(path) for path in paths if ".classification." in path)
    values = values_of(paths, typed)
    return any(typed.get(f"find:{line}") and not any(path.startswith(line) for path in values) for line in lines)


def _line_of(path: str) -> str:
    found = _LINE.match(path)
    return found[0] if found else ""


def _field(
    path: str, lines: Mapping[str, str], typed: Mapping[str, str], lists: CodeLists, errors: Mapping[str, str]
) -> Field:
    label = words.field(path)
    if name := lines.get(_line_of(path)):
        label = f"{label} ({name})"
    choices = _choices(path, lists)
    error = errors.get(path, "") or (errors.get(f"{_line_of(path)}.tax_category", "") if path.endswith("taxes") else "")
    hint = "" if choices else _HINTS.get(path, "")
    return Field(path, label, _KINDS.get(path, "text"), hint, typed.get(path, ""), error, choices)


def _choices(path: str, lists: CodeLists) -> tuple[tuple[str, str], ...]:
    if path.endswith(".taxes"):
        return TAXES
    if path.endswith(".unit"):
        return tuple((code, f"{name} ({code})") for code, name in lists.units.rows.items())
    if path.endswith(".state"):
        return tuple(sorted(lists.states.rows.items(), key=lambda row: row[1]))
    if path.endswith(".country"):
        rows = [(one.alpha_2, one.name) for one in lists.countries.rows.values()]
        return tuple(sorted(rows, key=lambda row: (row[0] != "NG", row[1])))
    if path.endswith(".lga") and lists.lgas.complete:
        states = lists.states.rows
        rows = [(code, f"{states.get(code[:5], code[:5])}: {name or code}") for code, name in lists.lgas.rows.items()]
        return tuple(sorted(rows, key=lambda row: row[1]))
    return ()


def profile_lists(lists: CodeLists, profile: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """What the profile's form chooses from; a stored code that no list has stays choosable, so that saving keeps it."""
    address = profile.get("address") or {}
    found = {"states": list(_choices("address.state", lists)), "countries": list(_choices("address.country", lists))}
    for name, part in (("states", "state"), ("countries", "country")):
        kept = address.get(part)
        if kept and kept not in dict(found[name]):
            found[name].insert(0, (kept, kept))
    services, goods = list(lists.service_codes.rows.items()), list(lists.hs_codes.rows.items())
    return {**found, "services": services, "goods": goods}


def _coding(
    line: str, lines: Mapping[str, str], typed: Mapping[str, str], lists: CodeLists, errors: Mapping[str, str]
) -> Coding:
    wanted = typed.get(f"find:{line}", "")
    services = [(f"isic_code:{code}", f"{text} (service {code})") for code, text in search(lists.service_codes, wanted)]
    goods = [(f"hsn_code:{code}", f"{text} (goods {code})") for code, text in search(lists.hs_codes, wanted)]
    problems = [text for path, text in errors.items() if path == line or path.startswith(f"{line}.classification")]
    hand = [f"{line}.classification.{name}" for name in ("hsn_code", "product_category")]
    return Coding(
        line=line,
        name=lines.get(line, ""),
        wanted=wanted,
        found=(*services[:10], *goods[:10]),
        chosen=typed.get(f"pick:{line}", ""),
        error=" ".join(problems),
        by_hand=tuple(_field(path, {}, typed, lists, {}) for path in hand),
    )
