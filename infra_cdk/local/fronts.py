"""Serve an HTTP API of the emulator from the root of a port of its own, as a custom domain would.

The emulator's own address for an API has a path prefix and an id that is new with every deploy; signatures over the
public address and absolute links need a clean root. The API is looked up by its name at request time, so the production
template needs no fixed id and a redeployed API is found at once.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

# ASGI's own shapes: https://asgi.readthedocs.io/en/latest/specs/www.html
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

NOT_DEPLOYED = b'{"message":"the local stage is up, but no API of this name is deployed yet"}'


def parse_fronts(text: str) -> dict[int, str]:
    """`8080=taxpoynt-local,8081=other` as {port: API name}."""
    pairs = (part.split("=", 1) for part in text.split(",") if part)
    return {int(port): name for port, name in pairs}


def with_fronts(app: App, fronts: dict[int, str], find_api: Callable[[str], str | None]) -> App:
    """Wrap the emulator's application: a request on a front's port goes to the named API, others pass unchanged."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        port = (scope.get("server") or (None, None))[1] if scope["type"] == "http" else None
        if port not in fronts:
            await app(scope, receive, send)
        elif api := find_api(fronts[port]):
            await app(at_api(scope, api), receive, send)
        else:
            await not_deployed(send)

    return served


def at_api(scope: Scope, api: str) -> Scope:
    """The same request under the emulator's address for this API."""
    prefix = f"/_aws/execute-api/{api}/$default"
    return {**scope, "path": prefix + scope["path"], "raw_path": prefix.encode() + scope["raw_path"]}


async def not_deployed(send: Send) -> None:
    """503 with a reason: better than the emulator's own answer, which would look like ours."""
    headers = [(b"content-type", b"application/json"), (b"retry-after", b"1")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": NOT_DEPLOYED})
