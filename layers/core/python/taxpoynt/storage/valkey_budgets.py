"""Rate budgets in Valkey or Redis, for deployments whose requests outgrow a table: the same port, the same rules.

The client is imported when the first budget is asked for: functions that do not use it do not load it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from taxpoynt.domain.keys import key
from taxpoynt.errors import ConfigurationError, Retryable

SWAP = """
local found = redis.call('GET', KEYS[1]) or ''
if found ~= ARGV[1] then return found end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return false
"""
"""One script is one step of the server: nobody comes between reading and writing. `false` arrives as None."""

TIMEOUT = 2.0


class ValkeyRateBudget:
    """ports.RateBudget.

    url: `rediss://host:6379/0` (TLS), `redis://…`, or `unix:///path` where it runs beside us. It holds no password:
    an address stands in the environment.
    """

    def __init__(self, url: str, *, username: str | None = None, password: str | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("redis", "rediss", "unix") or "@" in parts.netloc or "password" in parts.query:
            raise ConfigurationError("rate budgets: an address redis://, rediss:// or unix:// without a password")
        if password and parts.scheme == "redis":
            raise ConfigurationError("a password goes to the rate budgets over TLS only (rediss://)")
        self._url, self._login = url, {"username": username, "password": password}

    def swap(self, merchant: str, connection: str, held: str, wanted: str, *, seconds: int) -> str | None:
        """As the port says."""
        from valkey.exceptions import ValkeyError

        try:
            found = self._script(keys=[key("budget", merchant, connection)], args=[held, wanted, seconds])
        except (ValkeyError, OSError) as problem:
            raise Retryable(f"rate budget: {type(problem).__name__}") from None
        return None if found is None else str(found)

    @cached_property
    def _script(self) -> Any:
        """Sent by its digest from the second time on; loaded again by itself after a restart of the server."""
        import valkey

        client = valkey.Valkey.from_url(
            self._url,
            decode_responses=True,
            socket_timeout=TIMEOUT,
            **({} if urlsplit(self._url).scheme == "unix" else {"socket_connect_timeout": TIMEOUT}),
            **{name: value for name, value in self._login.items() if value},
        )
        return client.register_script(SWAP)
