"""Whose account do these tokens open? From the token answer, or asked of the platform, as the template says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import requests

from taxpoynt.connector_kit.hosts import token_header
from taxpoynt.connector_kit.http import call
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_account import AccountRead
from taxpoynt.connector_kit.token_answers import found, jwt_claims
from taxpoynt.connector_kit.verdicts import raise_for
from taxpoynt.domain.connection import TokenSet
from taxpoynt.domain.source import read_json
from taxpoynt.errors import PlatformRefused
from taxpoynt.mapping.expressions import plain_data

MAX_ID = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose account a connection belongs to. `warnings` are sentences for the merchant."""

    account_id: str
    name: str
    details: dict[str, Any]
    warnings: tuple[str, ...] = ()


def identify(
    template: Template,
    session: requests.Session,
    origin: str,
    tokens: TokenSet,
    *,
    now: datetime,
    asked: Mapping[str, str],
    merchant: str | None,
) -> Account:
    """PlatformRefused when the platform does not say whose account it is, or says that it is somebody else's."""
    spec = template.oauth.account
    seen: dict[str, Any] = {
        "token": {**tokens.facts, "jwt": jwt_claims(tokens.access_token)},
        "asked": dict(asked),
    }
    for name, read in spec.read.items():
        seen[name] = _answer(template, session, origin, tokens, read, text_of(found(spec.id, seen)), now)
    account_id = text_of(found(spec.id, seen))
    if account_id is None:
        raise PlatformRefused(f"{template.name}: the answer does not say whose account it is")
    if spec.proof is not None and (merchant is None or found(spec.proof, seen) != merchant):
        raise PlatformRefused(f"{template.name}: the account does not name this merchant")
    return Account(
        account_id=account_id,
        name=str(found(spec.name, seen) or account_id),
        details={name: found(expression, seen) for name, expression in spec.details.items()},
        warnings=tuple(warning.text for warning in spec.warnings if found(warning.when, seen) is True),
    )


def text_of(value: Any) -> str | None:
    """An id as text; None for anything that is none."""
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        return None
    text = str(value)
    return text if len(text) <= MAX_ID and text.isprintable() else None


def _answer(
    template: Template,
    session: requests.Session,
    origin: str,
    tokens: TokenSet,
    read: AccountRead,
    account_id: str | None,
    now: datetime,
) -> Any:
    path, params = read.path, read.params
    if account_id is not None:
        path = path.replace("{account_id}", quote(account_id, safe=""))
        params = {name: value.replace("{account_id}", account_id) for name, value in params.items()}
    if "{" in path:
        raise PlatformRefused(f"{template.name}: the token answer does not say whose account it is")
    headers = request_headers(template, account_id)
    answer = call(
        session,
        "GET",
        origin + path,
        headers={**headers, **token_header(template, tokens.access_token)},
        params=params or None,
    )
    raise_for(answer, template, what=f"GET {read.path}", now=now)
    return plain_data(read_json(answer.body))


def request_headers(template: Template, account_id: str | None) -> dict[str, str]:
    """What the template sends with every API request; a header that needs an account we do not know yet is left out."""
    wanted = template.hosts.headers
    if account_id is None:
        return {name: value for name, value in wanted.items() if "{account_id}" not in value}
    return {name: value.replace("{account_id}", account_id) for name, value in wanted.items()}
