"""Wiring of serve_api: answers a web.Request with a web.Response."""

from __future__ import annotations

from collections.abc import Callable

from taxpoynt.errors import ConfigurationError
from taxpoynt.web import Request, Response


def serve_api() -> Callable[[Request], Response]:
    """The ready use case."""
    raise ConfigurationError("serve_api has no use case yet")
