"""A sandbox on a port of this machine."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from tests.sandbox.kit.base import Sandbox
from tests.sandbox.kit.wsgi import SandboxApp


class PortTaken(OSError):
    """Someone else listens there; the text says how to find out who."""

    def __init__(self, host: str, port: int, name: str) -> None:
        super().__init__(
            f"port {port} on {host} (for the {name} sandbox) is taken. See who has it with "
            f"`ss -ltnp 'sport = :{port}'` (or `lsof -i :{port}`), stop that program, "
            f"or choose another port with --port {name}=N."
        )
        self.port = port


class _QuietHandler(WSGIRequestHandler):
    """No line on stderr per request: the request log keeps more than that."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing."""

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        """Without this a cut answer would leave the connection open for a next request that never comes."""
        self.close_connection = True

    def send_response(self, code: int, message: str | None = None) -> None:
        """Keeps the interpreter's version out of the answer."""
        self.send_response_only(code, message)
        self.send_header("Date", self.date_time_string())


class RunningServer:
    """The sandbox listens from the moment this object exists until `stop`."""

    def __init__(self, sandbox: Sandbox, host: str = "127.0.0.1", port: int | None = None) -> None:
        self.sandbox, self._host, self._app = sandbox, host, SandboxApp(sandbox)
        self._lock = threading.Lock()
        self._server = self._listen(sandbox.default_port if port is None else port)
        self.port = self._server.port
        self.url = sandbox.origin = f"http://{_shown(host)}:{self.port}"
        sandbox.refuse_connections = self.refuse
        self._serve()

    def _listen(self, port: int) -> BaseWSGIServer:
        listener = _listen(self._host, port, self.sandbox.name)
        try:
            return make_server(
                self._host, port, self._app, threaded=True, request_handler=_QuietHandler, fd=listener.fileno()
            )
        finally:
            listener.close()  # the server made its own copy

    def _serve(self) -> None:
        serve, name = self._server.serve_forever, f"sandbox-{self.sandbox.name}"
        self._thread = threading.Thread(target=serve, kwargs={"poll_interval": 0.02}, name=name, daemon=True)
        self._thread.start()

    def refuse(self, seconds: float) -> None:
        """Closes the port, the control routes' too, and opens it again after `seconds`; open connections are cut."""
        with self._lock:
            if self.sandbox.refusing.is_set() or self.sandbox.stopping.is_set():
                return
            self.sandbox.refusing.set()
            self._close()
        threading.Thread(target=self._come_back, args=(seconds,), name="outage", daemon=True).start()

    def _come_back(self, seconds: float) -> None:
        self.sandbox.stopping.wait(seconds)
        with self._lock:
            if not self.sandbox.stopping.is_set():
                self._server = self._listen(self.port)
                self.sandbox.refusing.clear()
                self._serve()

    def stop(self) -> None:
        """Ends background work, then the server; the port is free when this returns."""
        self.sandbox.stop()
        with self._lock:
            self._close()

    def _close(self) -> None:
        self._server.shutdown()
        self._thread.join(timeout=5)
        self._server.server_close()


def serve(sandbox: Sandbox, host: str = "127.0.0.1", port: int | None = None) -> RunningServer:
    """Starts it; PortTaken when the port is. Port 0 takes any free one, None the platform's usual one."""
    return RunningServer(sandbox, host, port)


@contextmanager
def running(sandbox: Sandbox, port: int = 0, host: str = "127.0.0.1") -> Iterator[str]:
    """The sandbox's origin, such as `http://127.0.0.1:40123`, while the block runs."""
    server = serve(sandbox, host, port)
    try:
        yield server.url
    finally:
        server.stop()


def _listen(host: str, port: int, name: str) -> socket.socket:
    family: Any = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise PortTaken(host, port, name) from error
    return listener


def _shown(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - shown, not bound
