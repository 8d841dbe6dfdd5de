"""`python -m tests.sandbox` as a process, and the server's ports."""

import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.__main__ import main, read_seed
from tests.sandbox.kit import PortTaken, SeedError, running, serve
from tests.unit.sandbox.test_kit.echo import EchoSandbox

ROOT = Path(__file__).parents[4]
COMMAND = [sys.executable, "-m", "tests.sandbox", "--only", "pipedrive"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    options: dict[str, Any] = {"cwd": ROOT, "capture_output": True, "text": True, "timeout": 20}
    return subprocess.run(command, check=False, **options)  # noqa: S603 - our own program


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_is_ready_and_stops_cleanly(number: signal.Signals) -> None:
    port = free_port()
    command = [*COMMAND, "--port", f"pipedrive={port}"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
        assert process.stdout is not None
        assert process.stdout.readline() == f"pipedrive ready on http://127.0.0.1:{port}\n"
        answer = requests.get(f"http://127.0.0.1:{port}/_control/health", timeout=5)
        assert answer.json()["sandbox"] == "pipedrive"
        process.send_signal(number)
        assert process.wait(timeout=5) == 0
    socket.create_server(("127.0.0.1", port)).close()  # free again


def test_a_taken_port_is_named_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run(*COMMAND[1:], "--port", f"pipedrive={port}")
    assert done.returncode == 3
    assert f"port {port} on 127.0.0.1 (for the pipedrive sandbox) is taken" in done.stderr
    assert "--port pipedrive=N" in done.stderr


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--only", "acme"], "no such sandbox: acme"),
        (["--port", "pipedrive=x"], "--port wants NAME=N"),
        (["--seed", "/no/such/folder"], "no such folder"),
    ],
)
def test_wrong_usage_is_explained(argv: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_a_seed_that_is_no_object_is_refused(tmp_path: Path) -> None:
    (tmp_path / "echo.json").write_text("[]")
    with pytest.raises(SeedError, match="must hold a JSON object"):
        read_seed(tmp_path, "echo")
    assert read_seed(tmp_path, "other") == {}


def test_in_process_a_taken_port_is_an_error_of_its_own() -> None:
    with running(EchoSandbox()) as url, pytest.raises(PortTaken, match="echo sandbox"):
        serve(EchoSandbox(), port=int(url.rpartition(":")[2]))


def test_the_port_is_free_again_after_the_block() -> None:
    with running(EchoSandbox()) as url:
        port = int(url.rpartition(":")[2])
        assert requests.post(f"{url}/say/x", timeout=5).ok
    with running(EchoSandbox(), port=port) as again:
        assert again == url


def test_the_sandboxes_know_nothing_of_our_package() -> None:
    code = """
import sys, tests.sandbox.__main__ as program
assert {"nrs", "pipedrive"} <= set(program.sandboxes())
assert not any(name.split(".")[0] == "taxpoynt" for name in sys.modules)
"""
    done = run("-c", code)
    assert done.returncode == 0, done.stderr
