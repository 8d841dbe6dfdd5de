"""The order of work on the ack path, Basic credentials, and every template's own vectors."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.connector_kit import webhook
from taxpoynt.connector_kit.loader import names, template, text
from taxpoynt.connector_kit.webhook import Delivery, Headers, Verdict
from taxpoynt.errors import ConfigurationError, NotFound
from tests.unit.connector_kit.vectors import judged

USER, PASSWORD = "hook-7", "pä:ss wörd"
SECRET = webhook.basic_secret(USER, PASSWORD)
HEADER = webhook.basic_header(USER, PASSWORD)
POLICY = webhook.reply_policy("pipedrive")
NOW = datetime(2026, 5, 15, 21, 30, tzinfo=UTC)

Check = Callable[[str | None, Sequence[str]], bool]


def basic(credentials: bytes) -> str:
    return "Basic " + base64.b64encode(credentials).decode()


def verify(headers: Headers, body: bytes = b"{}", secrets: Sequence[str] = (SECRET,)) -> Verdict:
    return webhook.verify(POLICY, Delivery(headers=headers, body=body), secrets, NOW)


@pytest.mark.parametrize("connector", names())
def test_every_vector_of_every_template_gets_its_verdict(connector: str) -> None:
    webhooks = template(connector).webhooks
    for vector in webhooks.vectors if webhooks else ():
        judged(webhook.reply_policy(connector), vector)


def test_the_light_policy_says_what_the_checked_template_says() -> None:
    webhooks = template("pipedrive").webhooks
    assert webhooks is not None
    assert POLICY.max_body_bytes == webhooks.max_body_bytes
    assert POLICY.deadline_seconds == webhooks.deadline_seconds
    assert (POLICY.refused, POLICY.parked, POLICY.unavailable) == (401, 200, 503)
    assert [scheme.name for scheme in POLICY.schemes] == [scheme.name for scheme in webhooks.signature.schemes]
    assert (POLICY.kind, POLICY.secret, POLICY.address) == ("basic", webhooks.signature.secret, webhooks.address)


def test_an_unknown_connector_has_no_policy() -> None:
    for name in ("nobody", "../pipedrive", "", "PIPEDRIVE", "a" * 300):
        with pytest.raises(NotFound):
            webhook.reply_policy(name)


@pytest.mark.parametrize("written", ["name: x\n", "webhooks: null\nname: x\n"])
def test_a_platform_without_webhooks_has_no_policy(written: str) -> None:
    with pytest.raises(NotFound, match="polled"):
        webhook.policy_in("x", written)


def test_what_a_delivery_does_not_need_may_stand_anywhere_and_even_be_referred_to() -> None:
    written = text("pipedrive")
    block = yaml.safe_load(written)["webhooks"]
    moved = yaml.safe_dump({"webhooks": {"vectors": block["vectors"], **block}, "paging": {}}, sort_keys=False)
    assert webhook.policy_in("pipedrive", moved) == POLICY
    reply = "reply: {accepted: 200, parked: 200, refused: 401, too_large: 413, encoded: 415, unavailable: 503}"
    assert reply in written
    anchored = written.replace(reply, "reply: *reply").replace("  steps:", "  x:")
    anchored = anchored.replace("webhooks:\n", f"webhooks:\n  steps:\n    - &reply {reply.partition(' ')[2]}\n")
    assert webhook.policy_in("pipedrive", anchored) == POLICY


@pytest.mark.parametrize(
    "signature",
    [
        {},
        {"schemes": []},
        {"schemes": [{"name": "a", "kind": "md5"}]},
        {"schemes": [{"name": "a", "kind": "mac", "hedder": "x"}]},
        {"schemes": [{"kind": "mac"}]},
        {"schemes": [{"name": "a", "kind": "mac", "timestamp": {"header": "x"}}]},
        {"schemes": "basic"},
    ],
)
def test_a_scheme_nobody_can_carry_out_stops_the_start(signature: dict[str, Any]) -> None:
    block = yaml.safe_load(text("pipedrive"))["webhooks"]
    with pytest.raises(ConfigurationError):
        webhook.policy_of("x", {**block, "signature": signature})


# --- the checks that every correct verifier passes, and that each broken twin fails ---------------------------------


def accepts_only_the_pair(check: Check) -> None:
    assert check(HEADER, [SECRET])
    assert check("bAsIc   " + HEADER.partition(" ")[2], [SECRET])
    for credentials in (b"hook-7:", b":p", b"", b"hook-7", f"{USER}:{PASSWORD}x".encode(), b"hook-7:p\xc3\xa4:ss w"):
        assert not check(basic(credentials), [SECRET]), credentials
    for header in (None, "", "Basic", "Basic ", "Bearer " + HEADER[6:], HEADER[6:], HEADER + "=", HEADER + " x"):
        assert not check(header, [SECRET]), header


def refuses_empty_parts_even_when_they_are_stored(check: Check) -> None:
    for user, password in (("", ""), ("u", ""), ("", "p")):
        assert not check(webhook.basic_header(user, password), [webhook.basic_secret(user, password)])


def refuses_secrets_that_are_no_digests(check: Check) -> None:
    for stored in ("", "0" * 63, "z" * 64, SECRET.upper(), SECRET[:32]):
        assert not check(HEADER, [stored])
    assert not check(HEADER, [])


def refuses_digests_that_are_almost_equal(check: Check) -> None:
    """Each differs in one character, so that a comparison of a part of them is noticed whatever part it is."""
    for place, char in enumerate(SECRET):
        almost = SECRET[:place] + ("1" if char == "0" else "0") + SECRET[place + 1 :]
        assert not check(HEADER, [almost]), place
    for cut in (0, 8, 32, 56):
        assert not check(HEADER, [SECRET[:cut] + "0" * (64 - cut)]), cut


def accepts_current_and_previous(check: Check) -> None:
    older = webhook.basic_secret("old", "pair")
    assert check(webhook.basic_header("old", "pair"), [SECRET, older])
    assert check(HEADER, [SECRET, older])
    assert check(HEADER, [older, SECRET])


CHECKS = [
    accepts_only_the_pair,
    refuses_empty_parts_even_when_they_are_stored,
    refuses_secrets_that_are_no_digests,
    refuses_digests_that_are_almost_equal,
    accepts_current_and_previous,
]


@pytest.mark.parametrize("check", CHECKS)
def test_the_verifier(check: Callable[[Check], None]) -> None:
    check(webhook.verify_basic)


def accepts_a_prefix(header: str | None, secrets: Sequence[str]) -> bool:
    digest = hashlib.sha256(base64.b64decode((header or "").partition(" ")[2] or b"")).hexdigest()
    return any(stored.startswith(digest[:8]) or digest.startswith(stored) for stored in secrets if stored)


def accepts_an_empty_password(header: str | None, secrets: Sequence[str]) -> bool:
    scheme, _, text = (header or "").partition(" ")
    try:
        credentials = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        return False
    return scheme.lower() == "basic" and hashlib.sha256(credentials).hexdigest() in secrets


def knows_the_newest_only(header: str | None, secrets: Sequence[str]) -> bool:
    return webhook.verify_basic(header, secrets[:1])


@pytest.mark.parametrize("twin", [accepts_a_prefix, accepts_an_empty_password, knows_the_newest_only])
def test_a_broken_twin_is_caught(twin: Check) -> None:
    def fails(check: Callable[[Check], None]) -> bool:
        try:
            check(twin)
        except (AssertionError, ValueError):
            return True
        return False

    assert any(fails(check) for check in CHECKS)


# --- totality -------------------------------------------------------------------------------------------------------


@given(st.one_of(st.none(), st.text(), st.binary().map(lambda raw: raw.decode("latin-1"))), st.lists(st.text()))
def test_the_verifier_never_raises_and_never_accepts_noise(header: str | None, stored: list[str]) -> None:
    assert webhook.verify_basic(header, stored) is False


@given(
    st.one_of(
        st.dictionaries(st.text(), st.one_of(st.text(), st.lists(st.text()))), st.lists(st.tuples(st.text(), st.text()))
    ),
    st.binary(),
)
def test_any_delivery_gets_a_verdict(headers: dict[str, str | list[str]] | list[tuple[str, str]], body: bytes) -> None:
    verdict = verify(headers, body)
    assert not verdict.genuine
    assert verdict.status in (401, 413, 415)


@given(st.text(min_size=1).filter(lambda text: ":" not in text), st.text(min_size=1))
def test_any_pair_verifies_itself(user: str, password: str) -> None:
    try:
        stored = webhook.basic_secret(user, password)
    except UnicodeEncodeError:
        return  # lone surrogates are no text that could be sent
    assert verify({"authorization": webhook.basic_header(user, password)}, secrets=[stored]).genuine


# --- the order of work ----------------------------------------------------------------------------------------------


def test_size_comes_before_everything_and_is_measured_in_bytes() -> None:
    exact = b"x" * POLICY.max_body_bytes
    assert verify({"Authorization": HEADER}, exact).genuine
    verdict = verify({"Authorization": HEADER, "Content-Encoding": "gzip"}, exact + b"x")
    assert (verdict.status, verdict.reason) == (413, "too_large")


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "identity, br", "x"])
def test_any_content_encoding_is_refused(encoding: str) -> None:
    verdict = verify({"Authorization": HEADER, "content-ENCODING": encoding})
    assert (verdict.genuine, verdict.status) == (False, 415)


def test_identity_is_no_encoding() -> None:
    assert verify({"Authorization": HEADER, "Content-Encoding": "identity"}).genuine


@pytest.mark.parametrize(
    "headers",
    [
        [("Authorization", HEADER), ("authorization", basic(b"a:b"))],
        {"Authorization": [HEADER, basic(b"a:b")]},
        {"Authorization": f"{HEADER}, {basic(b'a:b')}"},
        {"Authorization": HEADER, "AUTHORIZATION": basic(b"a:b")},
    ],
)
def test_two_different_credentials_are_refused_however_they_come(headers: Headers) -> None:
    verdict = verify(headers)
    assert (verdict.genuine, verdict.status, verdict.reason) == (False, 401, "two_credentials")


def test_the_same_credentials_twice_are_one_value() -> None:
    assert verify([("Authorization", HEADER), ("authorization", HEADER)]).genuine


def test_an_unknown_endpoint_looks_like_a_wrong_password() -> None:
    assert verify({"Authorization": HEADER}, secrets=()) == verify({"Authorization": basic(b"a:b")})


def test_new_pairs_are_long_different_and_safe_to_send() -> None:
    pairs = {webhook.new_basic_pair() for _ in range(50)}
    assert len(pairs) == 50
    for user, password in pairs:
        assert len(user) == 32
        assert len(password) >= 43
        assert (user + password).isascii()
        assert ":" not in user + password


def test_the_ack_path_stays_light() -> None:
    """Toast gives two seconds, cold start included: nothing heavy may come in with the verifier."""
    code = (
        "import sys; from taxpoynt.connector_kit.webhook import reply_policy; reply_policy('pipedrive');"
        "import taxpoynt.services.receive_webhook, taxpoynt.services.signing_secrets;"
        "heavy = {'pydantic', 'requests', 'boto3', 'aws_lambda_powertools', 'jmespath', 'authlib', 'xml'};"
        "heavy &= set(sys.modules); sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 (our own interpreter)
    assert done.returncode == 0, done.stderr
