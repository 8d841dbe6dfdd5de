"""Functions that can be held at a chosen moment, so that a crash comes exactly there.

The stage runs copies of functions/ whose handlers are the real ones between two holding points: before the work, and
after the work but before the answer, when everything is stored and nobody knows it yet.
"""

import shutil
from pathlib import Path

from infra_cdk.local.launch import FUNCTIONS
from infra_cdk.local.polling import poll_until
from tests.e2e.harness import PATIENCE

HELD_SECONDS = 15
HANDLER = """
import time
from pathlib import Path

from real_handler import handler as real_handler

ORDERS = Path({orders!r})


def hold(moment):
    order = ORDERS / f"{name}.{{moment}}"
    try:
        order.rename(order.with_suffix(".taken"))  # one call takes the order, others pass
    except FileNotFoundError:
        return
    time.sleep({seconds})


def handler(event, context):
    hold("before")
    answer = real_handler(event, context)
    hold("after")
    return answer
"""


class HoldingPoints:
    """Orders are files: the functions are other processes."""

    def __init__(self, folder: Path) -> None:
        self.functions, self._orders = folder / "functions", folder / "orders"
        self._orders.mkdir(parents=True)
        for source in FUNCTIONS.glob("*/handler.py"):
            self._wrap(source)

    def _wrap(self, source: Path) -> None:
        name = source.parent.name
        target = self.functions / name
        shutil.copytree(source.parent, target, ignore=shutil.ignore_patterns("__pycache__"))
        (target / "handler.py").rename(target / "real_handler.py")
        text = HANDLER.format(orders=str(self._orders), name=name, seconds=HELD_SECONDS)
        (target / "handler.py").write_text(text)

    def order(self, function: str, moment: str) -> None:
        """The next call of a function (its folder's name) stops at `before` or `after`."""
        (self._orders / f"{function}.{moment}").touch()

    def wait_until_held(self, function: str) -> None:
        """Until a call has taken the order."""
        taken = self._orders / f"{function}.taken"
        poll_until(taken.exists, f"{function} to be held", seconds=PATIENCE, every=0.02)
        taken.unlink()

    def clear(self) -> None:
        """Forget orders that no call took."""
        for path in self._orders.iterdir():
            path.unlink()
