"""Pipedrive: consent and tokens, API v2 and v1, webhooks v2 and v1, limits, uninstalling.

What is built here follows the vendor's documents; where they are silent, the place says so with "not documented".
"""

from tests.sandbox.pipedrive.sandbox import PipedriveSandbox

SANDBOX = PipedriveSandbox

__all__ = ["SANDBOX", "PipedriveSandbox"]
