"""Wiring of receive_uninstall: answers a web.Request with a web.Response."""

from __future__ import annotations

from collections.abc import Callable

from taxpoynt.errors import ConfigurationError
from taxpoynt.web import Request, Response


def receive_uninstall() -> Callable[[Request], Response]:
    """The ready use case."""
    raise ConfigurationError("receive_uninstall has no use case yet")
