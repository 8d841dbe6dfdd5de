"""The session cookie."""

from __future__ import annotations

from taxpoynt.web import Request

MAX_AGE = 12 * 3600


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
