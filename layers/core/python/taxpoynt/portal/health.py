"""Is the stage alive: JSON for machines at /health, a page for people at /."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from taxpoynt.errors import TaxPoyntError
from taxpoynt.portal.pages import page
from taxpoynt.web import Request, Response


@dataclass(frozen=True, slots=True)
class HealthAnswer:
    """`probe` reads one item of the database and raises one of our errors when it cannot."""

    stage: str
    probe: Callable[[], None]

    def __call__(self, request: Request) -> Response:
        """200 while the database answers, else 503."""
        try:
            self.probe()
            alive = True
        except TaxPoyntError:
            alive = False
        status = 200 if alive else 503
        if request.path == "/health":
            body = json.dumps({"status": "ok" if alive else "unavailable", "stage": self.stage})
            headers = {"content-type": "application/json", "cache-control": "no-store"}
            return Response(status=status, body=body, headers=headers)
        return page("status", status=status, alive=alive, stage=self.stage)
