"""Ends function processes at random, as a crash of the machine under them would."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import suppress

import psutil

from infra_cdk.local.processes import load
from tests.e2e.harness import Slice

NAME = "AWS_LAMBDA_FUNCTION_NAME"
BUSY_TRIES = 8
GROWN_UP = 3.0
"""Seconds until a process has surely started; a death before that the emulator tells to callers of others."""


class Killer:
    """`kills` of them, spread over the campaign: `due(share)` kills as many as that share of the work calls for."""

    def __init__(self, stage: Slice, kills: int, seed: int) -> None:
        self._kills, self._dice = kills, random.Random(seed)  # noqa: S311 - repeatable, nothing secret
        self._names = {value: key.removesuffix("Name") for key, value in stage.deployed.outputs.items()}
        running = load(stage.layout.records)
        assert running is not None
        self._emulator = psutil.Process(running.parts[0].pid)
        self._lock = threading.Lock()
        self.killed: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """How many were killed so far."""
        return self.killed.total()

    def due(self, share: float) -> None:
        """Kills until the share of all kills is reached that `share` (0 to 1) of the work deserves."""
        with self._lock:
            while self.total < int(self._kills * min(share, 1.0)) and self._kill_one():
                pass

    def _kill_one(self) -> bool:
        workers = [
            (process, name) for process in self._emulator.children(recursive=True) if (name := _function(process))
        ]
        workers = [pair for pair in workers if _age(pair[0]) > GROWN_UP]
        if not workers:
            return False
        process, name = self._busiest(workers)
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
            self.killed[self._names.get(name, name)] += 1
        return True

    def _busiest(self, workers: list[tuple[psutil.Process, str]]) -> tuple[psutil.Process, str]:
        """Of a few drawn at random the one that has just worked: killing an idle process proves nothing."""
        drawn = self._dice.sample(workers, min(BUSY_TRIES, len(workers)))
        before = {process.pid: _cpu(process) for process, _ in drawn}
        time.sleep(0.05)
        return max(drawn, key=lambda pair: _cpu(pair[0]) - before[pair[0].pid])


def _function(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(NAME)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def _age(process: psutil.Process) -> float:
    try:
        return time.time() - float(process.create_time())
    except psutil.NoSuchProcess:
        return 0.0


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)
