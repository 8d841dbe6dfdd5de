"""The NRS sandbox's control routes, through the minutes in which its port is closed."""

from __future__ import annotations

from typing import Any

import requests

from infra_cdk.local.polling import poll_until
from tests.e2e.harness import Sandbox

Json = dict[str, Any]
PATIENCE = 60.0


def patiently(sandbox: Sandbox, method: str, route: str, body: Any = None) -> Json:
    """The answer, as soon as the port is open. A call that was cut is made again: these orders may be repeated."""

    def ask() -> Json | None:
        try:
            return sandbox.send(method, route, body)
        except requests.ConnectionError:
            return None

    return poll_until(ask, f"NRS's port to be open for {route}", seconds=PATIENCE, every=0.2)
