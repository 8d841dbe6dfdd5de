"""Signatures as data: the vectors of every platform we know, and what holds for all schemes alike."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxpoynt.connector_kit.header_parts import pairs_of
from taxpoynt.connector_kit.template_signatures import Vector
from taxpoynt.connector_kit.webhook import Delivery, ReplyPolicy, near_miss, policy_of, verify
from tests.unit.connector_kit.schemes import NAMES, policy, webhooks
from tests.unit.connector_kit.vectors import delivery, judged

SECRET = "0f8e7d6c5b4a39281706f5e4d3c2b1a0"
NOW = datetime(2026, 5, 15, 21, 30, tzinfo=UTC)
URL = "https://connect.example.com/webhooks/x"
SIGNED = [name for name in NAMES if policy(name).kind == "mac"]
VECTORS = [(name, vector) for name in NAMES for vector in webhooks(name).vectors]


@pytest.mark.parametrize(("name", "vector"), VECTORS, ids=[f"{name}: {vector.name}" for name, vector in VECTORS])
def test_a_vector_gets_its_verdict(name: str, vector: Vector) -> None:
    judged(policy(name), vector)


# --- what holds for every scheme ------------------------------------------------------------------------------------


def genuine(name: str) -> tuple[ReplyPolicy, Vector]:
    """The first genuine vector that the webhook route itself takes."""
    found = next(vector for vector in webhooks(name).vectors if vector.genuine and not vector.older)
    return policy(name), found


def asked(rules: ReplyPolicy, vector: Vector, **changed: Any) -> str:
    sent = delivery(vector)
    parts = {"headers": sent.headers, "body": sent.body, "method": sent.method, "url": sent.url}
    secrets = changed.pop("secrets", list(vector.secrets))
    now = changed.pop("now", vector.moment(NOW))
    return verify(rules, Delivery(**{**parts, **changed}), secrets, now).reason


@pytest.mark.parametrize("name", SIGNED)
def test_one_flipped_bit_anywhere_in_the_body_is_refused(name: str) -> None:
    rules, vector = genuine(name)
    body = delivery(vector).body
    for place in range(0, len(body), max(1, len(body) // 40)):
        flipped = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        assert asked(rules, vector, body=flipped) != "genuine", place
    assert asked(rules, vector, body=body + b" ") != "genuine"
    assert asked(rules, vector, body=b"") != "genuine"


@pytest.mark.parametrize("name", SIGNED)
def test_the_names_of_headers_may_be_written_in_any_way(name: str) -> None:
    rules, vector = genuine(name)
    for written in (str.upper, str.lower, str.title):
        assert asked(rules, vector, headers={written(key): value for key, value in vector.headers.items()}) == "genuine"


@pytest.mark.parametrize("name", SIGNED)
def test_two_different_values_of_a_security_header_are_refused_and_equal_ones_are_one(name: str) -> None:
    rules, vector = genuine(name)
    scheme = rules.schemes[0]
    pairs = list(vector.headers.items())
    assert asked(rules, vector, headers=pairs + pairs) == "genuine"
    for key, value in pairs:
        stamped = scheme.timestamp and scheme.timestamp.header == key.lower()
        if key.lower() == scheme.header or stamped:
            for other in (value[:-1] + ("A" if value[-1] != "A" else "B"), "", "x"):
                assert asked(rules, vector, headers=[*pairs, (key.upper(), other)]) != "genuine", key


@pytest.mark.parametrize("name", SIGNED)
def test_current_and_previous_secret_are_accepted_in_any_order_and_no_other(name: str) -> None:
    rules, vector = genuine(name)
    [right, *_] = list(vector.secrets)
    assert asked(rules, vector, secrets=[SECRET, right]) == "genuine"
    assert asked(rules, vector, secrets=[right, SECRET]) == "genuine"
    for none in ([], [""], [SECRET], [right + "x"], [right[:-1]], [rules.schemes[0].key.prefix]):
        assert asked(rules, vector, secrets=none) == "wrong_signature", none


@pytest.mark.parametrize("name", SIGNED)
def test_nothing_signed_is_refused_like_any_other(name: str) -> None:
    rules, vector = genuine(name)
    assert asked(rules, vector, headers={}) == "no_signature"
    verdict = verify(rules, Delivery(headers={}, body=b"{}"), (), NOW)
    assert (verdict.genuine, verdict.status) == (False, rules.refused)


@pytest.mark.parametrize("name", [name for name in SIGNED if policy(name).schemes[0].timestamp])
def test_a_delivery_is_fresh_within_the_tolerance_both_ways(name: str) -> None:
    rules, vector = genuine(name)
    stamp = rules.schemes[0].timestamp
    assert stamp is not None
    arrived, wide = vector.moment(NOW), timedelta(seconds=stamp.tolerance_seconds)
    for away in (timedelta(0), wide - timedelta(seconds=10), timedelta(seconds=10) - wide):
        assert asked(rules, vector, now=arrived + away) == "genuine", away
    for away in (wide + timedelta(seconds=10), -wide - timedelta(seconds=10), timedelta(days=400)):
        assert asked(rules, vector, now=arrived + away) == "stale", away


TEXTS = st.text(max_size=80) | st.sampled_from(
    [
        "v1,",
        "v1,AAAA",
        "signature=,algorithm=HMAC-SHA256",
        "t=1",
        ",",
        "=",
        " ",
        "1752613922216",
        "é",
        "\ud800",
        "9" * 400,
    ]
)


@given(st.data(), st.binary(max_size=200), st.lists(st.text(max_size=20) | st.none(), max_size=3))
def test_any_headers_bytes_and_secrets_end_in_a_refusal(data: st.DataObject, body: bytes, secrets: list[Any]) -> None:
    for name in SIGNED:
        rules = policy(name)
        known = {scheme.header for scheme in rules.schemes} | {"x-hubspot-signature-version", "webhook-id"}
        known |= {stamp.header for scheme in rules.schemes if (stamp := scheme.timestamp) and stamp.header}
        headers = data.draw(st.dictionaries(st.sampled_from(sorted(known)), TEXTS | st.lists(TEXTS, max_size=2)))
        url = data.draw(TEXTS)
        sent = Delivery(headers=headers, body=body, url=url, method=data.draw(TEXTS))
        assert not verify(rules, sent, secrets, NOW, older=True).genuine
        near_miss(rules, sent, [one for one in secrets if one])


# --- any scheme that can be written ---------------------------------------------------------------------------------

ENCODERS: Mapping[str, Callable[[bytes], str]] = {
    "hex": bytes.hex,
    "base64": lambda raw: base64.b64encode(raw).decode(),
    "base64url": lambda raw: base64.urlsafe_b64encode(raw).decode(),
}
PARTS = ["method", "url", "timestamp", "header:x-id", "form:kind", "text:.", "text:~:"]


def rules_of(sign: Sequence[str], digest: str, encoding: str, **more: Any) -> ReplyPolicy:
    scheme: dict[str, Any] = {
        "name": "s",
        "kind": "mac",
        "header": "x-sig",
        "digest": digest,
        "encoding": encoding,
        "sign": [*sign],
    }
    scheme |= {"timestamp": {"header": "x-time", "unit": "s"}, **more}
    block = {
        "signature": {"secret": "app", "schemes": [scheme]},
        "max_body_bytes": 10_000,
        "deadline_seconds": 5,
        "reply": {"refused": 403},
    }
    return policy_of("x", block)


def signed(sign: Sequence[str], digest: str, encoding: str, body: bytes, secret: str, at: datetime) -> dict[str, str]:
    """What a sender does, written down a second time and differently."""
    time = str(int(at.timestamp()))
    known = {
        "method": b"POST",
        "url": URL.encode(),
        "timestamp": time.encode(),
        "body": body,
        "secret": secret.encode(),
        "header:x-id": b"evt-1",
        "form:kind": "Zoë & Søn".encode(),
    }
    message = bytearray()
    for part in sign:
        message += known[part] if part in known else part.partition(":")[2].encode()
    if digest == "sha256":
        raw = hashlib.sha256(message).digest()
    else:
        raw = hmac.new(secret.encode(), bytes(message), digest.split("-")[1]).digest()
    return {"X-Sig": ENCODERS[encoding](raw), "X-Time": time, "X-Id": "evt-1"}


FORM = b"kind=Zo%C3%AB+%26+S%C3%B8n&payload=%7B%7D"


@given(
    st.lists(st.sampled_from(PARTS), max_size=5, unique=True),
    st.sampled_from(["hmac-sha256", "hmac-sha1", "sha256"]),
    st.sampled_from(sorted(ENCODERS)),
    st.text(min_size=1, max_size=40).filter(lambda text: text.isprintable()),
    st.integers(0, 5),
)
def test_whatever_parts_a_scheme_signs_the_senders_own_signature_is_right_and_only_that(
    parts: list[str], digest: str, encoding: str, secret: str, place: int
) -> None:
    sign = [*parts[:place], "body", *parts[place:]]
    if digest == "sha256":
        sign.insert(0, "secret")
    rules = rules_of(sign, digest, encoding)
    headers = signed(sign, digest, encoding, FORM, secret, NOW)
    right = Delivery(headers=headers, body=FORM, url=URL)
    assert verify(rules, right, [secret], NOW).genuine
    assert not verify(rules, right, [secret + "x"], NOW).genuine
    assert not verify(rules, Delivery(headers=headers, body=FORM + b"&", url=URL), [secret], NOW).genuine
    assert not verify(rules, right, [secret], NOW + timedelta(seconds=301)).genuine
    if "url" in sign:
        assert not verify(rules, Delivery(headers=headers, body=FORM, url=URL + "/"), [secret], NOW).genuine
    if "method" in sign:
        assert not verify(rules, Delivery(headers=headers, body=FORM, url=URL, method="PUT"), [secret], NOW).genuine


def test_hexadecimal_may_be_large_and_padding_of_url_safe_base64_may_be_missing() -> None:
    rules = rules_of(["body"], "hmac-sha256", "hex")
    headers = signed(["body"], "hmac-sha256", "hex", FORM, SECRET, NOW)
    assert verify(
        rules, Delivery(headers={**headers, "X-Sig": headers["X-Sig"].upper()}, body=FORM), [SECRET], NOW
    ).genuine
    rules = rules_of(["body"], "hmac-sha256", "base64url")
    headers = signed(["body"], "hmac-sha256", "base64url", FORM, SECRET, NOW)
    bare = {**headers, "X-Sig": headers["X-Sig"].rstrip("=")}
    assert verify(rules, Delivery(headers=bare, body=FORM), [SECRET], NOW).genuine


def test_a_prefix_before_the_signature_is_wanted_where_the_template_names_one() -> None:
    rules = rules_of(["body"], "hmac-sha256", "hex", prefix="sha256=")
    headers = signed(["body"], "hmac-sha256", "hex", FORM, SECRET, NOW)
    assert verify(rules, Delivery(headers=headers, body=FORM), [SECRET], NOW).reason == "malformed_signature"
    headers["X-Sig"] = "sha256=" + headers["X-Sig"]
    assert verify(rules, Delivery(headers=headers, body=FORM), [SECRET], NOW).genuine


# --- broken twins: each plausible mistake is noticed by a check that the verifier passes ----------------------------

Twin = Callable[[ReplyPolicy, Delivery, Sequence[str], datetime], bool]


def honest(rules: ReplyPolicy, sent: Delivery, secrets: Sequence[str], now: datetime) -> bool:
    return verify(rules, sent, secrets, now).genuine


def shown(sent: Delivery) -> dict[str, str]:
    return dict(pairs_of(sent.headers))


def reads_the_json_and_writes_it_again(
    rules: ReplyPolicy, sent: Delivery, secrets: Sequence[str], now: datetime
) -> bool:
    try:
        body = json.dumps(json.loads(sent.body), separators=(",", ":")).encode()
    except ValueError:
        return False
    return honest(rules, Delivery(headers=sent.headers, body=body, url=sent.url, method=sent.method), secrets, now)


def looks_at_no_clock(rules: ReplyPolicy, sent: Delivery, secrets: Sequence[str], now: datetime) -> bool:
    return verify(rules, sent, secrets, now).reason in ("genuine", "stale")


def takes_any_future(rules: ReplyPolicy, sent: Delivery, secrets: Sequence[str], now: datetime) -> bool:
    ahead = int(shown(sent).get("x-time", "0")) > now.timestamp()
    return looks_at_no_clock(rules, sent, secrets, now) if ahead else honest(rules, sent, secrets, now)


def believes_the_host_header(rules: ReplyPolicy, sent: Delivery, secrets: Sequence[str], now: datetime) -> bool:
    url = f"https://{shown(sent).get('host', 'connect.example.com')}/webhooks/x"
    return honest(rules, Delivery(headers=sent.headers, body=sent.body, url=url), secrets, now)


def knows_the_newest_secret_only(rules: ReplyPolicy, sent: Delivery, secrets: Sequence[str], now: datetime) -> bool:
    return honest(rules, sent, secrets[:1], now)


def leaves_base64_of_the_gateway_alone(
    rules: ReplyPolicy, sent: Delivery, secrets: Sequence[str], now: datetime
) -> bool:
    body = base64.b64encode(sent.body) if not sent.body.isascii() else sent.body
    return honest(rules, Delivery(headers=sent.headers, body=body, url=sent.url), secrets, now)


def falls_back_to_a_weaker_scheme(rules: ReplyPolicy, sent: Delivery, secrets: Sequence[str], now: datetime) -> bool:
    return any(
        verify(_only(rules, number), sent, secrets, now, older=True).genuine for number in range(len(rules.schemes))
    )


def _only(rules: ReplyPolicy, number: int) -> ReplyPolicy:
    return ReplyPolicy(connector="x", schemes=(rules.schemes[number],), refused=401)


def forgives_an_empty_secret(rules: ReplyPolicy, sent: Delivery, secrets: Sequence[str], now: datetime) -> bool:
    return honest(rules, sent, secrets, now) or (
        "" in secrets and hmac.new(b"", sent.body, hashlib.sha256).hexdigest() == dict(sent.headers).get("x-sig")
    )


def everything_a_verifier_owes(check: Twin) -> None:
    sign = ["url", "body", "timestamp"]
    rules = rules_of(sign, "hmac-sha256", "hex")

    def sent(body: bytes, at: datetime = NOW, secret: str = SECRET) -> dict[str, str]:
        return {key.lower(): value for key, value in signed(sign, "hmac-sha256", "hex", body, secret, at).items()}

    spaced, foreign, numbers = b'{"a": 1}', '{"n":"Zoë"}'.encode(), b'{"total":468.80000}'
    for body in (spaced, foreign, numbers, b"", b"not json", b"\xff\x00"):
        assert check(rules, Delivery(headers=sent(body), body=body, url=URL), [SECRET], NOW), body
        assert check(rules, Delivery(headers=sent(body), body=body, url=URL), [SECRET + "2", SECRET], NOW), body
    for away in (301, -301, 90_000):
        late = NOW + timedelta(seconds=away)
        assert not check(rules, Delivery(headers=sent(spaced), body=spaced, url=URL), [SECRET], late), away
    forged = {**sent(spaced), "host": "connect.example.com"}
    assert not check(
        rules, Delivery(headers=forged, body=spaced, url="https://other.example/webhooks/x"), [SECRET], NOW
    )
    honest_host = {**sent(spaced), "host": "internal.invalid"}
    assert check(rules, Delivery(headers=honest_host, body=spaced, url=URL), [SECRET], NOW)
    plain = rules_of(["body"], "hmac-sha256", "hex")
    empty = {key.lower(): value for key, value in signed(["body"], "hmac-sha256", "hex", spaced, "", NOW).items()}
    assert not check(plain, Delivery(headers=empty, body=spaced, url=URL), [""], NOW)
    hubspot = policy("hubspot")
    mixed = next(vector for vector in webhooks("hubspot").vectors if vector.name.startswith("v3 wrong beside"))
    assert not check(hubspot, delivery(mixed), list(mixed.secrets), mixed.moment(NOW))


TWINS: list[Twin] = [
    reads_the_json_and_writes_it_again,
    looks_at_no_clock,
    takes_any_future,
    believes_the_host_header,
    knows_the_newest_secret_only,
    leaves_base64_of_the_gateway_alone,
    falls_back_to_a_weaker_scheme,
    forgives_an_empty_secret,
]


def test_the_verifier_owes_nothing() -> None:
    everything_a_verifier_owes(honest)


@pytest.mark.parametrize("twin", TWINS)
def test_a_broken_twin_is_caught(twin: Twin) -> None:
    with pytest.raises(AssertionError):
        everything_a_verifier_owes(twin)


# --- for people who join a new sender -------------------------------------------------------------------------------


def test_a_scheme_in_doubt_says_which_other_reading_would_have_matched() -> None:
    rules = policy("lightspeed_x")
    vector = webhooks("lightspeed_x").vectors[0]
    body = delivery(vector).body
    [secret] = vector.secrets
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    header = "signature=" + base64.b64encode(digest).decode() + ",algorithm=HMAC-SHA256"
    found = near_miss(rules, Delivery(headers={"X-Signature": header}, body=body), [secret])
    assert found == "base64 over what the template says"
    form = b"payload=%7B%22a%22%3A1%7D&type=sale.update"
    digest = hmac.new(secret.encode(), b'{"a":1}', hashlib.sha256).digest()
    header = f"signature={digest.hex()},algorithm=HMAC-SHA256"
    found = near_miss(rules, Delivery(headers={"X-Signature": header}, body=form), [secret])
    assert found == "hex over the form field payload"
    assert near_miss(rules, Delivery(headers={"X-Signature": header}, body=form), ["another secret"]) is None
    assert (
        near_miss(rules, Delivery(headers={"X-Signature": header}, body=form + b"&a=" + b"x" * 70_000), [secret])
        is None
    )
    assert (
        near_miss(policy("square"), Delivery(headers={"x-square-hmacsha256-signature": "x"}, body=form), [secret])
        is None
    )
