"""What the sandbox was asked, with secrets replaced by a digest that still tells two of them apart."""

import hashlib
import json
import re
import threading
from collections import deque
from typing import Any
from urllib.parse import parse_qs

_SECRET = re.compile(r"authorization|cookie|secret|token|password|api[-_]?key", re.IGNORECASE)
_NOT_SECRET = re.compile(r"token_type|grant_type", re.IGNORECASE)
LARGEST_BODY = 1_000_000


def digest(secret: str) -> str:
    """Stable short name of a secret: `sha256:` and 12 hex digits."""
    return "sha256:" + hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def redacted(value: Any, *, also: frozenset[str] = frozenset()) -> Any:
    """Deep copy of a JSON value in which strings under secret-looking keys are digests."""
    if isinstance(value, dict):
        return {key: _field(str(key), item, also) for key, item in value.items()}
    if isinstance(value, list):
        return [redacted(item, also=also) for item in value]
    return value


def _field(key: str, item: Any, also: frozenset[str]) -> Any:
    if key not in also and (not _SECRET.search(key) or _NOT_SECRET.search(key)):
        return redacted(item, also=also)
    if isinstance(item, list):
        return [digest(str(part)) for part in item]
    if not isinstance(item, str):
        return redacted(item, also=also)
    scheme, space, rest = item.partition(" ")
    return f"{scheme} {digest(rest)}" if space else digest(item)


def readable_body(body: bytes, content_type: str) -> Any:
    """JSON value, form fields, text, or a note about what it was; redacted."""
    if not body:
        return None
    if len(body) > LARGEST_BODY:
        return f"({len(body)} bytes, not kept)"
    text = body.decode("utf-8", "replace")
    if "x-www-form-urlencoded" in content_type:
        # an OAuth code is as good as a token while it lives; in JSON "code" is an ordinary word
        return redacted(parse_qs(text, keep_blank_values=True), also=frozenset({"code"}))
    try:
        return redacted(json.loads(text))
    except ValueError:
        return text


class RequestLog:
    """The last few thousand entries, numbered from 1 without gaps. Safe for threads."""

    def __init__(self, keep: int = 5000) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=keep)
        self._last = 0
        self._lock = threading.Lock()

    def append(self, entry: dict[str, Any]) -> None:
        """Adds the entry under the next number `n`."""
        with self._lock:
            self._last += 1
            self._entries.append({"n": self._last, **entry})

    def clear(self) -> None:
        """Forgets the entries and starts numbering again."""
        with self._lock:
            self._entries.clear()
            self._last = 0

    def read(self, path: str = "", since: int = 0, method: str = "") -> list[dict[str, Any]]:
        """Entries with `n` above `since`; `path` is a regular expression matched from the start."""
        with self._lock:
            entries = list(self._entries)
        return [
            entry
            for entry in entries
            if entry["n"] > since
            and re.match(path, entry.get("path", ""))
            and method.upper() in {"", entry.get("method")}
        ]

    @property
    def last(self) -> int:
        """Number of the newest entry."""
        with self._lock:
            return self._last
