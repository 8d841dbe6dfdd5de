"""The two ends of a platform's consent, and its uninstall signal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from taxpoynt.errors import NotFound, PlatformRefused, Rejected, Retryable
from taxpoynt.portal import cookies
from taxpoynt.portal.needs import Returned, Signed, Started
from taxpoynt.portal.pages import message, page, redirect
from taxpoynt.web import Request, Response


@dataclass(frozen=True, slots=True)
class StartPage:
    """GET /oauth/{connector}/start."""

    read: Callable[[str | None], Signed | None]
    start: Callable[[Any, str, Mapping[str, str]], Started]
    public_url: str

    def __call__(self, request: Request) -> Response:
        """To the platform, for a signed-in merchant only; by way of a form where the platform needs to be told more."""
        session = self.read(cookies.read(request, self.public_url))
        if session is None or not session.merchant.startswith("m_"):
            return message("Please use your connect link", "Open your connect link first.", status=401)
        try:
            found = self.start(session, request.params.get("connector", ""), request.query)
        except NotFound:
            return message("Not found", "We do not know this platform.", status=404)
        except PlatformRefused:
            return message("Not connected", _NO_HOST, status=400)
        if found.url is None or found.asked:
            # A form may only lead to ourselves (content-security-policy), so the last step is a link.
            return page("ask_first", started=found)
        return redirect(found.url)


@dataclass(frozen=True, slots=True)
class CallbackPage:
    """GET /oauth/{connector}/callback. No detail in any answer: the query holds a code."""

    read: Callable[[str | None], Signed | None]
    finish: Callable[[Any, str, Mapping[str, str]], Returned]
    public_url: str

    def __call__(self, request: Request) -> Response:
        """To the confirmation page, or a page that says what to do."""
        session = self.read(cookies.read(request, self.public_url))
        try:
            found = self.finish(session, request.params.get("connector", ""), request.query)
        except NotFound:
            return message("Not found", "We do not know this platform.", status=404)
        except Rejected:
            return message("Not connected", _REFUSED, status=400)
        except Retryable:
            return message("Not connected", "The platform did not answer. Please try again in a minute.", status=503)
        if found.result == "confirm":
            return redirect(f"/connect/confirm/{found.connection}")
        title, text, status = _SAID[found.result]
        return message(title, text, status=status)


@dataclass(frozen=True, slots=True)
class UninstallAnswer:
    """DELETE /oauth/{connector}/callback."""

    receive: Callable[[str, str | None, bytes], int]

    def __call__(self, request: Request) -> Response:
        """A status and nothing else."""
        try:
            status = self.receive(request.params.get("connector", ""), request.header("authorization"), request.body)
        except NotFound:
            status = 401
        return Response(status=status, headers={"cache-control": "no-store"})


_NO_HOST = "That is no address of this platform. Go back and write it as your browser shows it when you are signed in."
_REFUSED = "The answer did not fit the request we made. Nothing was connected. Go back to your page and try again."
_SAID = {
    "declined": ("Nothing was connected", "You declined, and that is fine. Your page is still open.", 200),
    "taken": ("Already connected", "This account is connected to another business. Ask us if that is wrong.", 409),
    "refused": ("Not connected", _REFUSED, 400),
    "restart": ("One more step", "Open your connect link and press Connect there to finish the installation.", 200),
}
