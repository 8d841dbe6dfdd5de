"""How large and how patient each function is. Every folder in functions/ has one line here, checked at synth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from taxpoynt import settings
from taxpoynt.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Memory in MB (processor time grows with it) and the time limit in seconds."""

    memory: int
    timeout: int


# HTTP routes stay under API Gateway's 30 s. run_sync_job's limit is a stage setting: retries depend on it.
# 1 GB where a person or a platform waits for a cold start, or a document is drawn.
SIZES: Mapping[str, Size] = {
    "receive_webhook": Size(memory=1024, timeout=10),
    "run_sync_job": Size(memory=512, timeout=60),
    "schedule_syncs": Size(memory=256, timeout=120),
    "sweep_stalled": Size(memory=256, timeout=50),
    "refresh_code_lists": Size(memory=512, timeout=300),
    "seal_ledger": Size(memory=512, timeout=58),
    "purge_expired": Size(memory=256, timeout=600),
    "convert_sale": Size(memory=512, timeout=30),
    "check_invoice": Size(memory=512, timeout=20),
    "reserve_invoice": Size(memory=512, timeout=20),
    # four calls to NRS, each bounded at 30 s; the function stops by itself before its time is up
    "submit_invoice": Size(memory=512, timeout=100),
    "record_outcome": Size(memory=1024, timeout=60),
    "hold_invoice": Size(memory=256, timeout=20),
    "recover_submission": Size(memory=512, timeout=100),
    "deliver_invoice": Size(memory=512, timeout=100),
    "receive_nrs_notice": Size(memory=512, timeout=10),
    "start_oauth": Size(memory=512, timeout=10),
    "finish_oauth": Size(memory=1024, timeout=28),
    "receive_uninstall": Size(memory=512, timeout=10),
    "serve_connect": Size(memory=1024, timeout=28),
    "serve_api": Size(memory=1024, timeout=28),
    "serve_console": Size(memory=1024, timeout=28),
    "answer_health": Size(memory=256, timeout=5),
}


def camel(name: str) -> str:
    """`convert_sale` -> `ConvertSale`."""
    return "".join(part.capitalize() for part in name.split("_"))


def settings_of(name: str) -> type[Settings]:
    """The settings dataclass of a function; by name, so that there is no second list to keep."""
    classes: dict[str, type[Settings]] = {k: v for k, v in vars(settings).items() if isinstance(v, type)}
    if f"{camel(name)}Settings" not in classes:
        raise LookupError(f"functions/{name}: taxpoynt.settings has no {camel(name)}Settings")
    return classes[f"{camel(name)}Settings"]


def check_folders(functions: Path) -> None:
    """Every folder with a handler has a size and the other way round; LookupError names what differs."""
    folders = {path.parent.name for path in functions.glob("*/handler.py")}
    if extra := sorted(folders - SIZES.keys()):
        raise LookupError(
            f"functions/{extra[0]} is not deployed: give it a line in infra_cdk/functions.py and grants.py"
        )
    if missing := sorted(SIZES.keys() - folders):
        raise LookupError(f"functions/{missing[0]}/handler.py is missing")
