"""The real CDK command line against the local stage: what a deploy to AWS does, on this machine."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from infra_cdk.local.assembly import Assembly, prepared, synthesised
from infra_cdk.local.aws import Clients, require_emulator
from infra_cdk.local.console import Console, Trouble
from infra_cdk.local.deploy import BOOTSTRAP_VERSION, outputs
from infra_cdk.local.ignored import apply_ignored
from infra_cdk.local.launch import client_environment
from infra_cdk.local.layout import ACCOUNT, REGION, ROOT, Layout

CLI = ROOT / "node_modules" / ".bin" / "cdk"
# `TaxPoynt-local | 12/155 | 15:02:10 | CREATE_COMPLETE | AWS::SQS::Queue | …`
PROGRESS = re.compile(r"\|\s*(\d+)/(\d+)\s*\|")
EVERY = 25  # one line for so many finished resources


def require_cli() -> None:
    """Node and the pinned CDK CLI are there.

    Raises:
        Trouble: with the way to get them.
    """
    if shutil.which("node") is None:
        raise Trouble(
            "Node.js is missing; the CDK command line, which deploys the local stage, needs Node 20 or newer.",
            "install it (nodejs.org, apt install nodejs npm, brew install node)",
            "then run the same command again",
        )
    if not CLI.exists():
        raise Trouble("The CDK command line is not installed.", "make setup")


def deploy_by_cli(layout: Layout, clients: Clients, console: Console) -> dict[str, str]:
    """Synthesise, bootstrap (first time), deploy; the stack's outputs.

    Raises:
        Trouble: not the emulator, or a step failed; with the end of the CLI's log.
    """
    require_cli()
    require_emulator(clients)
    with console.step("Synthesising the stack (the production app, stage local)"):
        assembly = synthesised(layout.assembly)
        template = prepared(assembly, layout.addresses())
    if not bootstrapped(clients):
        with console.step("cdk bootstrap"):
            cdk(["bootstrap", f"aws://{ACCOUNT}/{REGION}"], assembly, layout, console)
    with console.step(f"cdk deploy {assembly.stack}"):
        cdk(
            ["deploy", assembly.stack, "--require-approval", "never", "--progress", "events"], assembly, layout, console
        )
        apply_ignored(template, assembly.stack, clients)
    return outputs(assembly.stack, clients)


def bootstrapped(clients: Clients) -> bool:
    """Has this emulator been bootstrapped already (a kept state)?"""
    return bool(clients("ssm").get_parameters(Names=[BOOTSTRAP_VERSION])["Parameters"])


def cdk(arguments: Sequence[str], assembly: Assembly, layout: Layout, console: Console) -> None:
    """Run the CLI on a ready assembly; its whole output goes to a log, its progress to the console."""
    env = client_environment(layout) | {
        "CDK_DISABLE_VERSION_CHECK": "1",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "18,20",
        "AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE": "1",
    }
    layout.logs.mkdir(parents=True, exist_ok=True)
    log = layout.logs / f"cdk-{arguments[0]}.log"
    command = [str(CLI), *arguments, "--app", str(assembly.folder), "--no-color", "--ci"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        follow(process, log, console)
    if process.returncode:
        last = log.read_text(errors="replace").splitlines()[-15:]
        raise Trouble(f"cdk {arguments[0]} failed.", f"its log: {log}", *last)


def follow(process: "subprocess.Popen[str]", log: Path, console: Console) -> None:
    """Copy the CLI's output to its log and report progress now and then."""
    said = 0
    with log.open("w") as copy:
        for line in process.stdout or []:
            copy.write(line)
            if (found := PROGRESS.search(line)) and int(found[1]) >= said + EVERY:
                said = int(found[1])
                console.say(f"             {found[1]} of {found[2]} resources")
