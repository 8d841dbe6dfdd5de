"""Lightspeed X-Series (formerly Vend): consent and rotating tokens, API 2.0 and the dated family, webhooks, versions.

What is built here follows the vendor's documents and the captures of 2019; where they are silent, the place says "not
documented", and what could be read both ways is a setting (world.Settings).
"""

from tests.sandbox.lightspeed_x.sandbox import LightspeedXSandbox

SANDBOX = LightspeedXSandbox

__all__ = ["SANDBOX", "LightspeedXSandbox"]
