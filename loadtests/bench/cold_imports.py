"""What a cold start costs: each handler imported in a fresh interpreter, against boto3 and one client.

`ready` goes one step further than the import: the function's factory runs too, with invented settings, so that
clients exist as they would when the first event is handled. Functions that need a secret for that read it from a
stand-in on this machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from loadtests.bench.measure import Compared, in_turns
from taxpoynt import settings

ROOT = Path(__file__).parents[2]
BASELINE = "import boto3; boto3.client('dynamodb', region_name='us-east-1')"
IMPORT = "import importlib; importlib.import_module('functions.{name}.handler')"
READY = "from taxpoynt.bootstrap.{name} import {name}; {name}()"


def compare(*, rounds: int = 7) -> Iterator[Compared]:
    """One figure for each function's import, then one for each function ready to answer."""
    names = sorted(folder.name for folder in (ROOT / "functions").iterdir() if (folder / "handler.py").exists())
    with _secrets() as endpoint:
        for label, code in (("import", IMPORT), ("ready", READY)):
            for name in names:
                environment = _environment(name) | {"AWS_ENDPOINT_URL": endpoint}
                ours, theirs = _Fresh(code.format(name=name), environment), _Fresh(BASELINE, environment)
                yield in_turns(f"{name} {label}", ours, theirs, rounds=rounds)


@contextmanager
def _secrets() -> Iterator[str]:
    """A stand-in of Secrets Manager that gives every secret the same invented fields."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Secret)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Secret(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        fields = dict.fromkeys(("api_key", "api_secret", "client_id", "client_secret", "token"), "invented-" + "x" * 40)
        body = json.dumps({"SecretString": json.dumps(fields)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing: the figures are the output."""


class _Fresh:
    """A fresh interpreter that runs `code`; measures itself without the interpreter's own start."""

    def __init__(self, code: str, environment: dict[str, str]) -> None:
        self._code = f"import time; t = time.perf_counter()\n{code}\nprint(time.perf_counter() - t)"
        self._environment = environment

    def __call__(self) -> float:
        command = [sys.executable, "-c", self._code]
        done = subprocess.run(  # noqa: S603 - our own interpreter and code
            command, env=self._environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )
        if done.returncode:
            raise SystemExit(f"bench: {self._code.splitlines()[1]} failed:\n{done.stderr}")
        return float(done.stdout.split()[-1])


def _environment(function: str) -> dict[str, str]:
    camel = "".join(part.capitalize() for part in function.split("_"))
    wanted = settings.variables(getattr(settings, f"{camel}Settings"))
    invented = {name: _invented(name) for name, required in wanted.items() if required}
    aws = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    return {"PATH": os.environ["PATH"], "POWERTOOLS_TRACE_DISABLED": "1", **aws, **invented}


def _invented(name: str) -> str:
    if name == "PLATFORM_ENDPOINTS":
        return "{}"
    return "https://example.com" if name.endswith("URL") else f"invented-{name.lower()}"


def warm_caches() -> None:
    """Writes byte code once, so that no figure contains compilation."""
    started = time.monotonic()
    for _ in compare(rounds=1):
        if time.monotonic() - started > 300:
            break
