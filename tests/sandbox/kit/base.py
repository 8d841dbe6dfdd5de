"""What a sandbox is to the kit."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from flask import Flask, has_request_context, request
from werkzeug.wrappers import Response

from tests.sandbox.kit.chaos import Chaos, Trouble, check_menu
from tests.sandbox.kit.clock import Clock
from tests.sandbox.kit.delivery import Courier
from tests.sandbox.kit.errors import ControlError
from tests.sandbox.kit.faults import Fault, FaultBook
from tests.sandbox.kit.log import RequestLog
from tests.sandbox.kit.reply import json_reply
from tests.sandbox.kit.subscribers import DeliveryPolicy

Json = dict[str, Any]
# (rule below /_control, method, view); the view gets the rule's values by name
ControlRoute = tuple[str, str, Callable[..., Response]]

VERDICT = "sandbox.verdict"
ORDERED = "sandbox.fault"


def note_verdict(words: str) -> None:
    """Puts words on the current request's entry in the log, for instance `ignored the scope parameter`."""
    if has_request_context():
        request.environ[VERDICT][:] = [words]


def ordered_fault() -> Fault | None:
    """The platform's own kind of fault (`request_fault_kinds`) that hits this request: its view does what it says."""
    return request.environ.get(ORDERED) if has_request_context() else None


class Refused(Exception):
    """The answer the real service would give instead; `because` goes to the request log, not to the caller."""

    def __init__(self, status: int, body: Any, because: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(because)
        self.status = status
        self.body = body
        self.because = because
        self.headers = headers or {}


class Sandbox(ABC):
    """One platform. State is guarded by `lock`: platform routes run under it, one request at a time.

    Control routes do not run under it, because some of them call out (an uninstall notice, say) and the called side may
    call back; they take `lock` themselves while they change state.
    """

    name: ClassVar[str]
    default_port: ClassVar[int]
    delivery_policy: ClassVar[DeliveryPolicy] = DeliveryPolicy()
    extra_fault_kinds: ClassVar[frozenset[str]] = frozenset()
    request_fault_kinds: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, seed: Json | None = None, clock: Clock | None = None, retry_scale: float = 1.0) -> None:
        self.clock = clock or Clock()
        self.lock = threading.RLock()
        self.faults = FaultBook(self.extra_fault_kinds | self.request_fault_kinds)
        menu = self.chaos_menu()
        check_menu(menu)
        self.chaos = Chaos(menu, self.faults)
        self.resets = 0
        self.refuse_connections: Callable[[float], None] = _not_listening  # the server sets it: only it has a port
        self.log = RequestLog()
        self.stopping = threading.Event()
        self.refusing = threading.Event()
        self.origin = f"http://localhost:{self.default_port}"  # the server corrects it when it knows its port
        self.courier = Courier(self.clock, self.faults, self.delivery_policy, retry_scale)
        self._seed: Json = seed or {}
        self.clear()
        self.load(self._seed)

    @abstractmethod
    def create_app(self) -> Flask:
        """The platform's routes."""

    @abstractmethod
    def clear(self) -> None:
        """Puts an empty state in place; also called once before the first seed."""

    @abstractmethod
    def load(self, data: Json) -> None:
        """Merges seed data into the state; SeedError names what is wrong with it."""

    @abstractmethod
    def state(self) -> Json:
        """The state as JSON, without secrets."""

    def control_routes(self) -> Sequence[ControlRoute]:
        """The platform's own routes under /_control; a ControlError in a view becomes a 400 with its text."""
        return ()

    def chaos_menu(self) -> Mapping[str, Trouble]:
        """The ways this platform's calls may fail under a chaos plan, by name."""
        return {}

    def rate_limited(self, fault: Fault) -> Response:
        """What this platform answers when a caller is too fast."""
        return json_reply(fault.status if fault.status != 500 else 429, fault.body or {"error": "rate limited"})

    def token_expired(self, fault: Fault) -> Response:
        """What this platform answers to an access token that is over."""
        return json_reply(fault.status if fault.status != 500 else 401, fault.body or {"error": "token expired"})

    def error_reply(self, status: int, message: str) -> Response:
        """This platform's words for an unknown path, a wrong method, an unreadable body."""
        return json_reply(status, {"error": message})

    def reset(self, seed: Json | None = None) -> None:
        """Back to the seed (a new one, or the one it started with): no faults, an empty log, the clock at its start."""
        with self.lock:
            self.resets += 1
            self.faults.clear()
            self.chaos.clear()
            self.log.clear()
            self.clock.reset()
            self.courier.clear()
            self.clear()
            self.load(self._seed if seed is None else seed)

    def stop(self) -> None:
        """Ends background work; called once when the server stops."""
        self.stopping.set()
        self.courier.stop()


def _not_listening(_seconds: float) -> None:
    raise ControlError("this sandbox has no port to close")
