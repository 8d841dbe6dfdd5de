"""A platform says on the callback address that a merchant removed the app: is it true, and who was it?"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from typing import Any

from taxpoynt.connector_kit.identifying import text_of
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.token_answers import found
from taxpoynt.domain.source import read_json
from taxpoynt.errors import BadInput, SignatureMismatch
from taxpoynt.mapping.expressions import plain_data


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """Who removed the app: the account, and the user where the platform counts installs by user."""

    account_id: str
    user_id: str | None = None


def read_uninstall(
    template: Template, *, authorization: str | None, body: bytes, client_id: str, client_secret: str
) -> Uninstalled:
    """Who removed the app; SignatureMismatch unless the sender knows our client secret."""
    rule = template.oauth.uninstall
    if rule.signal != "callback" or rule.account is None or not client_id or not client_secret:
        raise SignatureMismatch(f"{template.name} sends no uninstall signal to this address")
    expected = base64.b64encode(f"{client_id}:{client_secret}".encode())
    scheme, _, given = (authorization or "").strip().partition(" ")
    same = hmac.compare_digest(given.strip().encode("utf-8", "replace"), expected)
    if scheme.lower() != "basic" or not same:
        raise SignatureMismatch(f"{template.name}: an uninstall signal with wrong credentials")
    signal: Any = plain_data(read_json(body))
    account = text_of(found(rule.account, signal))
    if account is None:
        raise BadInput("the uninstall signal names no account")
    return Uninstalled(account, text_of(found(rule.user, signal)) if rule.user else None)
