"""The merchant of the demo: an invented firm that the NRS sandbox's seed knows."""

import base64
import json
import re
import secrets
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from infra_cdk.local.launch import SEEDS
from infra_cdk.local.seeds import read_seed

SERVICE_ID = re.compile(r"-([A-Z0-9]{8})-")
PROFILE = Path(__file__).with_name("sample_merchant.json")


def sample_merchant(seeds: Path = SEEDS) -> dict[str, Any]:
    """The profile for POST /v1/merchants: what a person would type, and the NRS identity that NRS issued."""
    business = read_seed(seeds, "nrs")["entities"][0]["businesses"][0]
    found = SERVICE_ID.search(business["irn_template"])
    identity = {
        "business_id": business["id"],
        "service_id": found[1] if found else None,
        "tin": business["tin"],
        "name": business["name"],
    }
    profile: dict[str, Any] = json.loads(PROFILE.read_text())
    return profile | identity | {"crypto_keys": crypto_keys()}


def crypto_keys() -> str:
    """A `crypto_keys.txt` as NRS's portal gives it, with a key made now (both parts are public)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    certificate = base64.b64encode(secrets.token_bytes(32)).decode()
    return json.dumps({"public_key": base64.b64encode(pem).decode(), "certificate": certificate})
