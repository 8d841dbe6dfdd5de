"""Platform tokens under KMS envelope encryption, with a generation number and a refresh lease.

One data key per write: KMS makes it under the encryption context {merchant, connection, connector}, AES-256-GCM
seals the tokens with the same context as associated data, and only the wrapped key is kept. Saving needs
`kms:GenerateDataKey`, loading `kms:Decrypt`: a role can have one without the other.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from taxpoynt.domain.connection import TokenSet
from taxpoynt.domain.keys import key
from taxpoynt.errors import Busy, NotFound, Rejected, StoreConflict
from taxpoynt.ports import Lease
from taxpoynt.storage.aws_errors import verdicts
from taxpoynt.storage.items import iso, moment_of
from taxpoynt.storage.table import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient

NONCE_BYTES = 12


class DynamoTokenStore:
    """ports.TokenStore on the connections table and one KMS key."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, kms: KMSClient, key_arn: str) -> None:
        self._table = Table(dynamodb, table)
        self._envelope = Envelope(kms, key_arn)

    def save(
        self, merchant: str, connection: str, connector: str, tokens: TokenSet, *, expected_generation: int
    ) -> TokenSet:
        """Stores as generation expected+1; StoreConflict when somebody was faster."""
        generation = expected_generation + 1
        sealed = self._envelope.seal(_context(merchant, connection, connector), _tokens_text(tokens))
        fresh = "attribute_not_exists(generation) OR " if expected_generation == 0 else ""
        self._table.update(
            key("M", merchant),
            key("TOKENS", connection),
            "SET generation = :next, sealed = :sealed, data_key = :data_key",
            only_if=f"{fresh}generation = :was",
            next=generation,
            was=expected_generation,
            sealed=sealed["sealed"],
            data_key=sealed["data_key"],
        )
        return _tokens(_tokens_text(tokens), generation)

    def load(self, merchant: str, connection: str, connector: str) -> TokenSet:
        """The newest tokens; NotFound when there are none, Rejected when they were sealed for somebody else."""
        item = self._table.get(key("M", merchant), key("TOKENS", connection))
        if item is None or "sealed" not in item:
            raise NotFound("no tokens for this connection")
        text = self._envelope.open(_context(merchant, connection, connector), item["sealed"], item["data_key"])
        return _tokens(text, item["generation"])

    def lease(self, merchant: str, connection: str, *, owner: str, now: datetime, seconds: int) -> Lease:
        """Takes the right to refresh; Busy when another owner holds it and it has not expired."""
        until = now + timedelta(seconds=seconds)
        try:
            item = self._table.update(
                key("M", merchant),
                key("TOKENS", connection),
                "SET lease_owner = :us, lease_until = :until",
                only_if="attribute_not_exists(lease_owner) OR lease_owner = :us OR lease_until <= :now",
                us=owner,
                until=until,
                now=now,
            )
        except StoreConflict:
            raise Busy("somebody else refreshes these tokens") from None
        generation = int(item.get("generation", 0))
        return Lease(merchant=merchant, connection=connection, owner=owner, until=until, generation=generation)

    def trying(self, lease: Lease, generation: int) -> bool:
        """One write as a rule; a second one where the first says that this generation was tried before."""
        place = (key("M", lease.merchant), key("TOKENS", lease.connection))
        ours = "lease_owner = :us AND lease_until = :until"
        values: dict[str, Any] = {"us": lease.owner, "until": iso(lease.until), "tried": generation}
        try:
            fresh = f"{ours} AND (attribute_not_exists(tried) OR tried <> :tried)"
            self._table.update(*place, "SET tried = :tried", only_if=fresh, **values)
        except StoreConflict:
            try:
                self._table.update(*place, "SET tried = :tried", only_if=f"{ours} AND tried = :tried", **values)
            except StoreConflict:
                raise Busy("somebody else refreshes these tokens by now") from None
            return True
        return False

    def release(self, lease: Lease) -> None:
        """Releases one's own lease; somebody else's stays."""
        try:
            self._table.update(
                key("M", lease.merchant),
                key("TOKENS", lease.connection),
                "REMOVE lease_owner, lease_until",
                only_if="lease_owner = :us AND lease_until = :until",
                us=lease.owner,
                until=iso(lease.until),
            )
        except StoreConflict:
            return

    def delete(self, merchant: str, connection: str) -> None:
        """Forgets the tokens, there or not."""
        self._table.delete(key("M", merchant), key("TOKENS", connection))


class Envelope:
    """Seals and opens small texts under one KMS key."""

    def __init__(self, kms: KMSClient, key_arn: str) -> None:
        self._kms = kms
        self._key_arn = key_arn

    def seal(self, context: Mapping[str, str], text: bytes) -> dict[str, bytes]:
        """`sealed` (nonce + ciphertext + tag) and the wrapped `data_key`."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        with verdicts("make a data key"):
            made = self._kms.generate_data_key(KeyId=self._key_arn, KeySpec="AES_256", EncryptionContext=dict(context))
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + AESGCM(made["Plaintext"]).encrypt(nonce, text, _associated(context))
        return {"sealed": sealed, "data_key": made["CiphertextBlob"]}

    def open(self, context: Mapping[str, str], sealed: bytes, data_key: bytes) -> bytes:
        """The text; Rejected when context, wrapped key or ciphertext are not what was sealed together."""
        from botocore.exceptions import ClientError
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            with verdicts("open a data key"):
                plain = self._kms.decrypt(
                    KeyId=self._key_arn, CiphertextBlob=data_key, EncryptionContext=dict(context)
                )["Plaintext"]
            return AESGCM(plain).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _associated(context))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "InvalidCiphertextException":
                raise
            raise Rejected("these tokens were sealed for another connection") from None
        except InvalidTag:
            raise Rejected("these tokens were changed in storage") from None


def _context(merchant: str, connection: str, connector: str) -> dict[str, str]:
    key(merchant, connection, connector)  # refuses an empty part
    return {"merchant": merchant, "connection": connection, "connector": connector}


def _associated(context: Mapping[str, str]) -> bytes:
    return json.dumps(context, sort_keys=True, separators=(",", ":")).encode()


def _tokens_text(tokens: TokenSet) -> bytes:
    fields: dict[str, Any] = {
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "expires_at": iso(tokens.expires_at),
        "scopes": list(tokens.scopes),
        "api_base": tokens.api_base,
        "auth_base": tokens.auth_base,
        "issued_at": iso(tokens.issued_at) if tokens.issued_at else None,
    }
    return json.dumps(fields).encode()


def _tokens(text: bytes, generation: int) -> TokenSet:
    fields = json.loads(text)
    return TokenSet(
        access_token=fields["access_token"],
        refresh_token=fields["refresh_token"],
        expires_at=datetime.fromisoformat(fields["expires_at"]),
        generation=generation,
        scopes=tuple(fields["scopes"]),
        api_base=fields["api_base"],
        auth_base=fields["auth_base"],
        issued_at=moment_of(fields["issued_at"]),
    )
