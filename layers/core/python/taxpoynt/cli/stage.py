"""Which stage a command is about: one on AWS by its stack, or the local one by `.local/endpoints.json`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taxpoynt.cli.answer import Usage

if TYPE_CHECKING:
    from taxpoynt.bootstrap.ops import Ops

LOCAL = "local"
_KEYS = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "AWS_CONTAINER_CREDENTIALS_FULL_URI")


def open_stage(name: str | None) -> Ops:
    """The stage's parts. Without a name: TAXPOYNT_STAGE, else the local stage. Usage when it cannot be reached."""
    name = name or os.environ.get("TAXPOYNT_STAGE") or LOCAL
    local = _point_to_local() if name == LOCAL else {}
    from taxpoynt.bootstrap.ops import Ops, stack_outputs
    from taxpoynt.errors import ConfigurationError

    try:
        outputs = dict(stack_outputs(name))
    except ConfigurationError as problem:
        hint = " (is it up? make up)" if name == LOCAL else ""
        raise Usage(f"stage {name}: {problem}{hint}") from None
    nrs = local.get("sandbox", {}).get("nrs")
    return Ops({**outputs, "Stage": name, **({"NrsBaseUrl": nrs} if nrs else {})})


def _point_to_local() -> dict[str, Any]:
    """Sends every AWS call of this process to the local stage, and keeps the machine's own account out of it."""
    home = Path(os.environ.get("TAXPOYNT_LOCAL_HOME") or ".local")
    try:
        found: dict[str, Any] = json.loads((home / "endpoints.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise Usage(f"no local stage is up ({home}/endpoints.json): make up, or name one with --stage") from None
    for key in _KEYS:
        os.environ.pop(key, None)
    os.environ.update(
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",  # noqa: S106 - the emulator's own, known to everybody
        AWS_REGION="us-east-1",
        AWS_DEFAULT_REGION="us-east-1",
        AWS_ENDPOINT_URL=str(found["aws"]),
    )
    trust = home / "tls" / "trust.pem"
    if trust.is_file():
        os.environ["AWS_CA_BUNDLE"] = str(trust)
    return found
