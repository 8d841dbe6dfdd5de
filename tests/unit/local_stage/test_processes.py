"""A part is found again by pid and start, also after the clock of the machine was set."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

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
