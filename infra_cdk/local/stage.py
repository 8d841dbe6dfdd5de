"""Start and stop a local stage: emulator, sandboxes, the deployed application, and the file with their addresses."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra_cdk.local.aws import Clients
from infra_cdk.local.cdk_cli import deploy_by_cli, require_cli
from infra_cdk.local.console import Console, Trouble
from infra_cdk.local.demo_connectors import discover
from infra_cdk.local.launch import (
    Options,
    start_emulator,
    start_sandboxes,
    wait_for_emulator,
    wait_for_sandboxes,
)
from infra_cdk.local.layout import NRS_PORT, Layout, Ports
from infra_cdk.local.processes import (
    Record,
    Running,
    alive,
    family,
    listening,
    load,
    owner_of,
    save,
    stop,
    this_process,
)
from infra_cdk.local.seeds import seed_secrets
from infra_cdk.local.selfcheck import check_error_names

# Both for a second stage beside the first: another folder, and other ports as JSON, e.g. {"front": 8081, "nrs": 9210}.
HOME_VARIABLE, PORTS_VARIABLE = "TAXPOYNT_LOCAL_HOME", "TAXPOYNT_LOCAL_PORTS"


def default_layout(env: Mapping[str, str] = os.environ) -> Layout:
    """The stage of this checkout, with the ports that the documentation names unless the environment says others."""
    home = Path(env[HOME_VARIABLE]).absolute() if HOME_VARIABLE in env else Layout().home
    given: dict[str, int] = json.loads(env.get(PORTS_VARIABLE, "{}"))
    sandbox = {connector.name: connector.port for connector in discover()} | {"nrs": NRS_PORT}
    own = Ports()
    ports = Ports(
        gateway=given.get("gateway", own.gateway),
        front=given.get("front", own.front),
        sandbox={name: given.get(name, port) for name, port in sandbox.items()},
    )
    return Layout(home=home, ports=ports)


@dataclass(frozen=True, slots=True)
class Deployed:
    """A stage that is ready to be used."""

    layout: Layout
    operator_token: str
    clients: Clients
    outputs: Mapping[str, str]


def all_ports(layout: Layout) -> tuple[int, ...]:
    """Every port of the stage."""
    return tuple(layout.ports.named().values())


Deploy = Callable[[Layout, Clients, Console], dict[str, str]]


def bring_up(layout: Layout, mode: str, options: Options, console: Console, deploy: Deploy = deploy_by_cli) -> Deployed:
    """Start everything and deploy; whatever fails, nothing is left running.

    Args:
        layout: where.
        mode: "up" or "demo", for the messages of the next command.
        options: how the emulator runs.
        console: says what happens.
        deploy: by the CDK CLI, as on AWS, or the quicker way for tests.

    Raises:
        Trouble: with a way out.
    """
    if deploy is deploy_by_cli:
        require_cli()  # said before anything is started
    clear_the_way(layout, console)
    require_free_ports(layout)
    try:
        with console.step("Starting the local AWS and the sandboxes"):
            start_parts(layout, mode, options)
        clients = Clients(layout)
        check_error_names(clients)
        outputs = deploy(layout, clients, console)
        token = seed_secrets(clients, [connector.name for connector in discover()])
    except BaseException:
        take_down(layout, Console(quiet=True))
        raise
    return Deployed(layout, token, clients, outputs)


def start_parts(layout: Layout, mode: str, options: Options) -> None:
    """Start both processes, record them at once (a killed command must leave a trace), wait until both answer."""
    running = Running(mode=mode, launcher=this_process(mode), ports=all_ports(layout))
    emulator = start_emulator(layout, options)
    save(layout.records, Running(mode, running.launcher, (emulator,), running.ports))
    sandboxes = start_sandboxes(layout)
    save(layout.records, Running(mode, running.launcher, (emulator, sandboxes), running.ports))
    wait_for_emulator(layout, emulator)
    wait_for_sandboxes(layout, sandboxes)


def clear_the_way(layout: Layout, console: Console) -> None:
    """Deal with what an earlier run left.

    Raises:
        Trouble: it is still in use.
    """
    running = load(layout.records)
    if running is None:
        layout.records.unlink(missing_ok=True)
        return
    living = [part for part in running.parts if alive(part)]
    if in_use(running, living):
        raise already_running(layout, running)
    if living or any(group_left(part) for part in running.parts):
        console.say("A previous run was killed; stopping what it left behind …")
    else:
        console.say("A previous run ended without tidying up; removing its records.")
    take_down(layout, Console(quiet=True))


def group_left(part: Record) -> bool:
    """Does anything that this part started still run?"""
    return bool(family(part))


def in_use(running: Running, living: list[Record]) -> bool:
    """Is somebody still using this stage? A demo is over when its command is; `up` is while all parts live."""
    if alive(running.launcher) and running.launcher != this_process(running.mode):
        return True
    return running.mode == "up" and len(living) == len(running.parts) > 1 and not half_started(running)


def half_started(running: Running) -> bool:
    """Was `up` killed before everything listened?"""
    return not all(listening(port) for port in running.ports)


def already_running(layout: Layout, running: Running) -> Trouble:
    """What to say when a second stage is asked for."""
    pids = ", ".join(f"{part.name} {part.pid}" for part in running.parts)
    return Trouble(
        f"The local stage is already running (make {running.mode}; {pids}).",
        f"the application: {layout.public_url}",
        f"the local AWS:   {layout.aws}",
        f"all addresses:   {layout.endpoints}",
        "stop it with:    make down",
    )


def require_free_ports(layout: Layout) -> None:
    """Nobody else may have our ports.

    Raises:
        Trouble: naming each taken port, its owner, and how to stop it.
    """
    taken = [(port, name) for name, port in layout.ports.named().items() if listening(port)]
    if taken:
        lines = [f"port {port} (for the {name}) is taken by {owner_of(port)}" for port, name in taken]
        other = f"or use other ports: {PORTS_VARIABLE}='{{\"front\": 8081}}' make up"
        raise Trouble("The local stage cannot start: a port it needs is taken.", *lines, other)


def take_down(layout: Layout, console: Console) -> list[int]:
    """Stop everything this stage started, children too; ports that are still taken afterwards."""
    running = load(layout.records)
    if running is None:
        layout.records.unlink(missing_ok=True)
        return [port for port in all_ports(layout) if listening(port)]
    # A demo waits for Ctrl-C; `make down` from another terminal ends it too.
    others = [running.launcher] if running.launcher != this_process(running.mode) else []
    forced = stop([*others, *running.parts])
    if forced:
        console.say(f"Had to end {len(forced)} part(s) by force; their last state is not kept.")
    layout.records.unlink(missing_ok=True)
    layout.endpoints.unlink(missing_ok=True)
    return [port for port in running.ports if listening(port)]


def write_endpoints(deployed: Deployed, merchant: str, portal: str) -> None:
    """Addresses for people and scripts, in the shape of contracts.md, part 1. Holds the operator token: owner only.

    `portal` is a connect link: the only way into a merchant's pages, as on AWS.
    """
    layout = deployed.layout
    base = layout.public_url
    content = {
        "api": base,
        "portal": portal,
        "console": f"{base}/console",
        "status": f"{base}/",
        "aws": layout.aws,
        "sandbox": {name: layout.sandbox_url(name) for name in layout.ports.sandbox},
        "operator_token": deployed.operator_token,
        "merchant": merchant,
    }
    write_json(layout.endpoints, content)


def write_json(path: Path, content: object) -> None:
    """Write a file of ours in one step, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content, indent=1) + "\n")
    draft.replace(path)
