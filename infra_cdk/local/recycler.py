"""End function processes that run old code or have had nothing to do for long.

The emulator keeps the first process of every function for ever, about 50 MB each, and knows nothing of our source
tree. One thread in the emulator looks after both: one scan of the tree serves all functions, where a watcher in every
function process would cost a fifth of a core at rest.
"""
# ruff: noqa: SLF001 - the pools of ministack's pinned version are private, and the only way to its processes

import importlib.util
import os
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SCAN_SECONDS = 0.4
START_MARGIN = 1.0  # a process that was importing while the file changed may hold either version


def files_under(root: Path) -> Iterator[tuple[str, int]]:
    """Every file below a folder with its modification time in nanoseconds; byte code is left out."""
    for entry in os.scandir(root):
        if entry.is_dir(follow_symlinks=False):
            if entry.name != "__pycache__":
                yield from files_under(Path(entry.path))
        else:
            yield entry.path, entry.stat().st_mtime_ns


def snapshot(roots: tuple[Path, ...]) -> dict[str, int]:
    """File → modification time over all watched folders; a file that vanishes meanwhile is a change, not an error."""
    try:
        return dict(pair for root in roots for pair in files_under(root))
    except FileNotFoundError:
        return {}


def drop_byte_code(path: str) -> None:
    """Forget a source file's .pyc: it is trusted by whole seconds, and would hide a second edit within one."""
    if path.endswith(".py"):
        Path(importlib.util.cache_from_source(path)).unlink(missing_ok=True)


@dataclass
class Recycler:
    """Watches `roots`; ends idle processes started before the last change, or unused for `idle_seconds` (0 = never)."""

    roots: tuple[Path, ...] = ()
    idle_seconds: float = 0
    changed_at: float = 0
    seen: dict[str, int] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> "Recycler":
        """Settings from LOCAL_RELOAD (folders, absolute) and LOCAL_IDLE_SECONDS."""
        roots = tuple(Path(part) for part in env.get("LOCAL_RELOAD", "").split(os.pathsep) if part)
        return cls(roots=roots, idle_seconds=float(env.get("LOCAL_IDLE_SECONDS", "0")), seen=snapshot(roots))

    def start(self) -> None:
        """Run beside the emulator until it ends; nothing starts when there is nothing to do."""
        if self.roots or self.idle_seconds:
            threading.Thread(target=self._run, daemon=True, name="recycler").start()

    def _run(self) -> None:
        while True:
            time.sleep(SCAN_SECONDS)
            self.look()
            self.recycle(time.time())

    def look(self) -> None:
        """Notice changed, new and removed files."""
        now = snapshot(self.roots)
        changed = {path for path, _ in now.items() ^ self.seen.items()}
        if changed:
            for path in changed:
                drop_byte_code(path)
            self.seen, self.changed_at = now, time.time()

    def outdated(self, worker: Any, now: float) -> bool:
        """May this process be ended? Never while it serves a call."""
        if worker.in_use or worker._proc is None:
            return False
        idle = now - worker.last_used
        started = worker._start_time or now  # known once the process has answered
        return started < self.changed_at + START_MARGIN or bool(self.idle_seconds and idle > self.idle_seconds)

    def recycle(self, now: float) -> None:
        """Take outdated processes out of the pools, then end them; the next call starts a fresh one."""
        from ministack.core import lambda_runtime as runtime  # reads its environment at import

        doomed = []
        with runtime._lock:
            for key, workers in list(runtime._workers.items()):
                doomed += [worker for worker in workers if self.outdated(worker, now)]
                runtime._workers[key] = [worker for worker in workers if worker not in doomed]
        if doomed:
            runtime.kill_workers(doomed)
