import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests

from tests.sandbox.kit import Clock, running
from tests.sandbox.nrs import NrsSandbox, demo_seed
from tests.unit.sandbox.test_nrs.helping import Caller


@pytest.fixture(scope="session")
def nrs_server() -> Iterator[Caller]:
    sandbox = NrsSandbox(demo_seed(), Clock(datetime(2026, 9, 21, 9, tzinfo=UTC)))
    with running(sandbox) as url, requests.Session() as session:
        yield Caller(sandbox, url, session)


@pytest.fixture
def nrs(nrs_server: Caller) -> Caller:
    """NRS as the demo finds it, on 21 September 2026, exchanges without pauses."""
    nrs_server.sandbox.reset()
    nrs_server.control("/settings", {"step_seconds": 0})
    return nrs_server


class Inbox:
    """A webhook's receiver; `notices` in the order of arrival."""

    def __init__(self) -> None:
        inbox = self
        self.notices: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                inbox.notices.append(json.loads(raw))
                inbox.headers.append(dict(self.headers))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                return

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/nrs/notifications/some-token"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def inbox(nrs: Caller) -> Iterator[Inbox]:
    """Registered as the webhook."""
    found = Inbox()
    nrs.control("/webhook", {"url": found.url})
    yield found
    found.close()
