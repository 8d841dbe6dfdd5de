"""Whole `webhooks` blocks of platforms, as proof that their schemes are data and as material for their templates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from taxpoynt.connector_kit import loader
from taxpoynt.connector_kit.template import Template
from taxpoynt.connector_kit.template_webhooks import Webhooks
from taxpoynt.connector_kit.webhook import ReplyPolicy, policy_in

HERE = Path(__file__).parent
NAMES = sorted(place.stem for place in HERE.glob("*.yaml"))


def text(name: str) -> str:
    return (HERE / f"{name}.yaml").read_text("utf-8")


def policy(name: str) -> ReplyPolicy:
    return policy_in(name, text(name))


def block(name: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(text(name))
    found: dict[str, Any] = data["webhooks"]
    return found


def webhooks(name: str) -> Webhooks:
    return Webhooks.model_validate(block(name))


def platform(name: str) -> Template:
    """A template with this block; the rest is Pipedrive's and plays no part."""
    return loader.template("pipedrive").model_copy(update={"name": name, "title": name, "webhooks": webhooks(name)})


def folder(name: str, beside: Path, called: str) -> None:
    """`beside/called/connector.yaml`: a whole template that is sound, as far as this block needs it to be."""
    data: dict[str, Any] = yaml.safe_load(loader.text("pipedrive"))
    data |= {"name": called, "title": called, "webhooks": block(name)}
    rules = [rule for reading in data["webhooks"]["events"] for rule in reading["rules"]]
    named = {rule["resource"]: rule["means"] for rule in rules if "resource" in rule}
    for resource in named.keys() - data["resources"].keys():
        data["resources"][resource] = {"path": f"/{resource}/{{id}}", "item": "data", "cost": 1}
    for record in {resource for resource, means in named.items() if means == "fetch"} - data["records"].keys():
        data["records"][record] = {"related": []}
        made = {"values": ["done"], "makes": "invoice"}
        data["triggers"].append({"record": record, "field": "status", "cases": [made]})
    told = sorted({kind for rule in rules if rule["means"] == "uninstall" for kind in rule["types"]})
    if told:
        data["oauth"]["uninstall"] = {"signal": "event", "events": told}
    (beside / called).mkdir()
    (beside / called / "connector.yaml").write_text(yaml.safe_dump(data, sort_keys=False), "utf-8")
