"""Lambda Runtime API client in plain Python: one process is one execution environment.

The emulator starts this file for every `python3.x` function. It reports a failed call as AWS's own client does
(errorType is the exception's class name), so Retry and Catch by name work as in production. It stands alone on the
standard library: it runs with a function's path, before anything of ours can be imported.

Protocol: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import contextlib
import http.client
import importlib
import json
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Protocol, cast

BASE = "/2018-06-01/runtime"
ENV = os.environ

Handler = Callable[[object, "Context"], object]


class Coverage(Protocol):
    """The part of coverage.Coverage used here; the library itself is a test dependency only."""

    def start(self) -> None: ...
    def save(self) -> None: ...


class Context:
    """What a handler receives as its second argument; the names are AWS's."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers.get("Lambda-Runtime-Invoked-Function-Arn", "")
        self.function_name = ENV.get("AWS_LAMBDA_FUNCTION_NAME", "")
        self.function_version = ENV.get("AWS_LAMBDA_FUNCTION_VERSION", "")
        self.memory_limit_in_mb = ENV.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
        self.log_group_name = ENV.get("AWS_LAMBDA_LOG_GROUP_NAME", "")
        self.log_stream_name = ENV.get("AWS_LAMBDA_LOG_STREAM_NAME", "")
        self.identity = None
        self.client_context = None
        self._deadline_ms = int(headers.get("Lambda-Runtime-Deadline-Ms", 0))

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function's timeout; never negative."""
        return max(self._deadline_ms - int(time.time() * 1000), 0)


class RuntimeApi:
    """The emulator's side of one execution environment, over one kept-alive connection."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(address)
        self._connection.connect()
        # Without this every answer waits about 40 ms for a delayed acknowledgement.
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def next_event(self) -> tuple[Mapping[str, str], object]:
        """Wait for the next call; headers and the decoded event."""
        status, headers, body = self._call("GET", "/invocation/next")
        if status != http.client.OK:
            raise SystemExit(0)  # the emulator has given this environment up
        return headers, json.loads(body)

    def answer(self, request_id: str, kind: str, body: bytes) -> None:
        """Give the result (`kind` "response") or the failure ("error") of one call."""
        self._call("POST", f"/invocation/{request_id}/{kind}", body)

    def init_failed(self, body: bytes) -> None:
        """Say that the handler could not be imported."""
        self._call("POST", "/init/error", body)

    def _call(self, method: str, path: str, body: bytes | None = None) -> tuple[int, Mapping[str, str], bytes]:
        self._connection.request(method, BASE + path, body)
        response = self._connection.getresponse()
        return response.status, cast("Mapping[str, str]", response.headers), response.read()


def failure(error: BaseException) -> bytes:
    """An exception in the words of the Runtime API."""
    return json.dumps(
        {
            "errorMessage": str(error),
            "errorType": type(error).__name__,
            "stackTrace": traceback.format_tb(error.__traceback__)[1:],
        }
    ).encode()


def start_coverage() -> Coverage | None:
    """Measure this process when LOCAL_COVERAGE names the data folder; must run before taxpoynt is imported."""
    folder = ENV.get("LOCAL_COVERAGE")
    if not folder:
        return None
    from coverage import Coverage as Measured  # a test dependency

    config = ENV.get("LOCAL_COVERAGE_CONFIG", "pyproject.toml")
    measured = cast("Coverage", Measured(data_file=f"{folder}/.coverage", data_suffix=True, config_file=config))
    measured.start()
    return measured


def exit_on_sigterm() -> None:
    """Turn the emulator's SIGTERM into a normal exit, so that what `finally` saves is saved."""

    def leave(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)


def load_handler(name: str) -> Handler:
    """Import `package/module.function` as AWS names it."""
    module, _, function = name.replace("/", ".").rpartition(".")
    return cast("Handler", getattr(importlib.import_module(module), function))


def serve(api: RuntimeApi, handler: Handler) -> None:
    """Answer calls until the emulator ends this environment."""
    while True:
        headers, event = api.next_event()
        if trace := headers.get("Lambda-Runtime-Trace-Id"):
            ENV["_X_AMZN_TRACE_ID"] = trace
        try:
            body, kind = json.dumps(handler(event, Context(headers))).encode(), "response"
        except Exception as error:  # noqa: BLE001 - the runtime's boundary: every error of a handler is reported by name
            traceback.print_exc()
            body, kind = failure(error), "error"
        api.answer(headers["Lambda-Runtime-Aws-Request-Id"], kind, body)


def run(handler_name: str) -> None:
    """Import the handler and serve it."""
    api = RuntimeApi(ENV["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load_handler(handler_name)
    except BaseException as error:
        traceback.print_exc()
        api.init_failed(failure(error))
        raise SystemExit(1) from error
    # The emulator closes the connection when it stops: that is our end too, and nothing to report.
    with contextlib.suppress(http.client.HTTPException, ConnectionError):
        serve(api, handler)


def main(handler_name: str) -> None:
    """Prepare the process, run it, keep what coverage measured."""
    cast("Reconfigurable", sys.stdout).reconfigure(line_buffering=True)
    # Layers come after the virtual environment: they hold arm64 code, this machine's own comes first.
    sys.path += [path for path in ENV.get("LOCAL_TAIL_PATH", "").split(os.pathsep) if path]
    exit_on_sigterm()
    measured = start_coverage()
    try:
        run(handler_name)
    finally:
        if measured is not None:
            measured.save()


class Reconfigurable(Protocol):
    """sys.stdout as it is in a process of its own."""

    def reconfigure(self, *, line_buffering: bool) -> None: ...


if __name__ == "__main__":
    main(sys.argv[1])
