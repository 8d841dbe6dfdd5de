"""Routes as data: method, path pattern with `{name}` parts, and the page that answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from taxpoynt.web import Request, Response

Page = Callable[[Request, Mapping[str, str]], Response]
Route = tuple[str, str, Page]


def dispatch(routes: Sequence[Route], request: Request, missing: Response) -> Response:
    """The first route that fits answers; `missing` when none does. A `{part}` never spans a slash."""
    path = request.path.rstrip("/") or "/"
    for method, pattern, page in routes:
        if method == request.method and (found := _compiled(pattern).fullmatch(path)):
            return page(request, found.groupdict())
    return missing


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(pattern)))
