"""NRS's envelope (reference, section 4), as JSON, or as XML for those who ask for it."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

from flask import has_request_context, request
from werkzeug.wrappers import Response

from tests.sandbox.nrs.problems import NO_ROUTE, Problem

JSON_TYPE = "application/json"
XML_TYPE = "application/xml"


def answer(status: int, body: dict[str, Any]) -> Response:
    """`body` as it is; XML when the caller prefers it, so that a client which forgets Accept notices."""
    if has_request_context() and request.accept_mimetypes.best_match((JSON_TYPE, XML_TYPE)) == XML_TYPE:
        text = ET.tostring(_element("response", body), encoding="unicode", xml_declaration=True)
        return Response(text, status, content_type=f"{XML_TYPE}; charset=utf-8")
    return Response(json.dumps(body, ensure_ascii=False), status, content_type=f"{JSON_TYPE}; charset=utf-8")


def success(data: Any, status: int = 200) -> Response:
    """`{"code", "data"}`."""
    return answer(status, {"code": status, "data": data})


def done(status: int = 200) -> Response:
    """What an action answers: nothing but ok."""
    return success({"ok": True}, status)


def refusal(problem: Problem) -> Response:
    """The error envelope, with a fresh id each time."""
    error = {"id": str(uuid4()), "handler": problem.handler, "public_message": problem.public}
    if problem.details is not None:
        error["details"] = problem.details
    body = {"code": problem.status, "data": None, "message": "error has occurred", "error": error}
    return answer(problem.status, body)


def no_route() -> Response:
    """An unknown path has no `error` object."""
    return answer(404, {"code": 404, "data": None, "message": NO_ROUTE})


def _element(name: str, value: Any) -> ET.Element:
    element = ET.Element(name)
    if isinstance(value, dict):
        element.extend(_element(str(key), item) for key, item in value.items())
    elif isinstance(value, list):
        element.extend(_element("item", item) for item in value)
    elif value is not None:
        element.text = str(value).lower() if isinstance(value, bool) else str(value)
    return element
