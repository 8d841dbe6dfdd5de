"""Lightspeed R-Series (formerly MerchantOS): consent and rotating tokens, API V3, its leaky bucket. It has no webhooks.

What is built here follows the vendor's documents and recordings; where they are silent, the place says "not
documented", and what could be read both ways is a setting (world.Settings).
"""

from tests.sandbox.lightspeed_r.sandbox import LightspeedRSandbox

SANDBOX = LightspeedRSandbox

__all__ = ["SANDBOX", "LightspeedRSandbox"]
