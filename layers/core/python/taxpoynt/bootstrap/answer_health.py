"""Wiring of answer_health: answers a web.Request with a web.Response."""

from __future__ import annotations

from collections.abc import Callable

from taxpoynt.errors import ConfigurationError
from taxpoynt.web import Request, Response


def answer_health() -> Callable[[Request], Response]:
    """The ready use case."""
    raise ConfigurationError("answer_health has no use case yet")
