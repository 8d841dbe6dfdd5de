"""Starting and stopping the local stage: when it goes wrong, a clear message, a way out, and nothing left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from infra_cdk.local.aws import Clients
from infra_cdk.local.console import Console, Trouble
from infra_cdk.local.demo_connectors import discover
from infra_cdk.local.launch import Options
from infra_cdk.local.layout import ROOT, Layout
from infra_cdk.local.polling import poll_until
from infra_cdk.local.processes import Record, Running, alive, free_port, listening, load, save, started_at, this_process
from infra_cdk.local.seeds import NRS, OPERATOR, PLATFORMS
from infra_cdk.local.stage import HOME_VARIABLE, PORTS_VARIABLE, all_ports, bring_up, default_layout, take_down

pytestmark = pytest.mark.local_stage

QUIET = Console(quiet=True)


def only_secrets(_layout: Layout, clients: Clients, _console: Console) -> dict[str, str]:
    """In place of the whole application: what the steps after the deploy need."""
    for name in (OPERATOR, NRS, *(PLATFORMS + connector.name for connector in discover())):
        clients("secretsmanager").create_secret(Name=name, SecretString="{}")
    return {}


def start(layout: Layout, mode: str = "up") -> None:
    bring_up(layout, mode, Options(reload=False), QUIET, only_secrets)


def command(layout_env: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, "-m", "infra_cdk.local", *arguments]
    return subprocess.run(  # noqa: S603 - our own command line
        line, cwd=ROOT, env=os.environ | layout_env, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    ports = {name: free_port() for name in ("gateway", "front", "nrs", *(one.name for one in discover()))}
    return {HOME_VARIABLE: str(tmp_path / "home"), PORTS_VARIABLE: json.dumps(ports)}


@pytest.fixture
def layout(env: dict[str, str]) -> Iterator[Layout]:
    made = default_layout(env)
    yield made
    take_down(made, QUIET)


def members(layout: Layout) -> list[psutil.Process]:
    running = load(layout.records)
    assert running is not None
    leaders = [psutil.Process(part.pid) for part in running.parts]
    return [process for leader in leaders for process in (leader, *leader.children(recursive=True))]


def test_starting_twice_says_that_it_runs_and_where_and_leaves_the_first_alone(
    layout: Layout, env: dict[str, str]
) -> None:
    start(layout)
    pretend_the_command_ended(layout)
    again = command(env, "up")
    assert again.returncode == 1
    assert "already running" in again.stderr
    assert layout.public_url in again.stderr
    assert "make down" in again.stderr
    assert all(listening(port) for port in all_ports(layout))


def test_down_leaves_nothing_running_and_says_so(layout: Layout, env: dict[str, str]) -> None:
    start(layout)
    pretend_the_command_ended(layout)
    processes = members(layout)
    done = command(env, "down")
    assert done.returncode == 0
    assert "nothing is left running" in done.stdout
    assert not [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    assert not [port for port in all_ports(layout) if listening(port)]
    assert not layout.records.exists()


def test_down_ends_a_demo_that_waits_for_ctrl_c(layout: Layout, env: dict[str, str]) -> None:
    start(layout, "demo")
    waiting = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    running = load(layout.records)
    assert running is not None
    demo = Record(name="demo", pid=waiting.pid, started=started_at(psutil.Process(waiting.pid)))
    save(layout.records, Running("demo", demo, running.parts, running.ports))
    assert command(env, "down").returncode == 0
    assert waiting.wait(timeout=10) == -signal.SIGTERM


def test_down_without_a_stage_is_fine(env: dict[str, str]) -> None:
    done = command(env, "down")
    assert (done.returncode, done.stdout.strip()) == (0, "Nothing was running.")


def test_a_taken_port_is_named_with_its_owner_and_how_to_stop_it(layout: Layout, env: dict[str, str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", layout.ports.front))
        other.listen()
        refused = command(env, "up")
    assert refused.returncode == 1
    assert f"port {layout.ports.front}" in refused.stderr
    assert f"kill {os.getpid()}" in refused.stderr
    assert not layout.records.exists()


def test_records_of_a_killed_run_are_noticed_and_removed(layout: Layout) -> None:
    gone = Record(name="emulator", pid=os.getpid(), started=1.0)  # our pid, another start: a pid that is used again
    save(layout.records, Running("up", gone, (gone,), all_ports(layout)))
    start(layout)
    assert all(listening(port) for port in all_ports(layout))


def test_what_a_killed_run_left_behind_is_stopped_before_the_next_start(layout: Layout) -> None:
    start(layout)
    pretend_the_command_ended(layout)
    before = load(layout.records)
    assert before is not None
    os.kill(before.parts[0].pid, signal.SIGKILL)
    poll_until(lambda: not listening(layout.ports.gateway), "the emulator's end", seconds=10)
    start(layout)
    assert not alive(before.parts[1])
    assert all(listening(port) for port in all_ports(layout))


def test_a_demo_whose_command_was_killed_does_not_block_the_next_one(layout: Layout) -> None:
    start(layout, "demo")
    pretend_the_command_ended(layout)
    start(layout, "demo")
    assert all(listening(port) for port in all_ports(layout))


def test_a_deploy_that_fails_leaves_nothing_running(layout: Layout) -> None:
    def refuse(_layout: Layout, _clients: Clients, _console: Console) -> dict[str, str]:
        raise Trouble("the stack could not be deployed")

    with pytest.raises(Trouble, match="could not be deployed"):
        bring_up(layout, "up", Options(), QUIET, refuse)
    assert not [port for port in all_ports(layout) if listening(port)]
    assert not layout.records.exists()


def _hears_ctrl_c() -> None:
    """A shell that starts us in the background lets its children ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_while_starting_stops_what_was_started(layout: Layout, env: dict[str, str]) -> None:
    line = [sys.executable, "-m", "infra_cdk.local", "up"]
    process = subprocess.Popen(  # noqa: S603 - our own command line
        line, cwd=ROOT, env=os.environ | env, stdout=subprocess.PIPE, text=True, preexec_fn=_hears_ctrl_c
    )
    poll_until(lambda: listening(layout.ports.gateway), "the emulator", seconds=30)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "stopped" in out
    assert not [port for port in all_ports(layout) if listening(port)]


def test_a_missing_node_is_said_before_anything_starts(layout: Layout, env: dict[str, str]) -> None:
    refused = command(env | {"PATH": "/nonexistent"}, "up")
    assert refused.returncode == 1
    assert "Node.js is missing" in refused.stderr
    assert "nodejs.org" in refused.stderr
    assert not layout.records.exists()


def test_status_tells_what_runs_and_where(layout: Layout, env: dict[str, str]) -> None:
    assert command(env, "status").returncode == 3
    start(layout)
    shown = command(env, "status")
    assert shown.returncode == 0
    assert str(layout.ports.front) in shown.stdout


def pretend_the_command_ended(layout: Layout) -> None:
    """The test's own process is alive; the command that a person would have run is over by now."""
    running = load(layout.records)
    assert running is not None
    assert running.launcher == this_process(running.mode)
    over = Record(name=running.mode, pid=2**22 - 1, started=time.time())
    save(layout.records, Running(running.mode, over, running.parts, running.ports))
