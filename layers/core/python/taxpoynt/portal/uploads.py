"""Forms that carry a file (`multipart/form-data`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP

from taxpoynt.errors import BadInput
from taxpoynt.web import Request

MAX_BODY = 5 * 1024 * 1024
MAX_PARTS = 50
_KEPT = "surrogateescape"


def fields(request: Request) -> dict[str, str]:
    """Every part as text; of a file, text that `file_of` turns back into the very bytes."""
    if len(request.body) > MAX_BODY:
        raise BadInput("the file is too large")
    head = f"Content-Type: {request.header('content-type')}\r\n\r\n".encode("latin-1", "replace")
    try:
        whole: Message = BytesParser(policy=HTTP).parsebytes(head + request.body)
        parts = dict(_parts(whole))
    except (ValueError, LookupError, AttributeError, TypeError):
        raise BadInput("the form cannot be read") from None
    if not parts:
        raise BadInput("the form cannot be read")
    return parts


def file_of(form: Mapping[str, str], name: str) -> bytes:
    """The bytes of an uploaded file; empty when none was chosen."""
    return form.get(name, "").encode("utf-8", _KEPT)


def _parts(whole: Message) -> Iterator[tuple[str, str]]:
    if not whole.is_multipart():
        return
    for number, part in enumerate(whole.iter_parts()):  # type: ignore[attr-defined]  # EmailMessage, by the policy
        if number >= MAX_PARTS:
            raise ValueError("too many parts")
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(data, bytes):
            text = data.decode("utf-8", _KEPT)
            yield name, text if part.get_filename() is not None else text.strip()
