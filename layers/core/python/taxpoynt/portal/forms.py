"""Form bodies, and the merchant's profile as a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from taxpoynt.errors import BadInput
from taxpoynt.portal import uploads
from taxpoynt.web import Request

MAX_FORM = 64 * 1024
MAX_FIELDS = 1000
"""A sale of two hundred lines asks for five things a line."""

PARTY = ("business_id", "service_id", "tin", "name", "email", "telephone", "business_description", "crypto_keys")
ADDRESS = ("street", "city", "postal_code", "lga", "state", "country")
CHOICES = ("changes_after_acceptance", "tips", "buyer_without_tin", "unit", "zero_rate_category")
CLASSES = ("hsn_code", "product_category", "isic_code", "service_category")


def fields(request: Request) -> dict[str, str]:
    """A form's fields, trimmed; the last of a repeated name counts. BadInput for what is not a form of ours.

    A file is a field too, its bytes as `file_of` gives them back.
    """
    if (request.header("content-type") or "").lower().startswith("multipart/form-data"):
        return uploads.fields(request)
    if len(request.body) > MAX_FORM:
        raise BadInput("the form is too large")
    try:
        pairs = parse_qsl(request.body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise BadInput("the form cannot be read") from None
    return {name: value.strip() for name, value in pairs}


def profile_of(form: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
    """The profile a form describes, over what was stored before; an empty field clears its value.

    BadInput for a line of tax names that cannot be read.
    """
    defaults = {**before.get("defaults", {})}
    defaults["tax_category"] = form.get("tax_category") or None
    defaults["payment_terms_days"] = form.get("payment_terms_days") or 0
    defaults |= {name: form[name] for name in CHOICES if form.get(name)}
    if "tax_names" in form:
        defaults["tax_names"] = tax_names_of(form["tax_names"])
    classification = {name: form.get(name) or None for name in CLASSES}
    defaults["classification"] = classification if any(classification.values()) else None
    address = {name: form.get(f"address_{name}") or None for name in ADDRESS}
    whole: dict[str, Any] = {**before, **{name: form.get(name) or None for name in PARTY}}
    if form.get("nrs_keys"):
        whole["nrs_keys"] = form["nrs_keys"]
    return {**whole, "address": address if any(address.values()) else None, "defaults": defaults}


def tax_names_of(text: str) -> dict[str, str]:
    """One a line, as the platform names it and what it is at NRS: `VAT exempt = EXEMPTED`."""
    found = {}
    for line in filter(str.strip, text.splitlines()):
        name, equals, category = line.rpartition("=")
        if not equals or not name.strip() or not category.strip():
            raise BadInput(f"write tax names as: name = category. This line cannot be read: {line.strip()[:60]}")
        found[name.strip()] = category.strip().upper()
    return found


def tax_names_text(names: Mapping[str, str]) -> str:
    """As `tax_names_of` reads it."""
    return "\n".join(f"{name} = {category}" for name, category in sorted(names.items()))
