"""The stage and the portal on moto, as other tests have them."""

from __future__ import annotations

from tests.functions.conftest import stage
from tests.unit.portal.conftest import portal

__all__ = ["portal", "stage"]
