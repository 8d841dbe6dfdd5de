"""Addresses of further pages that a platform names, in a header (RFC 8288) or in the body.

They are data from outside: a link is believed only for its path and query, and only when its origin is the answering
one or one that the template lists, so that a token never follows a link to somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

from taxpoynt.errors import PlatformRefused

MAX_HEADER = 16_384

_LINK = re.compile(
    r"""<([^<>]*+)>\s*+                                     # the target
        ((?:;\s*+[^\s=;,"]++\s*+(?:=\s*+(?:"(?:[^"\\]|\\.)*+"|[^\s",;]++)\s*+)?)*+)   # its parameters
    """,
    re.VERBOSE,
)
_PARAMETER = re.compile(r""";\s*+([^\s=;,"]++)\s*+(?:=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^\s",;]++)))?""")


def next_link(header: str, rel: str) -> str | None:
    """The target whose relation is `rel`; None when there is none. Several relations may stand in one parameter."""
    for found in _LINK.finditer(header[:MAX_HEADER]):
        for name, quoted, bare in _PARAMETER.findall(found[2]):
            if name.lower() == "rel":  # only the first counts (RFC 8288, section 3.3)
                if rel in (quoted or bare).lower().split():
                    return found[1].strip() or None
                break
    return None


def on_our_origin(link: str | None, path: str, origin: str, others: Iterable[str] = ()) -> str | None:
    """Path and query of a link, to be asked on the account's own origin; PlatformRefused for one that leads elsewhere.

    path: what was asked, because a link may be relative; origin: where the answer came from.
    """
    if link is None:
        return None
    try:
        parts = urlsplit(urljoin(origin + "/" + path.lstrip("/"), link))
        named = f"{parts.scheme}://{parts.netloc}".lower().removesuffix(":443")
    except ValueError:
        raise PlatformRefused(f"{path}: the next page has no readable address") from None
    if (
        named not in {origin.lower().removesuffix(":443"), *others}
        or not parts.path.startswith("/")
        or parts.path.startswith("//")
    ):
        raise PlatformRefused(f"{path}: the next page is on another host")
    if not (parts.path + parts.query).isprintable() or " " in parts.path + parts.query:
        raise PlatformRefused(f"{path}: the next page has no readable address")
    return parts.path + (f"?{parts.query}" if parts.query else "")
