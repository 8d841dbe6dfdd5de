"""Wiring of serve_console."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

from taxpoynt.bootstrap.attention_desk import attention_desk
from taxpoynt.bootstrap.serve_api import operator_desk
from taxpoynt.portal.console import ConsolePages
from taxpoynt.settings import ServeConsoleSettings, load
from taxpoynt.web import Request, Response


@cache
def serve_console() -> Callable[[Request], Response]:
    """The ready pages."""
    settings = load(ServeConsoleSettings, os.environ)
    desk = operator_desk(settings)
    return ConsolePages(desk.portal, desk, attention_desk(settings)[0], desk.sessions, settings.public_url)
