"""Start the parts of a local stage: the emulator and the sandboxes, each as a process with its own log."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import requests

from infra_cdk.local.certificate import ensure_certificate, key_path
from infra_cdk.local.console import Trouble
from infra_cdk.local.layout import API_NAME, HOST, REGION, ROOT, Layout
from infra_cdk.local.polling import TimedOut, poll_until
from infra_cdk.local.processes import Record, alive, listening, start

READY_SECONDS = 30.0
SOURCE = ROOT / "layers" / "core" / "python"
FUNCTIONS = ROOT / "functions"
SEEDS = ROOT / "tests" / "sandbox" / "seed"
# A function process has imported boto3 and Powertools: about 50 MB each, so bursts and idle ones are given back.
SURPLUS_SECONDS, IDLE_SECONDS = "20", "300"


@dataclass(frozen=True, slots=True)
class Options:
    """How a stage differs from another.

    `persist` keeps its state over a clean stop, `reload` picks up saved code (of `source` and `functions`, which run
    in place of the unpacked assets), `wait_scale` shortens the waits of state machines (tests).
    """

    persist: bool = False
    reload: bool = True
    source: Path = SOURCE
    functions: Path = FUNCTIONS
    wait_scale: float = 1.0


def client_environment(layout: Layout) -> dict[str, str]:
    """Environment of everything that talks to the emulator: boto3, the CDK CLI, the functions."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "COV_CORE_"))}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    return env | {
        "AWS_ENDPOINT_URL": layout.aws,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CA_BUNDLE": str(layout.trust),
        "NODE_EXTRA_CA_CERTS": str(layout.trust),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",  # else some calls go to sync-localhost
    }


def emulator_environment(layout: Layout, options: Options) -> dict[str, str]:
    """Settings of the emulator (local-aws.md, part 2), and of the function processes, which inherit them."""
    folder = layout.emulator_dir
    env = client_environment(layout) | {
        "GATEWAY_PORT": str(layout.ports.gateway),
        "BIND_HOST": HOST,
        "AUTH": "true",
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(layout.certificate),
        "MINISTACK_SSL_KEY": str(key_path(layout)),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "TMPDIR": str(folder / "tmp"),
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "LAMBDA_WARM_TTL_SECONDS": SURPLUS_SECONDS,
        "LAMBDA_ACCOUNT_CONCURRENCY": "50",
        "SFN_WAIT_SCALE": str(options.wait_scale),
        "LOCAL_FRONTS": f"{layout.ports.front}={API_NAME}",
        "LOCAL_SOURCE": str(options.source),
        "LOCAL_FUNCTIONS": str(options.functions),
        "LOCAL_IDLE_SECONDS": IDLE_SECONDS,
    }
    if options.persist:
        env |= {"PERSIST_STATE": "1", "S3_PERSIST": "1"}
    if options.reload:
        env["LOCAL_RELOAD"] = os.pathsep.join([str(options.source), str(options.functions)])
    if os.environ.get("TAXPOYNT_COVERAGE"):
        env |= {
            "LOCAL_COVERAGE": str(ROOT / ".local" / "coverage"),
            "LOCAL_COVERAGE_CONFIG": str(ROOT / "pyproject.toml"),
        }
    return env


def start_emulator(layout: Layout, options: Options) -> Record:
    """Start the emulator; `wait_for_emulator` says when it answers."""
    ensure_certificate(layout)
    if not options.persist:
        shutil.rmtree(layout.emulator_dir, ignore_errors=True)
    env = emulator_environment(layout, options)
    for name in ("TMPDIR", "STATE_DIR", "S3_DATA_DIR"):
        Path(env[name]).mkdir(parents=True, exist_ok=True)
    if folder := env.get("LOCAL_COVERAGE"):
        Path(folder).mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "infra_cdk.local.emulator"]
    return start("emulator", command, env, fresh_log(layout, "emulator"))


def start_sandboxes(layout: Layout) -> Record:
    """Start the stand-ins of the platforms and of NRS, all in one process."""
    env = dict(os.environ)
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    ports = [f"--port={name}={port}" for name, port in layout.ports.sandbox.items()]
    seeds = f"--seed={seeds_for(layout)}"
    command = [sys.executable, "-m", "tests.sandbox", f"--only={','.join(layout.ports.sandbox)}", seeds, *ports]
    return start("sandboxes", command, env, fresh_log(layout, "sandboxes"))


def seeds_for(layout: Layout) -> Path:
    """The sandboxes' seeds; on other ports a copy in which our application's address is the one of this stage."""
    usual = Layout().public_url
    if layout.public_url == usual:
        return SEEDS
    folder = layout.home / "seed"
    folder.mkdir(parents=True, exist_ok=True)
    for path in SEEDS.glob("*.json"):
        (folder / path.name).write_text(path.read_text().replace(usual, layout.public_url))
    return folder


def wait_for_emulator(layout: Layout, record: Record) -> None:
    """Until the emulator is ready.

    Raises:
        Trouble: it ended or never became ready; with the end of its log.
    """

    def ready() -> bool:
        fail_if_ended(record)
        return answers(f"{layout.aws}/_ministack/ready", verify=str(layout.trust))

    wait(ready, record)


def wait_for_sandboxes(layout: Layout, record: Record) -> None:
    """Until every stand-in listens.

    Raises:
        Trouble: the process ended or some port stays silent; with the end of its log.
    """

    def ready() -> bool:
        fail_if_ended(record)
        return all(listening(port) for port in layout.ports.sandbox.values())

    wait(ready, record)


def wait(ready: Callable[[], bool], record: Record) -> None:
    """Poll a part's readiness within the bound, or say what its log says."""
    try:
        poll_until(ready, f"the {record.name}", seconds=READY_SECONDS, every=0.05)
    except TimedOut as late:
        raise Trouble(f"The {record.name} did not become ready in {READY_SECONDS:.0f} s.", *log_hint(record)) from late


def fail_if_ended(record: Record) -> None:
    """Stop waiting for a process that has already given up."""
    if not alive(record):
        raise Trouble(f"The {record.name} ended while starting.", *log_hint(record))


def answers(url: str, *, verify: str) -> bool:
    """Does this address answer 200?"""
    try:
        return requests.get(url, verify=verify, timeout=2).ok
    except requests.ConnectionError:
        return False


def fresh_log(layout: Layout, name: str) -> Path:
    """The part's log, emptied: the last run is what a person looks for."""
    path = layout.logs / f"{name}.log"
    path.unlink(missing_ok=True)
    return path


def log_hint(record: Record) -> list[str]:
    """Where the log is, and its last lines."""
    path = Path(record.log)
    last = path.read_text(errors="replace").splitlines()[-8:] if path.exists() else []
    return [f"its log: {path}", *last]
