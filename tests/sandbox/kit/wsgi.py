"""The sandbox as one WSGI application: faults around the platform's routes, a log entry for each request."""

import io
import threading
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from tests.sandbox.kit.base import ORDERED, VERDICT, Refused, Sandbox, note_verdict
from tests.sandbox.kit.control import PREFIX, control_blueprint
from tests.sandbox.kit.faults import AFTER_THE_WORK, ANSWERS_INSTEAD, BEFORE_THE_WORK, LATE, Fault
from tests.sandbox.kit.late import do_later
from tests.sandbox.kit.log import readable_body, redacted
from tests.sandbox.kit.reply import json_reply

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

DROPS = 20


class Dropped(ConnectionAbortedError):
    """Leaves the server loop without an answer; werkzeug takes any ConnectionError as a lost caller."""


class SandboxApp:
    """WSGI callable; `/_control` goes straight to its routes, everything else is logged and may fail on order."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.flask = _flask_app(sandbox)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        if request.path == PREFIX or request.path.startswith(PREFIX + "/"):
            return self.flask(environ, start_response)
        if self.sandbox.refusing.is_set():
            raise Dropped
        body = request.get_data()
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
        environ.pop("wsgi.input_terminated", None)
        environ[VERDICT] = []  # a list, because the application sees a copy of the environment
        exchange = _Exchange(self.sandbox, request, body)
        response = exchange.answer(self.flask)
        return exchange.send(response, environ, start_response)


class _Exchange:
    """One request from the first byte to the log entry."""

    def __init__(self, sandbox: Sandbox, request: Request, body: bytes) -> None:
        self.sandbox, self.request, self.body = sandbox, request, body
        self.started = time.monotonic()
        call, take = (request.method, request.path), sandbox.faults.take
        self.delay = take(BEFORE_THE_WORK, *call)
        self.fault = take(ANSWERS_INSTEAD | AFTER_THE_WORK | sandbox.request_fault_kinds, *call)
        if not (self.delay or self.fault) and (chosen := sandbox.chaos.pick(*call)):
            self.delay, self.fault = (chosen, None) if chosen.kind in BEFORE_THE_WORK else (None, chosen)
        request.environ[ORDERED] = self.fault if self.fault and self.fault.kind in sandbox.request_fault_kinds else None

    def answer(self, app: Flask) -> Response | None:
        """The platform's answer, or the ordered one; None when the connection is to be cut."""
        if self.delay:
            self.sandbox.stopping.wait(self.delay.seconds)
        if self.fault and self.fault.kind in ANSWERS_INSTEAD:
            return self._answer_instead(self.fault, app)
        with self.sandbox.lock:
            response = Response.from_app(app, self.request.environ, buffered=True)
        if self.fault:
            return self._answer_after(self.fault, response)
        return response

    def _answer_instead(self, fault: Fault, app: Flask) -> Response | None:
        if fault.kind in LATE:
            do_later(self.sandbox, app, self.request, self.body, fault.seconds)
        if fault.kind in {"drop_before", "late_commit_drop"}:
            return None
        if fault.kind == "rate_limit":
            return self.sandbox.rate_limited(fault)
        if fault.kind == "expired_token":
            return self.sandbox.token_expired(fault)
        return json_reply(fault.status, fault.body, fault.headers)

    def _answer_after(self, fault: Fault, response: Response) -> Response | None:
        if fault.kind == "drop_after_commit":
            return None
        if fault.kind == "delay_after_commit":
            self.sandbox.stopping.wait(fault.seconds)
        if fault.kind == "status_after_commit":
            return json_reply(fault.status, fault.body, fault.headers)
        if fault.kind == "half_json":
            response.set_data(response.get_data()[: len(response.get_data()) // 2])
        return response

    def send(
        self, response: Response | None, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Logs the exchange, then lets the answer out."""
        self._log(response)
        if response is None:
            raise Dropped
        chunks = response(environ, start_response)
        if self.fault and self.fault.kind == "truncate_body":
            return _cut(b"".join(chunks))
        if self.fault and self.fault.kind == "drip":
            return _drops(b"".join(chunks), self.fault.seconds, self.sandbox.stopping)
        return chunks

    def _log(self, response: Response | None) -> None:
        request = self.request
        fault = self.fault or self.delay
        self.sandbox.log.append(
            {
                "method": request.method,
                "path": request.path,
                "query": redacted(request.args.to_dict(flat=False)),
                "headers": redacted({name.lower(): value for name, value in request.headers.items()}),
                "body": readable_body(self.body, request.content_type or ""),
                "status": response.status_code if response else None,
                "at": self.sandbox.clock.now().isoformat(),
                "seconds": round(time.monotonic() - self.started, 4),
                "fault": (fault.label or fault.kind) if fault else None,
                "verdict": self._verdict(response),
            }
        )

    def _verdict(self, response: Response | None) -> str:
        noted = "".join(self.request.environ[VERDICT])
        if self.fault and self.fault.kind not in {"delay_after_commit", "drip", *self.sandbox.request_fault_kinds}:
            return f"fault on order: {self.fault.kind}" + (f" (would have: {noted})" if noted else "")
        if noted:
            return noted
        if response is not None and response.status_code >= 400:
            return f"refused with {response.status_code}"
        return "answered"


def _cut(body: bytes) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    raise Dropped


def _drops(body: bytes, seconds: float, stopping: threading.Event) -> Iterator[bytes]:
    size = max(1, -(-len(body) // DROPS))
    drops = [body[start : start + size] for start in range(0, len(body), size)]
    for drop in drops:
        stopping.wait(seconds / len(drops))
        yield drop


def _flask_app(sandbox: Sandbox) -> Flask:
    app = sandbox.create_app()
    app.register_blueprint(control_blueprint(sandbox))

    def refused(error: Refused) -> Response:
        note_verdict(f"refused because {error.because}")
        return json_reply(error.status, error.body, error.headers)

    def http_error(error: HTTPException) -> Any:
        if error.code is None or error.code < 400:
            return error
        if request.path.startswith(PREFIX):
            return json_reply(error.code, {"error": f"no such control call: {request.method} {request.path}"})
        note_verdict(f"refused because {error.description or error.name}")
        return sandbox.error_reply(error.code, error.description or error.name)

    app.register_error_handler(Refused, refused)
    app.register_error_handler(HTTPException, http_error)
    return app
