import asyncio
from typing import Any

from infra_cdk.local.fronts import Scope, parse_fronts, with_fronts


def request(port: int, apis: dict[str, str]) -> tuple[list[Scope], list[Scope]]:
    """What the wrapped application saw, and what was sent, for one request on a port."""
    seen: list[Scope] = []
    sent: list[Scope] = []

    async def app(scope: Scope, receive: Any, send: Any) -> None:
        seen.append(scope)

    async def send(message: Scope) -> None:
        sent.append(message)

    async def receive() -> Scope:
        return {}

    scope: Scope = {"type": "http", "server": ("127.0.0.1", port), "path": "/a b", "raw_path": b"/a%20b"}
    served = with_fronts(app, parse_fronts("8080=shop,8081=other"), apis.get)

    async def once() -> None:
        await served(scope, receive, send)

    asyncio.run(once())
    return seen, sent


def test_a_request_on_a_front_goes_to_the_api_of_that_name_with_its_path_as_it_was() -> None:
    [scope], _ = request(8080, {"shop": "abc123"})
    assert scope["path"] == "/_aws/execute-api/abc123/$default/a b"
    assert scope["raw_path"] == b"/_aws/execute-api/abc123/$default/a%20b"


def test_other_ports_stay_the_emulators() -> None:
    [scope], _ = request(4566, {"shop": "abc123"})
    assert scope["path"] == "/a b"


def test_before_the_deploy_a_front_says_so() -> None:
    seen, sent = request(8081, {"shop": "abc123"})
    assert not seen
    assert sent[0]["status"] == 503
