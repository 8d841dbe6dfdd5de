"""Killing function processes as a crash would, at a chosen moment."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil

from infra_cdk.local.polling import TimedOut, poll_until
from infra_cdk.local.processes import load
from tests.e2e.harness import PATIENCE, Json, Sandbox, Slice


def workers(stage: Slice, function: str) -> list[psutil.Process]:
    """The processes that run a function now; CamelCase name."""
    name = stage.deployed.outputs[f"{function}Name"]
    running = load(stage.layout.records)
    assert running is not None
    emulator = psutil.Process(running.parts[0].pid)
    return [child for child in emulator.children(recursive=True) if runs(child, name)]


def runs(process: psutil.Process, function: str) -> bool:
    """Does this process run that function?"""
    try:
        return process.environ().get("AWS_LAMBDA_FUNCTION_NAME") == function
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def kill(stage: Slice, function: str) -> int:
    """Kill every process of a function; how many there were."""
    found = workers(stage, function)
    for process in found:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    return len(found)


def fault_taken(sandbox: Sandbox) -> Callable[[], bool]:
    """True once a fault ordered before has hit a request: somebody is in the middle of that call now."""
    before = sandbox.faults_left()
    return lambda: sandbox.faults_left() < before


def kill_when(stage: Slice, function: str, hit: Callable[[], bool]) -> None:
    """Wait until the function is in the middle of the call that the fault holds back, then kill it there."""
    poll_until(hit, f"{function} to be in the middle", seconds=PATIENCE, every=0.05)
    assert kill(stage, function) >= 1


@contextmanager
def quick_redelivery(stage: Slice, seconds: int = 4) -> Iterator[None]:
    """A lost message comes back soon instead of after six function timeouts; real time is the only difference.

    On every queue: a job of the schedule may run in a process beside the one that is meant, and dies with it. What was
    received under the long time is waited for.
    """
    sqs = stage.aws("sqs")
    urls = [url for name, url in stage.deployed.outputs.items() if name.endswith("QueueUrl")]
    before = {
        url: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"] for url in urls
    }
    for url in urls:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)})
    poll_until(lambda: stage.depth("QueueUrl") == 0, "the queues to be empty", seconds=3 * PATIENCE)
    try:
        yield
    finally:
        for url, attributes in before.items():
            sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)


def accepted_with_sweeps(stage: Slice, deal: int, seconds: float) -> Json:
    """Wait for the acceptance while the sweeper runs as its schedule would have it run, only more often."""
    end = time.monotonic() + seconds
    while True:
        try:
            return stage.accepted(deal, seconds=5)
        except TimedOut:
            if time.monotonic() > end:
                raise
            stage.call("SweepStalled")
