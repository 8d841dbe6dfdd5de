"""The stamp: read back with a test key, because its padding is random."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from taxpoynt.errors import BadInput, Rejected
from taxpoynt.nrs.stamp import RsaStampMaker, plain_text, read_keys
from taxpoynt.ports import StampMaker

IRN = "HUB100245-94ND90NR-20260915"
AT = datetime(2026, 9, 15, 9, 42, 31, 999_000, tzinfo=UTC)
CERTIFICATE = "c2FtcGxlLWNlcnRpZmljYXRl"
EXPECTED = b'{"irn":"HUB100245-94ND90NR-20260915.1789465351","certificate":"c2FtcGxlLWNlcnRpZmljYXRl"}'
PRIVATE = rsa.generate_private_key(65537, 2048)
PEM = (
    PRIVATE.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)


def json_layout(pem: str = PEM, certificate: str = CERTIFICATE) -> str:
    return json.dumps({"public_key": base64.b64encode(pem.encode()).decode(), "certificate": certificate})


def plain_layout(pem: str = PEM, certificate: str = CERTIFICATE) -> str:
    return f"{pem}\n{certificate}\n"


def opens(seal: Callable[[bytes], str]) -> bool:
    """Can NRS's scanner, which knows PKCS#1 v1.5 only, read what `seal` makes? With the wrong padding it sees noise."""
    return PRIVATE.decrypt(base64.b64decode(seal(EXPECTED)), padding.PKCS1v15()) == EXPECTED


@pytest.mark.parametrize("keys", [json_layout(), plain_layout(), "\ufeff" + json_layout(), plain_layout() + "\r\n"])
def test_both_layouts_of_the_file_give_a_stamp_that_nrs_can_read(keys: str) -> None:
    maker: StampMaker = RsaStampMaker()
    assert plain_text(IRN, AT, CERTIFICATE) == EXPECTED

    stamp = maker.stamp(keys, IRN, AT)

    assert opens(lambda _: stamp.text)
    assert stamp.made_at == AT
    assert len(stamp.text) == 344


def test_the_same_check_catches_the_oaep_twin() -> None:
    def broken(payload: bytes) -> str:
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        return base64.b64encode(PRIVATE.public_key().encrypt(payload, oaep)).decode()

    assert not opens(broken)


def test_two_stamps_differ_in_padding_only() -> None:
    one, two = (RsaStampMaker().stamp(json_layout(), IRN, AT).text for _ in range(2))

    assert one != two
    assert opens(lambda _: one)
    assert opens(lambda _: two)


def test_a_certificate_too_long_for_the_key_says_how_many_bytes() -> None:
    with pytest.raises(Rejected, match="245 bytes allowed, 365 used"):
        RsaStampMaker().stamp(json_layout(certificate="A" * 300), IRN, AT)


def test_the_longest_that_fits_is_stamped() -> None:
    room = 245 - len(plain_text(IRN, AT, ""))

    assert RsaStampMaker().stamp(json_layout(certificate="A" * room), IRN, AT).text
    with pytest.raises(BadInput):
        RsaStampMaker().stamp(json_layout(certificate="A" * (room + 1)), IRN, AT)


def elliptic() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        ("", "neither"),
        ("hello", "neither"),
        ("{}", "public_key"),
        ("{" * 5000, "public_key"),
        ('{"public_key": 5, "certificate": "x"}', "public_key"),
        ('{"public_key": "§", "certificate": "x"}', "public_key"),
        (json_layout(certificate=""), "certificate"),
        (json_layout().replace(f'"{CERTIFICATE}"', "7"), "certificate"),
        (PEM, "certificate"),
        (json_layout(pem="no pem"), "cannot be read"),
        (json_layout(pem=elliptic()), "RSA"),
    ],
)
def test_keys_that_cannot_be_used_say_why(keys: str, word: str) -> None:
    with pytest.raises(BadInput, match=word):
        read_keys(keys)
