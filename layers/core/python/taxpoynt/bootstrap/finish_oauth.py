"""Wiring of finish_oauth: answers a web.Request with a web.Response."""

from __future__ import annotations

from collections.abc import Callable

from taxpoynt.errors import ConfigurationError
from taxpoynt.web import Request, Response


def finish_oauth() -> Callable[[Request], Response]:
    """The ready use case."""
    raise ConfigurationError("finish_oauth has no use case yet")
