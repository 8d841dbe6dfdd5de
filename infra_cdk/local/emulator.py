"""Start ministack 1.5.33 so that our production template runs as it is: `python -m infra_cdk.local.emulator`.

Four things differ from the stock start: `python3.x` functions run under runtime_client.py (true exception names,
layers after the virtual environment, our source tree in front of the unpacked asset), an HTTP API can be served from
the root of a port of its own (fronts.py), idle or outdated function processes are ended (recycler.py), and condition
keys of key policies are filled as on AWS (iam_conditions.py).

It replaces private names of exactly this ministack version; selfcheck.py notices when a changed pin breaks that.
Environment (all set by launch.py): GATEWAY_PORT, BIND_HOST, LOCAL_FRONTS (`8080=api-name,…`), LOCAL_SOURCE,
LOCAL_FUNCTIONS, LOCAL_RELOAD, LOCAL_IDLE_SECONDS, LOCAL_COVERAGE, and ministack's own (AUTH, USE_SSL, TMPDIR …).
ministack reads its environment at import, so it is imported inside functions.
"""
# ruff: noqa: SLF001 - patching ministack's private names is what this file is for; the pin is exact

import asyncio
import logging
import os
import socketserver
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config as ServerConfig
from hypercorn.typing import ASGIFramework

from infra_cdk.local.fronts import parse_fronts, with_fronts
from infra_cdk.local.iam_conditions import correct_conditions
from infra_cdk.local.recycler import Recycler

CLIENT = Path(__file__).with_name("runtime_client.py")
BOOTSTRAP = f'#!/bin/sh\nexec "{sys.executable}" -P "{CLIENT}" "$_HANDLER"\n'

# ministack publishes no types; its function records and environments are plain dictionaries.
Config = dict[str, Any]


def is_python(config: Mapping[str, Any]) -> bool:
    """Is this function's runtime one of AWS's Python runtimes?"""
    return str(config.get("Runtime", "")).startswith("python")


def source_folder(function_name: str, functions: str) -> str | None:
    """The folder in functions/ that a deployed function was made from, so that an edit shows without a deploy.

    `taxpoynt-local-receive-webhook` and `TaxPoynt-ReceiveWebhook1A2B` both come from `receive_webhook`.
    """
    if not functions:
        return None
    plain = function_name.replace("-", "").replace("_", "").lower()
    names = [p.parent.name for p in Path(functions).glob("*/handler.py") if p.parent.name.replace("_", "") in plain]
    return str(Path(functions) / max(names, key=len)) if names else None


def python_path(function_name: str, folder: str) -> str:
    """Our trees first, the unpacked asset last; empty settings leave the asset alone, as on AWS."""
    source = os.environ.get("LOCAL_SOURCE", "")
    own = source_folder(function_name, os.environ.get("LOCAL_FUNCTIONS", ""))
    return os.pathsep.join(filter(None, [own, source, folder]))


def run_python_by_our_client() -> None:
    """Patch ministack: `python3.x` functions become Runtime API processes of runtime_client.py."""
    from ministack.core import lambda_runtime as runtime
    from ministack.services import lambda_svc as svc

    stock_code_dir, stock_env = svc._provided_runtime_code_dir, svc._provided_worker_env
    stock_class, stock_execute = runtime._worker_class_for, svc._execute_function_warm

    def code_dir(code_zip: bytes) -> str:
        folder = Path(stock_code_dir(code_zip))
        bootstrap = folder / "bootstrap"
        with svc._provided_code_lock:  # no process may be started while this file is open for writing (ETXTBSY)
            if not bootstrap.exists():
                bootstrap.write_text(BOOTSTRAP)
                bootstrap.chmod(0o755)
        return str(folder)

    def worker_env(config: Config, folder: str, port: int) -> dict[str, str]:
        env: dict[str, str] = stock_env(config, folder, port)
        if is_python(config):
            zips = filter(None, (svc._resolve_layer_zip(ref) for ref in config.get("Layers", [])))
            env["LOCAL_TAIL_PATH"] = os.pathsep.join(f"{svc._docker_extracted_dir(z, 'layer')}/python" for z in zips)
            env["PYTHONPATH"] = python_path(config["FunctionName"], folder)
            env["AWS_EXECUTION_ENV"] = f"AWS_Lambda_{config['Runtime']}"
            group = (config.get("LoggingConfig") or {}).get("LogGroup")
            env["AWS_LAMBDA_LOG_GROUP_NAME"] = group or f"/aws/lambda/{config['FunctionName']}"
        return env

    def worker_class(config: Config) -> type:
        chosen: type = runtime.ProvidedWorker if is_python(config) else stock_class(config)
        return chosen

    def execute(func: Config, event: Config, request_id: str) -> Config:
        ours = is_python(func.get("config") or func)
        answer: Config = (svc._execute_function_provided_warm if ours else stock_execute)(func, event, request_id)
        return answer

    svc._provided_runtime_code_dir = code_dir
    svc._provided_worker_env = worker_env
    runtime._worker_class_for = worker_class
    svc._execute_function_warm = execute


def find_api(name: str) -> str | None:
    """The id of the HTTP API of this name in the emulator's own state, in any account or region."""
    from ministack.services import apigateway

    found = [key[2] for key, api in apigateway._apis.all_items() if api.get("name") == name]
    return str(found[-1]) if found else None


async def serve() -> None:
    """Listen: the gateway under TLS when USE_SSL says so, each front as plain http."""
    from ministack import app
    from ministack.core import tls

    host, fronts = os.environ["BIND_HOST"], parse_fronts(os.environ.get("LOCAL_FRONTS", ""))
    config = ServerConfig()
    config.keep_alive_timeout = 75
    config.graceful_timeout = 2
    gateway, front_binds = [f"{host}:{os.environ['GATEWAY_PORT']}"], [f"{host}:{port}" for port in fronts]
    config.bind = gateway
    if tls.use_ssl_enabled():
        config.certfile, config.keyfile = tls.resolve_tls_material()
        config.insecure_bind = front_binds
    else:
        config.bind = gateway + front_binds
    await hypercorn_serve(cast("ASGIFramework", with_fronts(app.app, fronts, find_api)), config)


class QuickCloseLoop(asyncio.SelectorEventLoop):
    """An event loop that does not wait 30 s for idle TLS clients to say goodbye when the emulator stops."""

    async def create_server(self, *args: Any, **kwargs: Any) -> asyncio.Server:
        """As asyncio's, with a short TLS shutdown."""
        if kwargs.get("ssl"):
            kwargs.setdefault("ssl_shutdown_timeout", 0.5)
        return await super().create_server(*args, **kwargs)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """As asyncio's, but a client that did not say goodbye is not worth a traceback each."""
        error = context.get("exception")
        if not (isinstance(error, TimeoutError) and "SSL shutdown" in str(error)):
            super().call_exception_handler(context)


async def serve_then_leave() -> None:
    """Serve; after a clean stop, when the state is saved, end the functions and go.

    Leaving at once is on purpose: a normal exit would wait for every thread that still polls a queue or serves a call.
    """
    from ministack.core import lambda_runtime as runtime

    await serve()
    runtime.reset()
    logging.shutdown()
    os._exit(0)


def main() -> None:
    """Patch, start the recycler, serve until SIGTERM."""
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True  # else about 40 ms per call (delayed ACK)
    run_python_by_our_client()
    correct_conditions()
    Recycler.from_environment(os.environ).start()
    with asyncio.Runner(loop_factory=QuickCloseLoop) as runner:
        runner.run(serve_then_leave())


if __name__ == "__main__":
    main()
