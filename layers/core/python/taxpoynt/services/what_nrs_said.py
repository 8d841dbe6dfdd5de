"""Every answer of NRS that matters is kept byte for byte, and the history says what we took it for.

A passed validation is not kept: it registers nothing and says only `ok`.
"""

from __future__ import annotations

from taxpoynt.errors import TaxPoyntError
from taxpoynt.ports import NrsAnswer, SaleRecord
from taxpoynt.services.sale_files import digest, put_answer
from taxpoynt.services.steps import Stores


def keep_answer(stores: Stores, record: SaleRecord, call: str, answer: NrsAnswer | None) -> dict[str, str]:
    """Detail for the history entry of an answer to `call` that was a yes; the bytes are in the bucket afterwards."""
    if answer is None:
        return {"call": call}
    about = {"call": call, "request_id": answer.request_id or ""}
    return about | _kept(stores, record, call, answer.status, answer.body)


def keep_error(stores: Stores, record: SaleRecord, call: str, error: TaxPoyntError) -> dict[str, str]:
    """The same of a refusal or of an answer that tells nothing; without bytes where none came."""
    about = {"call": call, "verdict": type(error).__name__, "request_id": error.request_id or ""}
    if error.said is None or not error.said.body:
        return about
    return about | _kept(stores, record, call, error.said.status, error.said.body)


def _kept(stores: Stores, record: SaleRecord, call: str, status: int, body: bytes) -> dict[str, str]:
    kept = put_answer(stores.blobs, record, call, body)
    return {"status": str(status), "answer_key": kept, "answer_sha256": digest(body)}
