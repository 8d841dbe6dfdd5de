"""A part is found again by pid and start, also after the clock of the machine was set."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from infra_cdk.local.polling import poll_until
from infra_cdk.local.processes import Record, alive, start, stop


@pytest.fixture
def part(tmp_path: Path) -> Iterator[Record]:
    waits = [sys.executable, "-c", "import time; time.sleep(60)"]
    record = start("part", waits, dict(os.environ), tmp_path / "part.log")
    yield record
    stop([record])


def test_a_later_process_with_the_same_pid_is_not_ours(part: Record) -> None:
    assert alive(part)
    assert not alive(replace(part, started=part.started - 5))


def test_a_step_of_the_clock_does_not_hide_a_part_from_its_stop(part: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """What psutil tells on Linux after the clock was set by an hour."""
    told, step = psutil.Process.create_time, 3600 if Path("/proc/self/stat").exists() else 0
    monkeypatch.setattr(psutil.Process, "create_time", lambda process: told(process) + step)
    assert alive(part)
    stop([part])
    assert not alive(part)


STARTS_ANOTHER = """
import subprocess, sys, time
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(other.pid, flush=True)
time.sleep(60)
"""


def test_what_a_part_started_ends_with_it_and_needs_no_force(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    record = start("part", [sys.executable, "-c", STARTS_ANOTHER], dict(os.environ), log)
    poll_until(lambda: log.read_text().strip(), "the other to be started", seconds=20)
    other = psutil.Process(int(log.read_text()))
    assert stop([record]) == []
    assert not alive(record)
    assert not other.is_running() or other.status() == psutil.STATUS_ZOMBIE


def test_a_part_that_does_not_want_to_end_is_ended_and_told(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    stays = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    record = start("part", [sys.executable, "-c", stays], dict(os.environ), log)
    poll_until(lambda: log.read_text().strip(), "the part to be deaf", seconds=20)
    assert stop([record], seconds=0.2) == [record.pid]
    assert not alive(record)
