"""`python -m infra_cdk.local up|down|status|demo|synth|quiet`: what the Makefile calls."""

import argparse
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from types import FrameType

from infra_cdk.local.cdk_cli import CLI, require_cli
from infra_cdk.local.console import Console, Trouble
from infra_cdk.local.demo import run_demo
from infra_cdk.local.layout import ROOT
from infra_cdk.local.polling import TimedOut
from infra_cdk.local.processes import alive, listening, load, owner_of
from infra_cdk.local.stage import all_ports, default_layout, take_down
from infra_cdk.local.up import run_up

INTERRUPTED = 130  # what a shell reports for a command that Ctrl-C ended


def down(console: Console) -> int:
    """Stop the stage and say that nothing is left, or what is."""
    layout = default_layout()
    running = load(layout.records)
    left = take_down(layout, console)
    for port in left:
        console.say(f"Port {port} is still taken by {owner_of(port)}")
    if left:
        return 1
    console.say("Stopped; nothing is left running." if running else "Nothing was running.")
    return 0


def status(console: Console) -> int:
    """What runs, and where; exit code 3 when nothing does (as `systemctl status`)."""
    layout = default_layout()
    running = load(layout.records)
    if running is None:
        console.say("The local stage is not running. Start it with: make up")
        return 3
    for part in running.parts:
        console.say(f"{part.name:<10} {'running' if alive(part) else 'gone':<8} pid {part.pid}, log {part.log}")
    for name, port in layout.ports.named().items():
        console.say(f"{name:<20} http://localhost:{port} {'answers' if listening(port) else 'silent'}")
    return 0 if all(alive(part) for part in running.parts) else 1


def quiet(console: Console) -> int:
    """Nothing of ours may listen (the end of `make test`)."""
    layout = default_layout()
    left = [port for port in all_ports(layout) if listening(port)]
    for port in left:
        console.say(f"Port {port} is still taken by {owner_of(port)}")
    return 1 if left else 0


def synth(stage: str) -> int:
    """The CDK CLI's synth for a stage, into cdk.out."""
    require_cli()
    return subprocess.run(
        [str(CLI), "synth", "--quiet", "--context", f"stage={stage}"], cwd=ROOT, check=False
    ).returncode


def options(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m infra_cdk.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (("up", up_help), ("down", down.__doc__), ("status", status.__doc__), ("quiet", quiet.__doc__)):
        commands.add_parser(name, help=what)
    commands.add_parser("demo", help="the whole product once, told step by step").add_argument(
        "--once", action="store_true", help="stop by itself; the exit code says whether all went right"
    )
    commands.add_parser("synth", help=synth.__doc__).add_argument("stage")
    return parser.parse_args(argv)


up_help = "start local AWS and sandboxes, deploy, leave them running"


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0 done, 1 trouble (with a way out on stderr), 2 wrong usage, 3 not running, 130 interrupted."""
    given, console = options(argv), Console()
    signal.signal(signal.SIGTERM, end_like_ctrl_c)
    commands: dict[str, Callable[[], int]] = {
        "up": lambda: run_up(console),
        "down": lambda: down(console),
        "status": lambda: status(console),
        "quiet": lambda: quiet(console),
        "demo": lambda: run_demo(console, once=given.once),
        "synth": lambda: synth(given.stage),
    }
    try:
        return commands[given.command]()
    except (Trouble, TimedOut) as trouble:
        console.trouble(trouble)
        return 1
    except KeyboardInterrupt:
        console.say("\nInterrupted; what had been started is stopped.")
        return INTERRUPTED


def end_like_ctrl_c(_signal: int, _frame: FrameType | None) -> None:
    """A terminated command tidies up as an interrupted one does."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
