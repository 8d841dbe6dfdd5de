"""The session cookie, and the name a person signs with."""

from __future__ import annotations

from urllib.parse import quote, unquote

from taxpoynt.web import Request

MAX_AGE = 12 * 3600
LONGEST_NAME = 100
_SIGNED_AS = "taxpoynt_name"


def _name(public_url: str) -> str:
    # `__Host-` binds the cookie to this host over TLS; browsers refuse it on the local stage's plain http
    return "__Host-taxpoynt" if public_url.startswith("https://") else "taxpoynt"


def read(request: Request, public_url: str) -> str | None:
    """The session secret a browser sent."""
    return request.cookies.get(_name(public_url))


def write(secret: str, public_url: str) -> str:
    """A Set-Cookie value. Lax, because platforms send the browser back to us by a top-level GET."""
    secure = "; Secure" if public_url.startswith("https://") else ""
    return f"{_name(public_url)}={secret}; Path=/; Max-Age={MAX_AGE}; HttpOnly; SameSite=Lax{secure}"


def clear(public_url: str) -> str:
    """A Set-Cookie value that removes it."""
    return f"{_name(public_url)}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"


def read_name(request: Request) -> str:
    """The name a person signed with before on this device; only a convenience, so it proves nothing."""
    name = unquote(request.cookies.get(_SIGNED_AS, ""))
    return name if name.isprintable() and len(name) <= LONGEST_NAME else ""


def write_name(name: str, public_url: str) -> str:
    """Remembers who signed, for the next form on this device."""
    secure = "; Secure" if public_url.startswith("https://") else ""
    kept = quote(name.strip()[:LONGEST_NAME], safe="")
    return f"{_SIGNED_AS}={kept}; Path=/connect; Max-Age={MAX_AGE}; HttpOnly; SameSite=Strict{secure}"
