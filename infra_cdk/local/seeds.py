"""Fill the secrets that the stack leaves empty: on AWS an operator does this, here they match the sandboxes' seeds."""

import json
import secrets
from pathlib import Path
from typing import Any

from infra_cdk.local.aws import Clients
from infra_cdk.local.console import Trouble
from infra_cdk.local.launch import SEEDS
from infra_cdk.local.layout import STAGE

OPERATOR, NRS, PLATFORMS = f"taxpoynt/{STAGE}/operator", f"taxpoynt/{STAGE}/nrs", f"taxpoynt/{STAGE}/platforms/"
TOKEN_BYTES = 32


def seed_secrets(clients: Clients, connectors: list[str], seeds: Path = SEEDS) -> str:
    """Set operator token (random, kept if there is one), platform credentials and NRS keys; the operator token."""
    for connector in connectors:
        put(clients, PLATFORMS + connector, platform_credentials(seeds, connector))
    put(clients, NRS, nrs_credentials(seeds))
    token = kept_token(clients) or secrets.token_urlsafe(TOKEN_BYTES)
    put(clients, OPERATOR, {"token": token})
    return token


def put(clients: Clients, name: str, value: dict[str, str]) -> None:
    """Set a secret that the stack made; an unchanged value makes no new version."""
    store = clients("secretsmanager")
    text = json.dumps(value)
    if store.get_secret_value(SecretId=name).get("SecretString") != text:
        store.put_secret_value(SecretId=name, SecretString=text)


def kept_token(clients: Clients) -> str | None:
    """The operator token as it is now; None when it is too short to be one."""
    text = clients("secretsmanager").get_secret_value(SecretId=OPERATOR).get("SecretString", "")
    try:
        token = json.loads(text).get("token", "")
    except ValueError:
        return None
    return str(token) if len(token) >= TOKEN_BYTES else None


def read_seed(seeds: Path, name: str) -> dict[str, Any]:
    """One sandbox's seed file."""
    path = seeds / f"{name}.json"
    if not path.exists():
        raise Trouble(f"There is no seed for the {name} sandbox: {path}")
    seed: dict[str, Any] = json.loads(path.read_text())
    return seed


def nrs_credentials(seeds: Path) -> dict[str, str]:
    """The key pair that the NRS sandbox accepts."""
    key = read_seed(seeds, "nrs")["keys"][0]
    return {"api_key": key["api_key"], "api_secret": key["api_secret"]}


def platform_credentials(seeds: Path, connector: str) -> dict[str, str]:
    """Our app's credentials at one platform's sandbox."""
    app = read_seed(seeds, connector)["app"]
    return {"client_id": app["client_id"], "client_secret": app["client_secret"]}
