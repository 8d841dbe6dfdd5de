"""The two Lightspeed sandboxes as this test uses them: a process, a shared clock, a token, a crowd of rows."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Platform:
    """What differs between the two. crowd, changes: the words of the sandbox's control routes."""

    connector: str
    account_id: str
    crowd: dict[str, str]
    changes: dict[str, str]


PLATFORMS = {
    "lightspeed_x": Platform(
        "lightspeed_x",
        "0af7b240-abc5-11e9-fb5b-ad7e3c86513b",
        {"items": "products", "customers": "customers"},
        {"items": "products", "customers": "customers", "stock": "stock", "gone": "deleted_products"},
    ),
    "lightspeed_r": Platform(
        "lightspeed_r",
        "7200001",
        {"items": "items", "customers": "customers"},
        {"items": "items", "customers": "customers", "stock": "stock", "gone": "archived_items"},
    ),
}


class Shop:
    """One running sandbox."""

    def __init__(self, platform: Platform, url: str) -> None:
        self.platform, self.url = platform, url
        self._session = requests.Session()

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A control route; what it answers."""
        answer = self._session.request(method, f"{self.url}/_control{path}", json=body, timeout=300)
        answer.raise_for_status()
        return answer.json()

    def advance(self, seconds: float) -> None:
        """Virtual time goes by."""
        self.control("POST", "/clock", {"advance_seconds": seconds})

    def token(self) -> str:
        """A fresh access token."""
        return str(self.control("POST", "/tokens", {})["access_token"])

    def now(self) -> datetime:
        """What the sandbox believes it is."""
        return datetime.fromisoformat(self.control("GET", "/clock")["now"])


@contextmanager
def running(platform: Platform) -> Iterator[Shop]:
    """The sandbox in a process of its own, so that its memory is not ours."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.sandbox", "--only", platform.connector, "--host", "127.0.0.1"]
    command += ["--port", f"{platform.connector}={port}"]
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=ROOT, env=os.environ.copy(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        if "ready" not in process.stdout.readline():
            raise RuntimeError("the sandbox did not start")
        yield Shop(platform, f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=20)


class VirtualClock:
    """The sandbox's time: real time, and an offset that every wait adds to. `offset` is where it is remembered."""

    def __init__(self, shop: Shop, offset: float, remember: Any) -> None:
        self._shop, self._offset, self._remember = shop, timedelta(seconds=offset), remember

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC) + self._offset

    def wait(self, seconds: float) -> None:
        """Nobody sleeps: both clocks go forward."""
        self._shop.advance(seconds)
        self._offset += timedelta(seconds=seconds)
        self._remember(self._offset.total_seconds())
