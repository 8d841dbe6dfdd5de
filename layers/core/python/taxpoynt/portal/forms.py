"""Form bodies, and the merchant's profile as a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from taxpoynt.errors import BadInput
from taxpoynt.web import Request

MAX_FORM = 64 * 1024
PARTY = ("business_id", "service_id", "tin", "name", "email", "telephone", "business_description", "crypto_keys")
ADDRESS = ("street", "city", "postal_code", "lga", "state", "country")
CLASSES = ("hsn_code", "product_category", "isic_code", "service_category")


def fields(request: Request) -> dict[str, str]:
    """A form's fields, trimmed; the last of a repeated name counts. BadInput for what is not a form of ours."""
    if len(request.body) > MAX_FORM:
        raise BadInput("the form is too large")
    try:
        pairs = parse_qsl(request.body.decode("utf-8"), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise BadInput("the form cannot be read") from None
    return {name: value.strip() for name, value in pairs}


def profile_of(form: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
    """The profile a form describes, over what was stored before; an empty field clears its value."""
    defaults = {**before.get("defaults", {})}
    defaults["tax_category"] = form.get("tax_category") or None
    defaults["payment_terms_days"] = form.get("payment_terms_days") or 0
    classification = {name: form.get(name) or None for name in CLASSES}
    defaults["classification"] = classification if any(classification.values()) else None
    address = {name: form.get(f"address_{name}") or None for name in ADDRESS}
    whole: dict[str, Any] = {name: form.get(name) or None for name in PARTY}
    return {**whole, "address": address if any(address.values()) else None, "defaults": defaults}
