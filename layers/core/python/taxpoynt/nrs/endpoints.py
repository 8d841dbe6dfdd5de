"""The endpoint catalogue (reference, section 5), one row a call; the paths live nowhere else."""

from __future__ import annotations

from typing import Final

from taxpoynt.nrs.transport import Call

_V1 = "/api/v1"
_INVOICE = _V1 + "/invoice"
_EXCHANGE = _INVOICE + "/transmit"

HEALTH: Final = Call(method="GET", path="/api", public=True)
ENTITIES: Final = Call(method="GET", path=_V1 + "/entity")
ENTITY: Final = Call(method="GET", path=_V1 + "/entity/{}")
VALIDATE_IRN: Final = Call(method="POST", path=_INVOICE + "/irn/validate", action=True)
VALIDATE: Final = Call(method="POST", path=_INVOICE + "/validate", action=True)
SIGN: Final = Call(method="POST", path=_INVOICE + "/sign", action=True, lasting=True)
CREATE_PARTY: Final = Call(method="POST", path=_INVOICE + "/party", lasting=True)
PARTIES: Final = Call(method="GET", path=_INVOICE + "/party/{}")
CONFIRM: Final = Call(method="GET", path=_INVOICE + "/confirm/{}")
DOWNLOAD: Final = Call(method="GET", path=_INVOICE + "/download/{}")
SEARCH: Final = Call(method="GET", path=_INVOICE + "/{}")
UPDATE: Final = Call(method="PATCH", path=_INVOICE + "/update/{}", action=True, lasting=True)
EXCHANGE_BY_IRN: Final = Call(method="GET", path=_EXCHANGE + "/lookup/{}")
EXCHANGE_BY_TIN: Final = Call(method="GET", path=_EXCHANGE + "/lookup/tin/{}")
EXCHANGE_BY_PARTY: Final = Call(method="GET", path=_EXCHANGE + "/lookup/party/{}")
TRANSMIT: Final = Call(method="POST", path=_EXCHANGE + "/{}", action=True, lasting=True)
ACKNOWLEDGE: Final = Call(method="PATCH", path=_EXCHANGE + "/{}", action=True, lasting=True)
CHECK_WEBHOOK: Final = Call(method="GET", path=_EXCHANGE + "/self-health-check")
PULL: Final = Call(method="GET", path=_EXCHANGE + "/pull")
REPORT_VAT: Final = Call(method="POST", path="", lasting=True)
"""Its path is configured: the older one answered 404 in 2025 (section 5, row 20)."""
VERIFY_TIN: Final = Call(method="POST", path=_V1 + "/utilities/verify-tin/")
AUTHENTICATE: Final = Call(method="POST", path=_V1 + "/utilities/authenticate")
RESOURCE: Final = Call(method="GET", path=_INVOICE + "/resources/{}", public=True)
