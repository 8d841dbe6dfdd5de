"""The token in the address where NRS tells of a merchant's documents: 192 random bits, made when first asked for."""

from __future__ import annotations

import secrets
from contextlib import suppress

from taxpoynt.domain.keys import key
from taxpoynt.errors import BadInput, StoreConflict
from taxpoynt.storage.table import Table

NOTICES = "NRS_NOTICES"
TOKEN_BYTES = 24


class DynamoNoticeTokens:
    """Two items a merchant in the connections table: its token, and whose a token is."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def token_of(self, merchant: str) -> str:
        """The merchant's token, for ever the same."""
        kept = self._table.get(key("M", merchant), NOTICES)
        if kept is None:
            kept = self._make(merchant)
        return str(kept["token"])

    def merchant_of(self, token: str) -> str | None:
        """Whose token it is; None for one nobody made, or that could not be a key."""
        try:
            item = self._table.get(key("NOTICE", token), NOTICES)
        except BadInput:
            return None
        return str(item["merchant"]) if item else None

    def _make(self, merchant: str) -> dict[str, object]:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        first = "attribute_not_exists(pk)"
        puts = [
            self._table.put_request({"pk": pk, "sk": NOTICES, "merchant": merchant, "token": token}, only_if=first)
            for pk in (key("M", merchant), key("NOTICE", token))
        ]
        with suppress(StoreConflict):  # somebody else asked first in the same moment
            self._table.transact(puts=puts)
        kept = self._table.get(key("M", merchant), NOTICES)
        if kept is None:
            raise StoreConflict("the token was not stored")
        return kept
