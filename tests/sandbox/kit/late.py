"""Work that is done after the caller has long been told something else."""

import io
import threading
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.wrappers import Request, Response

from tests.sandbox.kit.log import readable_body

if TYPE_CHECKING:
    from tests.sandbox.kit.base import Sandbox


def do_later(sandbox: "Sandbox", app: Flask, request: Request, body: bytes, seconds: float) -> None:
    """Runs the request on the platform after `seconds` of real time, unless the sandbox is reset or stopped first."""
    environ = {**request.environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    resets = sandbox.resets

    def work() -> None:
        if sandbox.stopping.wait(seconds):
            return
        with sandbox.lock:
            if sandbox.resets != resets:
                return
            response = Response.from_app(app, environ, buffered=True)
        sandbox.log.append(
            {
                "method": request.method,
                "path": request.path,
                "query": {},
                "headers": {},
                "body": readable_body(body, request.content_type or ""),
                "status": response.status_code,
                "at": sandbox.clock.now().isoformat(),
                "seconds": seconds,
                "fault": "done late",
                "verdict": "done late; nobody saw this answer",
            }
        )

    threading.Thread(target=work, name="late-work", daemon=True).start()
