"""Processes and ports of the local stage: start, recognise, stop. Nothing here knows what they do."""

import contextlib
import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from infra_cdk.local.layout import HOST, ROOT

STOP_SECONDS = 10.0
CHILD_SECONDS = 2.0
SAME_START = 1.0  # seconds by which two readings of one process's start time may differ


@dataclass(frozen=True, slots=True)
class Record:
    """A process we started. Pid and start time together name it: pids are used again."""

    name: str
    pid: int
    started: float
    log: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """What one `up` or `demo` left behind. `launcher` is the command itself, alive while a demo runs."""

    mode: str
    launcher: Record
    parts: tuple[Record, ...] = ()
    ports: tuple[int, ...] = ()


def this_process(name: str) -> Record:
    """The record of the running command."""
    return Record(name=name, pid=os.getpid(), started=started_at(psutil.Process()))


def started_at(process: psutil.Process) -> float:
    """Seconds since the machine's start, as Linux tells; psutil's time of day moves with every step of the clock.

    A stage must be found again, and stopped, after the clock was set or a virtual machine was paused.
    """
    with contextlib.suppress(OSError, ValueError, IndexError):
        ticks = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19]
        return int(ticks) / os.sysconf("SC_CLK_TCK")
    return process.create_time()


def alive(record: Record) -> bool:
    """Is exactly this process still there (and not a zombie, and not another one with its pid)?"""
    process = find(record)
    return process is not None and process.status() != psutil.STATUS_ZOMBIE


def find(record: Record) -> psutil.Process | None:
    """The process of a record, if it still exists."""
    try:
        process = psutil.Process(record.pid)
        return process if abs(started_at(process) - record.started) < SAME_START else None
    except psutil.NoSuchProcess:
        return None


def save(path: Path, running: Running) -> None:
    """Write the record file in one step, so that a killed command leaves the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(asdict(running), indent=1))
    draft.replace(path)


def load(path: Path) -> Running | None:
    """Read the record file; None when there is none or it cannot be read."""
    try:
        data = json.loads(path.read_text())
        launcher = Record(**data.pop("launcher"))
        parts = tuple(Record(**part) for part in data.pop("parts"))
        return Running(launcher=launcher, parts=parts, mode=data["mode"], ports=tuple(data["ports"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def start(name: str, command: Sequence[str], env: Mapping[str, str], log: Path) -> Record:
    """Start a part in a session of its own: Ctrl-C in the terminal reaches only us, and we stop the parts in order."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return Record(name=name, pid=process.pid, started=started_at(psutil.Process(process.pid)), log=str(log))


def family(record: Record) -> list[psutil.Process]:
    """The process and everything it started, as far as it still exists."""
    process = find(record)
    if process is None:
        return group_members(record.pid)
    with contextlib.suppress(psutil.NoSuchProcess):
        return [process, *process.children(recursive=True)]
    return []


def group_members(group: int) -> list[psutil.Process]:
    """Processes of a group whose leader is gone: what a killed emulator may leave behind.

    A living process with the group's number is a later one that got the same pid: its group is not ours to touch.
    """
    if psutil.pid_exists(group):
        return []
    return [process for process in psutil.process_iter() if group_of(process.pid) == group]


def group_of(pid: int) -> int | None:
    """Process group, or None when the process has just ended."""
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def stop(records: Iterable[Record], seconds: float = STOP_SECONDS) -> list[int]:
    """Ask parts to end (they save their state), then end what is left. Returns pids of parts that needed force.

    What a part started has no state of its own, and ends once the part is gone.
    """
    families = [(record, family(record)) for record in records]
    parts = [members[0] for record, members in families if members and members[0].pid == record.pid]
    _, forced = psutil.wait_procs(_ask_to_end(parts), timeout=seconds)
    _kill(forced)
    started = [process for _, members in families for process in members if process not in parts]
    started += [process for record, _ in families for process in group_members(record.pid) if process not in started]
    _, left = psutil.wait_procs(_ask_to_end(started), timeout=CHILD_SECONDS)
    _kill(left)
    psutil.wait_procs([*forced, *left], timeout=seconds)
    return [process.pid for process in forced]


def _ask_to_end(processes: list[psutil.Process]) -> list[psutil.Process]:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGTERM)
    return processes


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def listening(port: int) -> bool:
    """Does anyone answer on this port of this machine?"""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def owner_of(port: int) -> str:
    """Who listens on a port, in words; the system tells only for own processes unless we are root."""
    pid = owner_pid(port)
    if pid is None:
        return f"a process of another user (find it with: lsof -i :{port})"
    try:
        command = " ".join(psutil.Process(pid).cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        command = ""
    return f"process {pid} ({command[:100] or 'name unknown'}; stop it with: kill {pid})"


def owner_pid(port: int) -> int | None:
    """Pid of the listener on a port, if the system tells."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:  # macOS, without root
        connections = []
    pids = [c.pid for c in connections if c.status == psutil.CONN_LISTEN and c.laddr and c.laddr.port == port]
    return next((pid for pid in pids if pid is not None), None)


def free_port() -> int:
    """A port nobody uses now; for stages of tests."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
