"""Answers as werkzeug responses, usable outside a request."""

import json
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response


def json_reply(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Response:
    """`body` as JSON; a string goes out as it is (HTML when it looks like it), None as an empty body."""
    if body is None:
        return Response(b"", status, headers)
    if isinstance(body, str):
        kind = "text/html" if body.lstrip().startswith("<") else "text/plain"
        return Response(body, status, headers, content_type=f"{kind}; charset=utf-8")
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status, headers, content_type="application/json; charset=utf-8")
