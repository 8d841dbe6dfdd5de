"""Wiring of serve_connect: answers a web.Request with a web.Response."""

from __future__ import annotations

from collections.abc import Callable

from taxpoynt.errors import ConfigurationError
from taxpoynt.web import Request, Response


def serve_connect() -> Callable[[Request], Response]:
    """The ready use case."""
    raise ConfigurationError("serve_connect has no use case yet")
