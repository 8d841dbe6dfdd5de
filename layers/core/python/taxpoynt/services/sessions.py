"""Who is at the browser: a session opened with a connect link, or with the operator's token.

Secrets are stored as digests only (`ConnectionStore.put_once`), so a copy of the table opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from taxpoynt.ports import Clock, ConnectionStore

LINK_LIFE = timedelta(days=3)
SESSION_LIFE = timedelta(hours=12)
OPERATOR = "operator"
"""Stands in the place of a merchant id in an operator's session; merchant ids start with `m_`."""


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. `csrf` goes into every form; it is derived, so nothing more is stored."""

    secret: str = field(repr=False)
    merchant: str

    @property
    def csrf(self) -> str:
        """The form token of this session, useless without its cookie."""
        return hmac.new(self.secret.encode(), b"form", hashlib.sha256).hexdigest()

    @property
    def digest(self) -> str:
        """Names this session in other records without giving it away."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    def made(self, token: str) -> bool:
        """Was `token` given out in one of this session's forms?"""
        return hmac.compare_digest(self.csrf.encode(), token.encode())


@dataclass(frozen=True, slots=True)
class Sessions:
    """Links and sessions over the connection store."""

    store: ConnectionStore
    clock: Clock

    def make_link(self, merchant: str) -> tuple[str, datetime]:
        """A link secret for `merchant`, usable once, and when it expires."""
        secret, expires_at = secrets.token_urlsafe(32), self.clock.now() + LINK_LIFE
        self.store.put_once("link", secret, {"merchant": merchant}, expires_at)
        return secret, expires_at

    def link_owner(self, secret: str) -> str | None:
        """The merchant an unused link is for."""
        found = self.store.peek("link", secret, self.clock.now())
        return found["merchant"] if found else None

    def open_link(self, secret: str) -> Session | None:
        """Uses the link up; one browser gets the session."""
        found = self.store.take_once("link", secret, self.clock.now())
        return self.open(found["merchant"]) if found else None

    def open(self, merchant: str) -> Session:
        """A new session for a merchant, or for OPERATOR."""
        session = Session(secrets.token_urlsafe(32), merchant)
        self.store.put_once("session", session.secret, {"merchant": merchant}, self.clock.now() + SESSION_LIFE)
        return session

    def read(self, secret: str | None) -> Session | None:
        """The live session of a cookie value."""
        found = self.store.peek("session", secret, self.clock.now()) if secret else None
        return Session(secret, found["merchant"]) if secret and found else None

    def close(self, session: Session) -> None:
        """Signs out."""
        self.store.forget("session", session.secret)
