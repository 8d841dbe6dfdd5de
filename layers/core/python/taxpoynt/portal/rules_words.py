"""Rules as sentences: what counts for a connection, and what other rules would have made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taxpoynt.domain.locations import LocationList
from taxpoynt.portal import words
from taxpoynt.portal.needs import SettingShown

_BY = {"sku": "SKU", "product_id": "product id", "name": "name", "category": "category", "account": "account"}
_TAXES = {"STANDARD_VAT": "standard VAT", "ZERO_VAT": "zero-rated (0 %)", "EXEMPTED": "exempt from VAT"}
_OUTCOMES = {
    "appears": "would be invoiced",
    "vanishes": "would not be invoiced any more",
    "changes": "would be invoiced differently",
    "refused": "would be held",
    "unchanged": "stays as it is",
}
_MOST = 5


def sentences(
    document: Mapping[str, Any], settings: Mapping[str, SettingShown], shops: LocationList | None = None
) -> list[str]:
    """Everything a document says, a sentence each. shops: what the numbers of shops are called."""
    return [
        *_settings(document.get("settings") or {}, settings, shops),
        *_taxes(document),
        *_numbers(document),
        *_mapped(document),
    ]


def outcome(word: str) -> str:
    """What other rules would make of a record."""
    return _OUTCOMES.get(word, word)


def field(path: str) -> str:
    """A field of an invoice in words, as far as there are any."""
    return words.field(path).replace("_", " ")


def match(rule: Mapping[str, Any]) -> str:
    """One identity rule as a sentence."""
    names = {"order_number": "order number", "reference": "buyer's reference", "buyer": "buyer", "amount": "amount"}
    looked = [names[name] for name in rule["on"] if name != "day"]
    days = int(rule.get("days") or 0)
    near = f", at most {days} days apart" if days else ", on the same day" if "day" in rule["on"] else ""
    result = "they are the same sale" if rule.get("sure") else "you are asked"
    return f"When {_and(looked)} agree{'s' if len(looked) == 1 else ''}{near}: {result}."


def _settings(
    chosen: Mapping[str, Any], settings: Mapping[str, SettingShown], shops: LocationList | None
) -> Iterator[str]:
    for name, value in chosen.items():
        one = settings.get(name)
        title = one.title if one else name
        shown = {True: "yes", False: "no"}.get(value) if isinstance(value, bool) else None
        if shown is None and one is not None and isinstance(value, str):
            shown = one.choices.get(value, value)
        listed = isinstance(value, list | tuple)
        if one is not None and one.type == "locations" and listed:
            yield f"{title} that issue invoices: {', '.join(_shop(shops, each) for each in value) or 'all of them'}."
            continue
        yield f"{title}: {shown if shown is not None else ', '.join(map(str, value)) if listed else value}."


def _shop(shops: LocationList | None, number: Any) -> str:
    return shops.name_of(str(number)) if shops else str(number)


def _taxes(document: Mapping[str, Any]) -> Iterator[str]:
    for rule in document.get("tax") or ():
        values = list(rule["values"])
        more = f" and {len(values) - _MOST} more" if len(values) > _MOST else ""
        reason = f" ({rule['reason']})" if rule.get("reason") else ""
        tax = _TAXES.get(rule["tax_category"], rule["tax_category"])
        yield f"{_BY[rule['by']]} {', '.join(values[:_MOST])}{more}: {tax}{reason}."


def _numbers(document: Mapping[str, Any]) -> Iterator[str]:
    if pattern := document.get("number"):
        yield f"Invoice numbers are made as {pattern}."
    for shop, rule in (document.get("locations") or {}).items():
        name = rule.get("name") or f"Shop {shop}"
        if rule.get("prefix"):
            yield f"{name}: {rule['prefix']} in its invoice numbers."
        if rule.get("tax_category"):
            yield f"{name}: {_TAXES.get(rule['tax_category'], rule['tax_category'])} where the till says nothing."


def _mapped(document: Mapping[str, Any]) -> Iterator[str]:
    for rule in document.get("rules") or ():
        target = str(rule.get("target", ""))
        shown = words.field(target) if not target.startswith("line.") else words.field(f"lines[0].{target[5:]}")
        shown = shown.removeprefix("Line 1: ")
        condition = f", when {rule['when']}" if rule.get("when") else ""
        yield f"{shown[:1].upper() + shown[1:]} comes from {rule.get('source')}{condition}."


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
