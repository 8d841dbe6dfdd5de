from __future__ import annotations

import base64
import os
from typing import Any

import pytest
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

from taxpoynt.nrs.download import decrypt

PLAIN = '{"irn":"HUB100245-94ND90NR-20260915","note":"Àṣẹ"}'.encode()
API_KEY = "abcdef012345-rest-of-the-key"
PUB = "p" * 20
IV = bytes(range(16))


def sealed(key: bytes, *, padded: bool = True) -> dict[str, Any]:
    data = base64.urlsafe_b64encode(Cipher(algorithms.AES(key), CFB(IV)).encryptor().update(PLAIN)).decode()
    return {"iv_hex": IV.hex(), "pub": PUB, "data": data if padded else data.rstrip("=")}


@pytest.mark.parametrize("padded", [True, False])
def test_the_key_is_pub_and_the_api_keys_first_part(padded: Any) -> None:
    assert decrypt(sealed((PUB + "abcdef012345").encode(), padded=padded), api_key=API_KEY) == PLAIN


def test_an_account_with_a_key_of_its_own_is_read_too() -> None:
    own = os.urandom(32)

    assert decrypt(sealed(own), api_key=API_KEY, download_key=base64.b64encode(own).decode()) == PLAIN


def test_a_copy_no_key_opens_is_none_and_not_noise() -> None:
    assert decrypt(sealed(os.urandom(32)), api_key=API_KEY) is None


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "text",
        {},
        {"iv_hex": "zz", "pub": PUB, "data": ""},
        {"iv_hex": "00", "pub": PUB, "data": ""},
        {"iv_hex": IV.hex(), "pub": 7, "data": "AA=="},
        {"iv_hex": IV.hex(), "pub": PUB, "data": "§"},
        {"iv_hex": IV.hex(), "pub": PUB, "data": None},
        {"iv_hex": None, "pub": PUB, "data": "AA=="},
        {"iv_hex": IV.hex(), "pub": "short", "data": "AA=="},
    ],
)
def test_an_answer_of_another_shape_is_none(data: Any) -> None:
    assert decrypt(data, api_key=API_KEY) is None
