"""What the platform answers: documented errors, whose account it is, and the signal that the app was removed."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from taxpoynt.connector_kit import identifying
from taxpoynt.connector_kit.oauth import OAuthClient
from taxpoynt.connector_kit.template_account import AccountIdentity
from taxpoynt.connector_kit.token_requests import basic
from taxpoynt.connector_kit.uninstalling import read_uninstall
from taxpoynt.connector_kit.verdicts import HttpAnswer, kind_of, raise_for, wait_of
from taxpoynt.errors import NeedsReauthorisation, PlatformRefused, RateLimited, SignatureMismatch, TaxPoyntError
from tests.conformance.evidence import Case, ErrorAnswer, Whose
from tests.conformance.planting import planted
from tests.conformance.platform import origin_of, tokens_of
from tests.conformance.refreshing import oauth_with
from tests.fakes.stores import FakeConnectionStore
from tests.unit.connector_kit.parts import NOW, Reply, session

FEWEST_ERRORS = 3


def check_errors(case: Case) -> list[str]:
    """Each documented error has its verdict, its wait, and a message without its body."""
    errors = case.data.errors
    assert len(errors) >= FEWEST_ERRORS, f"conformance.yaml documents {len(errors)} errors, of {FEWEST_ERRORS} at least"
    for one in errors:
        _one_error(case, one)
    kinds = {one.means for one in errors}
    assert {"rate_limited", "unauthorised"} <= kinds, "what a limit and an expired token look like is not documented"
    _every_override(case)
    return [f"{len(errors)} documented errors have their verdict: {', '.join(sorted(kinds))}"]


def _answer(one: ErrorAnswer) -> HttpAnswer:
    body = one.body.encode() if isinstance(one.body, str) else json.dumps(one.body).encode()
    lowered = {name.lower(): value for name, value in one.headers.items()}
    return HttpAnswer(one.status, {"content-type": "application/json", **lowered}, body)


def _one_error(case: Case, one: ErrorAnswer) -> None:
    answer, what = _answer(one), f"{one.status} {json.dumps(one.body)[:60]}"
    found = kind_of(answer, case.template)
    assert found == one.means, f"{what} is {found}, documented as {one.means}"
    said = _said(case, answer)
    assert (said is None) is (one.means == "ok"), what
    assert said is None or one.body is None or str(one.body) not in said, f"{what}: the message holds the body"
    if one.wait is not None:
        told = wait_of(answer, case.template, NOW)
        assert told == one.wait, f"{what}: {told} seconds, documented as {one.wait}"


def _said(case: Case, answer: HttpAnswer) -> str | None:
    """The message of the error that is raised."""
    try:
        raise_for(answer, case.template, what="GET /x", now=NOW)
    except TaxPoyntError as problem:
        return str(problem)
    return None


def _every_override(case: Case) -> None:
    """What the template says beyond the kit's table is shown by an error that the table alone reads otherwise."""
    for override in case.template.verdicts:
        without = case.template.model_copy(
            update={"verdicts": tuple(one for one in case.template.verdicts if one != override)}
        )
        shown = (_differs(case, without, one) for one in case.data.errors)
        assert any(shown), f"no documented error shows the verdict {override.model_dump(exclude_unset=True)}"


def _differs(case: Case, without: Any, one: ErrorAnswer) -> bool:
    answer = _answer(one)
    ours, theirs = kind_of(answer, case.template), kind_of(answer, without)
    return ours != theirs or wait_of(answer, case.template, NOW) != wait_of(answer, without, NOW)


# --- whose account ---------------------------------------------------------------------------------------------


def check_account(case: Case) -> list[str]:
    """The scripted answers resolve; an answer that tells nothing is refused; nobody else can have the account."""
    whose = case.data.account
    assert whose is not None, "conformance.yaml does not say whose account it is"
    found = _identified(case, whose, whose.read, whose.merchant)
    assert (found.account_id, found.name) == (whose.id, whose.name), f"{found.account_id}, {found.name}"
    told = {name: found.details.get(name) for name in whose.details}
    assert told == whose.details, f"details: {told}"
    spec = case.template.oauth.account
    _nobody(case, whose, spec)
    _of_events(case, whose)
    store = FakeConnectionStore()
    assert store.claim_account(case.name, found.account_id, "m_1", "c_1")
    assert not store.claim_account(case.name, found.account_id, "m_2", "c_2"), "two merchants have one account"
    said = [
        f"account {whose.id} is told by {', '.join(spec.read) or 'the token answer'}",
        "one merchant alone holds it",
    ]
    if spec.proof is not None:
        _refused(case, whose, whose.read, "m_somebody_else", "an account that names another merchant")
        said.append("it must name the merchant")
    return said


def _identified(case: Case, whose: Whose, read: Mapping[str, Any], merchant: str) -> identifying.Account:
    spec = case.template.oauth.account
    paths = {one.path.replace("{account_id}", whose.id): name for name, one in spec.read.items()}
    made, _ = session(lambda request: Reply(200, read.get(paths.get(urlsplit(str(request.url)).path, ""), {})))
    held = tokens_of(case, facts=whose.token)
    if "jwt" in whose.token:
        claims = base64.urlsafe_b64encode(json.dumps(whose.token["jwt"]).encode()).decode().rstrip("=")
        held = replace(held, access_token=f"eyJhbGciOiJSUzI1NiJ9.{claims}.c2ln")
    return identifying.identify(
        case.template, made, origin_of(case), held, now=NOW, asked=whose.asked, merchant=merchant
    )


def _nobody(case: Case, whose: Whose, spec: AccountIdentity) -> None:
    empty = whose.model_copy(update={"token": {}, "asked": {}})
    _refused(case, empty, {name: {} for name in spec.read}, whose.merchant, "an answer that names no account")


def _refused(case: Case, whose: Whose, read: Mapping[str, Any], merchant: str, what: str) -> None:
    try:
        found = _identified(case, whose, read, merchant)
    except PlatformRefused:
        return
    raise AssertionError(f"{what} was taken for {found.account_id}")


def _of_events(case: Case, whose: Whose) -> None:
    """Webhooks name the account by the same id, or nobody would find whose they are."""
    for one in case.data.deliveries:
        for told in one.events:
            same = told.account is None or case.connector.same_account(told.account, whose.id)
            assert same, f"{one.name}: events name {told.account}, the account is {whose.id}"


# --- the end ---------------------------------------------------------------------------------------------------


def check_uninstall(case: Case) -> list[str]:
    """The signal is understood, and nobody else can give it."""
    signal, told = case.template.oauth.uninstall.signal, case.data.uninstall
    if signal == "refused_refresh":
        return [_refused_refresh(case)]
    assert told is not None, f"the signal is {signal}, and conformance.yaml does not show it"
    body = json.dumps(told.body).encode()
    if signal == "event":
        events = case.connector.events(body, "application/json", told.headers)
        assert [(one.means, one.account) for one in events] == [("uninstall", told.account)], str(events)
        return ["the event that says so is understood"]
    found = read_uninstall(
        case.template, authorization=basic("id", "secret"), body=body, client_id="id", client_secret="secret"
    )
    assert found.account_id == told.account
    try:
        read_uninstall(
            case.template, authorization=basic("id", "guess"), body=body, client_id="id", client_secret="secret"
        )
    except SignatureMismatch:
        return ["the call that says so is understood, and refused without our client secret"]
    raise AssertionError("a stranger can end a connection")


def _refused_refresh(case: Case) -> str:
    token = case.template.oauth.token
    gone = planted({}, token.error, token.gone[0])
    client: OAuthClient = oauth_with(case, lambda request: Reply(400, gone))
    try:
        client.refresh(tokens_of(case))
    except NeedsReauthorisation:
        return f"nobody tells; a refresh that is answered {token.gone[0]} ends the connection"
    except RateLimited:
        pass
    raise AssertionError("a refresh that is refused for good does not end the connection")
