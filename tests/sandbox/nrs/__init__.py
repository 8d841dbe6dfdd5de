"""A stand-in of NRS (merchant-buyer solution), as strict as the developer reference says NRS is or could be."""

from tests.sandbox.nrs.sandbox import NrsSandbox, demo_seed

SANDBOX = NrsSandbox

__all__ = ["SANDBOX", "NrsSandbox", "demo_seed"]
