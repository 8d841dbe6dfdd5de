"""`python -m tests.sandbox`: all sandboxes of this folder, each on its port, until Ctrl-C or SIGTERM."""

import argparse
import importlib
import json
import pkgutil
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from tests.sandbox.kit import Json, PortTaken, RunningServer, Sandbox, SeedError, serve

HERE = Path(__file__).parent
WRONG_USAGE = 2
PORT_TAKEN = 3


def sandboxes() -> dict[str, type[Sandbox]]:
    """By name: every module beside this one that has `SANDBOX`."""
    found: dict[str, type[Sandbox]] = {}
    for module in pkgutil.iter_modules([str(HERE)]):
        if module.name in {"kit", "__main__"}:
            continue
        kind = getattr(importlib.import_module(f"tests.sandbox.{module.name}"), "SANDBOX", None)
        if kind is not None:
            found[kind.name] = kind
    return dict(sorted(found.items()))


def read_seed(folder: Path, name: str) -> Json:
    """`<folder>/<name>.json`, or an empty seed when there is none; SeedError when it is not a JSON object."""
    path = folder / f"{name}.json"
    if not path.exists():
        return {}
    data = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise SeedError(f"{path} must hold a JSON object")
    return data


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0 after a clean stop, 2 wrong usage, 3 a port is taken."""
    known = sandboxes()
    options = _options(known, argv)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    servers: list[RunningServer] = []
    try:
        for name in options.only:
            sandbox = known[name](read_seed(options.seed, name))
            servers.append(serve(sandbox, options.host, options.port.get(name)))
            _say(f"{name} ready on {servers[-1].url}")
        stop.wait()
    except PortTaken as error:
        _say(f"cannot start: {error}", sys.stderr)
        return PORT_TAKEN
    except ValueError as error:
        _say(f"cannot start: bad seed: {error}", sys.stderr)
        return WRONG_USAGE
    finally:
        for server in servers:
            server.stop()
    return 0


def _options(known: dict[str, type[Sandbox]], argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.sandbox", description=__doc__)
    parser.add_argument("--only", help=f"comma list of {', '.join(known)}", default=",".join(known))
    parser.add_argument("--seed", type=Path, metavar="DIR", default=HERE / "seed", help="folder with <name>.json")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", action="append", default=[], metavar="NAME=N", help="may be given several times")
    options = parser.parse_args(argv)
    options.only = [name for name in options.only.split(",") if name]
    if unknown := [name for name in options.only if name not in known]:
        parser.error(f"no such sandbox: {', '.join(unknown)}; there are: {', '.join(known)}")
    if not options.seed.is_dir():
        parser.error(f"--seed: no such folder: {options.seed}")
    ports: dict[str, int] = {}
    for pair in options.port:
        name, _, number = pair.partition("=")
        if name not in known or not number.isdigit():
            parser.error(f"--port wants NAME=N with NAME one of {', '.join(known)}, not {pair!r}")
        ports[name] = int(number)
    options.port = ports
    return options


def _say(words: str, stream: TextIO = sys.stdout) -> None:
    stream.write(words + "\n")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
