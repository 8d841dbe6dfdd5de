"""What AWS does around our functions: queues that repeat, executions that run twice, schedules, workers that die."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from loadtests.simulation import machines
from loadtests.simulation.hub import Actor, Hub, Killed
from loadtests.simulation.machines import Execution, TaskError, as_task
from loadtests.simulation.ports import Faults
from taxpoynt.domain.keys import execution_name
from taxpoynt.errors import TaxPoyntError

VISIBILITY = 720.0
RECEIVES = 5
WORKER_SECONDS = 120.0
OFTEN = 4
"""A job put off so often is left in peace: doubling and dying at each of hundreds of times would only flood."""
STEP_SECONDS = 60.0
SKEW = 600.0
"""Seconds by which a worker's clock may be wrong, either way."""

MACHINES = {name: machines.definition(name) for name in ("invoice_conversion", "submission_recovery")}
if (machines.FOLDER / "invoice_delivery.asl.json").exists():
    MACHINES["invoice_delivery"] = machines.definition("invoice_delivery")


@dataclass
class Message:
    """A message of the queue."""

    body: dict[str, Any]
    receives: int = 0
    gone: bool = False


@dataclass
class Cloud:
    """`work` does a queue message; `steps` are the machines' tasks by name; `sweep`, `seal` run by the clock."""

    hub: Hub
    faults: Faults
    work: Callable[[dict[str, Any], Callable[[], float]], Any] = field(init=False)
    steps: dict[str, Callable[..., Mapping[str, Any]]] = field(init=False)
    sweep: Callable[[], Any] = field(init=False)
    seal: Callable[[], Any] = field(init=False)
    next_due: Callable[[], float | None] = field(init=False)
    waits: Callable[[], bool] = field(init=False)
    dead: list[Message] = field(default_factory=list)
    open_messages: int = 0
    standard: set[tuple[str, str]] = field(default_factory=set)
    numbers: int = 0
    armed: set[float] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.tasks = {f"${{{_camel(name)}Arn}}": self._step(name) for name in STEPS}
        self.tasks["arn:aws:states:::states:startExecution"] = self._start_execution

    # --- queue -------------------------------------------------------------------------------------------------------

    def send(self, _queue: str, job: Mapping[str, Any], *, delay_seconds: int = 0) -> None:
        """ports.JobQueue: at least once, in any order."""
        message = Message(json.loads(json.dumps(job)))
        self.open_messages += 1
        self._show(message, delay_seconds + self.hub.random.random() * 2)
        if message.body.get("tries", 0) < OFTEN and self.faults.hit(self.hub, "doubled message", self.faults.duplicate):
            self._show(message, delay_seconds + self.hub.random.random() * 30)

    def _show(self, message: Message, after: float) -> None:
        self.hub.after(after, lambda: self._receive(message))

    def _receive(self, message: Message) -> None:
        if message.gone:
            return
        message.receives += 1
        if message.receives > RECEIVES:
            message.gone = True
            self.open_messages -= 1
            self.dead.append(message)
            self.hub.say(f"DEAD LETTER {message.body.get('job')} {message.body.get('event_id', '')}")
            return
        actor = self._actor(f"job {message.body['job']}", message.body["merchant"])
        actor.deadline = self.hub.now + WORKER_SECONDS
        if message.body.get("tries", 0) >= OFTEN:
            actor.mortal = 0.0
        self.hub.spawn(actor, lambda: self._consume(actor, message))

    def _consume(self, actor: Actor, message: Message) -> None:
        deadline = self.hub.now + WORKER_SECONDS
        try:
            said = self.work(message.body, lambda: deadline - self.hub.now)
            self.hub.say(f"job done: {said}")
        except (TaxPoyntError, Killed) as error:
            self.hub.say(f"job failed: {type(error).__name__} {error}")
            self._show(message, VISIBILITY)
            return
        if not message.gone:
            message.gone = True
            self.open_messages -= 1

    def redrive(self) -> None:
        """The operator looks at the dead letters and sends them again."""
        dead, self.dead = self.dead, []
        for message in dead:
            self.send("bulk", message.body)

    # --- state machines ----------------------------------------------------------------------------------------------

    def start_conversion(self, merchant: str, connector: str, sale_id: str, attempt: int) -> None:
        """ports.WorkflowStarter. Express: the name stops nothing, and the execution may run twice."""
        name = execution_name(merchant, connector, sale_id, str(attempt))
        self._express(name, merchant, connector, sale_id, 0.0)
        if self.faults.hit(self.hub, "doubled execution", self.faults.duplicate):
            self._express(name, merchant, connector, sale_id, self.hub.random.random() * 60)

    def start_recovery(self, merchant: str, connector: str, sale_id: str, attempt: int) -> None:
        """Standard: once per name."""
        name = execution_name(merchant, connector, sale_id, str(attempt))
        self._standard("submission_recovery", name, merchant, {**_ids(merchant, connector, sale_id)})

    def start_delivery(self, merchant: str, connector: str, sale_id: str, run: str) -> None:
        """Standard: once per name."""
        if "invoice_delivery" in MACHINES:
            name = execution_name(merchant, connector, sale_id, run)
            self._standard("invoice_delivery", name, merchant, {**_ids(merchant, connector, sale_id)})

    def _express(self, name: str, merchant: str, connector: str, sale_id: str, after: float) -> None:
        data = _ids(merchant, connector, sale_id)
        actor = self._actor(f"conversion {sale_id}", merchant)
        until = self.hub.now + after + machines.EXPRESS_SECONDS
        run = Execution(self.hub, MACHINES["invoice_conversion"], self.tasks, name, until)
        self.hub.spawn(actor, lambda: self._run(run, data), after=after)

    def _standard(self, machine: str, name: str, merchant: str, data: dict[str, Any]) -> bool:
        if (machine, name) in self.standard:
            return False
        self.standard.add((machine, name))
        actor = self._actor(f"{machine.partition('_')[2]} {data['sale_id']}", merchant)
        run = Execution(self.hub, MACHINES[machine], self.tasks, name, float("inf"))
        self.hub.spawn(actor, lambda: self._run(run, dict(data)))
        return True

    def _run(self, run: Execution, data: dict[str, Any]) -> None:
        try:
            ended = run.run(data)
        except TaskError as error:
            ended = f"failed: {error.name}"
        self.hub.say(f"execution ends: {ended}")

    def _start_execution(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        self.hub.give_way(self.hub.random.random() * 0.05)
        machine = _snake(str(given["StateMachineArn"]))
        if machine in MACHINES and not self._standard(
            machine, given["Name"], given["Input"]["merchant"], given["Input"]
        ):
            raise TaskError("StepFunctions.ExecutionAlreadyExistsException", "there already")
        return {}

    def _step(self, name: str) -> machines.Task:
        def task(given: Mapping[str, Any]) -> Mapping[str, Any]:
            hub, actor = self.hub, self.hub.actor
            if actor is None:
                raise RuntimeError("a task without an execution")
            data = {key: value for key, value in given.items() if key in ("merchant", "connector", "sale_id")}
            more = _more(name, given)
            call = self.steps[name]
            if self.faults.hit(hub, "doubled task", self.faults.duplicate / 3):
                # Step Functions takes the function for dead while it works on, and calls it again
                ghost = self._actor(f"ghost {name} {data['sale_id']}", actor.merchant)
                ghost.deadline = hub.now + STEP_SECONDS
                hub.spawn(ghost, lambda: _quiet(lambda: call(**data, **more)), after=hub.random.random() * 20)
                hub.give_way(hub.random.random() * 40)
            actor.deadline = hub.now + STEP_SECONDS
            actor.skew = self._skew()
            try:
                answer = as_task(lambda: call(**data, **more))
            finally:
                actor.deadline = None
            hub.say(f"{name} -> {dict(answer)}")
            return {**data, **answer}

        return task

    # --- schedules ---------------------------------------------------------------------------------------------------

    def arm(self, due: float) -> None:
        """Something is due at `due`: the sweep of the minute in which this sweeper's clock says so will find it."""
        skew = self._skew()
        minute = max(due - skew, self.hub.now) // 60 * 60 + 60
        if minute not in self.armed:
            self.armed.add(minute)
            self.hub.after(minute - self.hub.now, lambda: self._sweep(minute, skew))

    def _sweep(self, minute: float, skew: float) -> None:
        self.armed.discard(minute)
        due = self.next_due()
        if due is None:
            return
        if due <= self.hub.now + skew:
            actor = self._actor("sweeper", None)
            actor.deadline, actor.skew = self.hub.now + 50, skew
            self.hub.spawn(actor, lambda: _quiet(self.sweep))
            due = self.hub.now + skew + 60  # whatever this one leaves undone
        self.arm(due)

    def seal_by_the_clock(self) -> None:
        """Two sealers now and then, because a schedule fires at least once."""
        if self.waits():
            for _ in range(2 if self.faults.hit(self.hub, "doubled schedule", 0.2) else 1):
                actor = self._actor("sealer", None)
                actor.deadline = self.hub.now + 58
                self.hub.spawn(actor, lambda: _quiet(self.seal), after=self.hub.random.random())
        self.hub.after(3600.0, self.seal_by_the_clock)

    def _actor(self, name: str, merchant: str | None) -> Actor:
        self.numbers += 1
        return Actor(f"{self.numbers} {name}", merchant=merchant, skew=self._skew(), mortal=1.0)

    def _skew(self) -> float:
        random = self.hub.random
        return random.uniform(-SKEW, SKEW) if random.random() < 0.3 else random.uniform(-1, 1)


STEPS = (
    *("convert_sale", "check_invoice", "reserve_invoice", "submit_invoice", "record_outcome"),
    *("hold_invoice", "recover_submission", "deliver_invoice"),
)


def _quiet(call: Callable[[], Any]) -> None:
    """What nobody waits for: an error of ours is logged and that is all."""
    try:
        call()
    except TaxPoyntError:
        return


def _more(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    if name == "hold_invoice":
        cause = str(given.get("cause", ""))
        with suppress(ValueError, KeyError, TypeError):
            cause = str(json.loads(cause)["errorMessage"])
        return {"reason": cause.partition(":")[0][:80]}
    return {key: given[key] for key in ("run", "turn") if key in given}


def _ids(merchant: str, connector: str, sale_id: str) -> dict[str, Any]:
    return {"merchant": merchant, "connector": connector, "sale_id": sale_id}


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _snake(placeholder: str) -> str:
    bare = placeholder.removeprefix("${").removesuffix("Arn}")
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in bare).lstrip("_")
