"""A rule document as a form that a merchant fills in, and back. What the form does not show stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml

from taxpoynt.domain.decisions import By
from taxpoynt.domain.locations import LocationList
from taxpoynt.errors import Fault, FaultsFound
from taxpoynt.portal.needs import SettingShown
from taxpoynt.portal.shop_choice import Box, boxes_of, ticked, told

_BY: Mapping[str, By] = {
    "sku": "sku",
    "product id": "product_id",
    "name": "name",
    "category": "category",
    "account": "account",
}
_TAX = re.compile(r"([A-Za-z ]+?)\s*:\s*(.+?)\s*=\s*([A-Za-z_]+)\s*(?:;\s*(.*))?")
_SHOP = re.compile(r"(.+?)\s*=\s*([A-Za-z0-9]*)\s*(?:;\s*(.*))?")
MAX_LINE = 1000
"""Characters."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One setting as an input. kind: `choice`, `switch`, `values` (one a line), or `boxes` (shops to tick)."""

    name: str
    title: str
    hint: str
    kind: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    boxes: tuple[Box, ...] = ()
    is_shops: bool = False


def texts_of(document: Mapping[str, Any]) -> dict[str, str]:
    """The document's fields as a person reads and writes them."""
    rules = document.get("rules") or []
    return {
        "number": str(document.get("number") or ""),
        "shops": "\n".join(_shop_lines(document.get("locations") or {})),
        "tax": "\n".join(_tax_lines(document.get("tax") or ())),
        "rules": yaml.safe_dump(list(rules), sort_keys=False, allow_unicode=True, width=100) if rules else "",
    }


def choices_of(
    settings: Mapping[str, SettingShown],
    document: Mapping[str, Any],
    typed: Mapping[str, str],
    shops: LocationList | None = None,
    since: datetime | None = None,
) -> list[Choice]:
    """The template's settings as inputs, with what was typed, else what counts, else the default.

    shops: those there are to choose from; since: when the rules that count were put in force.
    """
    chosen = document.get("settings") or {}
    found = []
    for name, one in settings.items():
        if one.type == "locations":
            wanted = ticked(typed, name) if told(typed, name) else list(chosen.get(name, one.default))
            found.append(_shops_choice(name, one, wanted, boxes_of(shops, wanted, since)))
            continue
        kind = one.type if one.type in ("choice", "switch") else "values"
        value = typed.get(f"setting.{name}", _text(chosen.get(name, one.default)))
        options = {"switch": (("true", "Yes"), ("false", "No"))}.get(kind, tuple(one.choices.items()))
        found.append(Choice(name, one.title, one.explanation, kind, value, options))
    return found


def _shops_choice(name: str, one: SettingShown, wanted: list[str], boxes: tuple[Box, ...]) -> Choice:
    kind = "boxes" if boxes else "values"
    return Choice(name, one.title, one.explanation, kind, "\n".join(wanted), boxes=boxes, is_shops=True)


def document_of(
    form: Mapping[str, str], before: Mapping[str, Any], settings: Mapping[str, SettingShown]
) -> dict[str, Any]:
    """The document the form describes; FaultsFound (RULES-007) for every line that cannot be read."""
    faults: list[Fault] = []
    made: dict[str, Any] = {
        "version": 1,
        "rules": _rules(form.get("rules", ""), faults),
        "settings": _settings(form, before, settings),
        "tax": _taxes(form.get("tax", ""), faults),
        "locations": _shops(form.get("shops", ""), before.get("locations") or {}, faults),
        "number": form.get("number") or None,
    }
    if faults:
        raise FaultsFound(faults)
    return {name: value for name, value in made.items() if value}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "\n".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")


def _settings(
    form: Mapping[str, str], before: Mapping[str, Any], settings: Mapping[str, SettingShown]
) -> dict[str, Any]:
    """What differs from the template's default, and what was chosen before and is not on the form."""
    made = {name: value for name, value in (before.get("settings") or {}).items() if name not in settings}
    for name, one in settings.items():
        typed = form.get(f"setting.{name}", _text(one.default))
        value: Any = typed
        if one.type == "locations":
            value = ticked(form, name) if told(form, name) else list(one.default)
        elif one.type == "switch":
            value = typed == "true"
        elif one.type != "choice":
            value = [line.strip() for line in typed.splitlines() if line.strip()]
        default = list(one.default) if isinstance(one.default, list | tuple) else one.default
        if value != default:
            made[name] = value
    return made


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """What is written in each line; of one that is too long nothing: looking for its parts takes the square of it."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield number, line.strip() if len(line) <= MAX_LINE else ""


def _tax_lines(rules: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    words = {by: word for word, by in _BY.items()}
    for rule in rules:
        for value in rule["values"]:
            reason = f"; {rule['reason']}" if rule.get("reason") else ""
            yield f"{words[rule['by']]}: {value} = {rule['tax_category']}{reason}"


def _taxes(text: str, faults: list[Fault]) -> list[dict[str, Any]]:
    """Lines that follow each other and say the same of other values are one rule."""
    made: list[dict[str, Any]] = []
    for number, line in _lines(text):
        found = _TAX.fullmatch(line)
        by = _BY.get(found[1].casefold()) if found else None
        if found is None or by is None:
            faults.append(_unread("tax", number, "category: Books = EXEMPTED; reason", ", ".join(_BY)))
            continue
        about = {"by": by, "tax_category": found[3].upper(), **({"reason": found[4]} if found[4] else {})}
        if made and {name: value for name, value in made[-1].items() if name != "values"} == about:
            made[-1]["values"].append(found[2])
        else:
            made.append({**about, "values": [found[2]]})
    return made


def _shop_lines(shops: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for shop, rule in shops.items():
        name = f"; {rule['name']}" if rule.get("name") else ""
        yield f"{shop} = {rule.get('prefix') or ''}{name}"


def _shops(text: str, before: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for number, line in _lines(text):
        found = _SHOP.fullmatch(line)
        if found is None:
            faults.append(_unread("shops", number, "1 = IKJ; Ikeja", "the shop's number and letters"))
            continue
        other = {name: value for name, value in before.get(found[1], {}).items() if name not in ("prefix", "name")}
        own = {"prefix": found[2].upper() or None, "name": found[3] or None}
        made[found[1]] = other | {name: value for name, value in own.items() if value}
    return made


def _rules(text: str, faults: list[Fault]) -> list[Any]:
    try:
        found = yaml.safe_load(text) or []
    except (yaml.YAMLError, ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        faults.append(Fault("RULES-007", "rules", "the mapping rules are no list in YAML", "see docs/mapping.md"))
        return []
    return found


def _unread(field: str, number: int, example: str, words: str) -> Fault:
    return Fault("RULES-007", field, f"line {number} cannot be read", f"write it like: {example} ({words})")
