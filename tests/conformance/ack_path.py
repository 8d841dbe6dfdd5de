"""The sender's deadline: what is done before it is answered is little, and needs none of the heavy parts."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from taxpoynt.connector_kit.schemes import Delivery
from taxpoynt.connector_kit.webhook import policy_in, verify
from tests.conformance.evidence import ROOT, Case
from tests.conformance.signatures import NO_TIME

SHARE = 0.1
"""Of the sender's deadline, in processor time of this machine: network, queue and a cold function need the rest."""
HEAVY = ("pydantic", "authlib", "boto3", "requests", "jinja2", "cryptography", "jmespath")

COLD = """
import sys
sys.path[:0] = [sys.argv[1]]
from pathlib import Path
from taxpoynt.connector_kit.webhook import Delivery, policy_in, verify
from datetime import datetime, timezone
policy = policy_in("conformance", Path(sys.argv[2]).read_text("utf-8"))
verify(policy, Delivery(headers={}, body=b"{}", url="https://x/y"), (), datetime.now(timezone.utc))
print([name for name in sys.argv[3:] if name in sys.modules], "taxpoynt.connector_kit.template" in sys.modules)
"""


def check(case: Case) -> list[str]:
    """Nothing heavy is imported, and the largest delivery takes a small share of the deadline."""
    webhooks = case.template.webhooks
    assert webhooks is not None, "there is no webhooks block, so the rule can only be exempt"
    assert _cold(case.folder / "connector.yaml") == "[] False", "the ack path imports the models or a heavy library"
    policy = policy_in(case.name, case.written)
    most, allowed = policy.max_body_bytes, policy.deadline_seconds * SHARE
    headers = {name: value for one in webhooks.vectors for name, value in one.headers.items()}
    delivery = Delivery(headers=headers, body=b"x" * most, url="https://connect.example.com/webhooks/x/y")
    secrets = tuple(dict.fromkeys(secret for one in webhooks.vectors for secret in one.secrets))
    warm = _fastest(lambda: verify(policy, delivery, secrets, NO_TIME))
    assert warm < allowed, f"the largest delivery takes {warm:.3f} s of the deadline of {policy.deadline_seconds} s"
    parsed = _fastest(lambda: policy_in(case.name, case.written))
    assert parsed < allowed, f"reading the template's block takes {parsed:.3f} s"
    deadline = f"{policy.deadline_seconds:g} s"
    return [
        f"a body of {most} bytes, and the block read cold, each take less than a tenth of the {deadline}",
        "no model and no heavy library is loaded before the answer",
    ]


def _cold(template: Path) -> str:
    package = str(ROOT / "layers" / "core" / "python")
    done = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-I", "-c", COLD, package, str(template), *HEAVY],
        env={},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def _fastest(work: Callable[[], object]) -> float:
    """Processor seconds of the best of five, so that a busy machine is not mistaken for slow code."""
    took = []
    for _ in range(5):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return min(took)
