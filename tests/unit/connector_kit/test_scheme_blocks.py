"""What the check of a template says of a webhooks block: contradictions are found before a delivery finds them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from taxpoynt.connector_kit.template_check import check
from taxpoynt.connector_kit.template_webhooks import Webhooks
from tests.unit.connector_kit.schemes import NAMES, block, folder

Change = Callable[[dict[str, Any]], object]


def scheme(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = data["signature"]["schemes"][0]
    return found


def rule(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = data["events"][0]["rules"][0]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_block_here_is_sound(name: str, tmp_path: Path) -> None:
    folder(name, tmp_path, "some")
    assert check((tmp_path / "some" / "connector.yaml").read_text()) == []


CONTRADICTIONS: list[tuple[str, Change, str]] = [
    ("square", lambda data: scheme(data).pop("header"), "a mac needs header"),
    ("square", lambda data: scheme(data).update(sign=["url"]), "must hold the body"),
    ("square", lambda data: scheme(data).update(sign=["secret", "body"]), "secret is a part"),
    ("square", lambda data: scheme(data).update(digest="sha256"), "secret is a part"),
    ("square", lambda data: scheme(data).update(sign=["body", "timestamp"]), "no timestamp block"),
    ("square", lambda data: scheme(data).update(timestamp={"header": "x-t", "unit": "s"}), "proves nothing"),
    ("square", lambda data: scheme(data).update(sign=["body", "hedder:x"]), "String should match pattern"),
    ("hubspot", lambda data: scheme(data)["timestamp"].update(body="at"), "one of header, part, body"),
    ("timestamped_parts", lambda data: scheme(data).pop("layout"), "needs a layout"),
    ("hubspot", lambda data: [one.update(older=True) for one in data["signature"]["schemes"]], "at least one scheme"),
    ("square", lambda data: data["signature"]["schemes"].append({"name": "b", "kind": "none"}), "several kinds"),
    ("square", lambda data: data["signature"].update(secret="none"), "the secret of mac is"),
    ("square", lambda data: data["signature"].update(secret="connection"), "the secret of mac is"),
    ("standard_webhooks", lambda data: data.update(address="application"), "knows no connection"),
    ("salesforce", lambda data: scheme(data).update(header="x-a"), "path has no header"),
    ("square", lambda data: data.update(body={"format": "form"}), "field names the JSON"),
    ("square", lambda data: data.update(body={"format": "soap", "root": "a"}), "root and namespaces"),
    ("square", lambda data: data["reply"].update(accepted=302), "answered 2xx"),
    ("salesforce", lambda data: data["reply"].pop("content_type"), "needs its content_type"),
    ("toast", lambda data: data["reply"].update(unavailable=400), "would be lost"),
    ("square", lambda data: data.update(subscribe="api", subscription=None), "no subscription block"),
    ("square", lambda data: data.update(subscribe="api"), "the operator does"),
    ("square", lambda data: data.update(steps=[]), "steps must say"),
    ("square", lambda data: data["subscription"].update(match=["url"]), "which no subscription sends"),
    ("shopify", lambda data: data["subscription"].update(remove_path="/x"), "remove_path needs {id}"),
    ("square", lambda data: rule(data).pop("resource"), "fetch needs a resource"),
    ("salesforce", lambda data: rule(data).update(means="uninstall"), "would let a stranger end"),
    ("lightspeed_x", lambda data: data["events"][0].pop("dedupe"), "what tells two events apart"),
    ("square", lambda data: data["events"][0].update(type="body.["), "not a JMESPath expression"),
    ("toast", lambda data: data["ban"].pop("failures"), "say after what"),
    ("toast", lambda data: data["drop"].pop("after_bans"), "say after what"),
    ("square", lambda data: data.update(vectors=data["vectors"][:1]), "one genuine and one false"),
    ("hubspot", lambda data: data["vectors"][0].pop("at"), "at what time it arrives"),
    ("square", lambda data: data["vectors"][0].update(body_base64="e30="), "not both"),
]


@pytest.mark.parametrize(("name", "change", "says"), CONTRADICTIONS, ids=[f"{a}: {c}" for a, _, c in CONTRADICTIONS])
def test_a_contradiction_is_refused_in_words(name: str, change: Change, says: str) -> None:
    data = block(name)
    change(data)
    with pytest.raises(ValidationError) as raised:
        Webhooks.model_validate(data)
    assert says in str(raised.value)


def test_a_pair_of_ours_can_only_be_given_away_by_api() -> None:
    data = block("salesforce") | {"signature": {"secret": "connection", "schemes": [{"name": "b", "kind": "basic"}]}}
    with pytest.raises(ValidationError, match="by api"):
        Webhooks.model_validate(data)


def test_an_unsigned_address_of_the_application_is_a_choice_one_must_make(tmp_path: Path) -> None:
    data = block("salesforce") | {
        "address": "application",
        "signature": {"secret": "none", "schemes": [{"name": "open", "kind": "none"}]},
    }
    data["vectors"] = [{"name": "anybody", "headers": {}, "genuine": True}]
    assert Webhooks.model_validate(data).signature.schemes[0].kind == "none"


def faults(tmp_path: Path, name: str, change: Change) -> list[str]:
    folder(name, tmp_path, "some")
    place = tmp_path / "some" / "connector.yaml"
    data = yaml.safe_load(place.read_text())
    change(data)
    return [f"{fault.path}: {fault.message}" for fault in check(yaml.safe_dump(data, sort_keys=False))]


def test_what_an_event_fetches_must_be_a_record_and_what_it_changes_a_resource(tmp_path: Path) -> None:
    def misspell(data: dict[str, Any]) -> None:
        rules = data["webhooks"]["events"][0]["rules"]
        rules[0]["resource"], rules[4]["resource"] = "ordre", "custumer"

    found = " ".join(faults(tmp_path, "square", misspell))
    assert "'ordre' is not described under records" in found
    assert "'custumer' is not described under resources" in found
    assert "rules.0.resource" in found


def test_an_uninstall_by_event_stands_in_both_blocks_or_in_none(tmp_path: Path) -> None:
    def forget_event(data: dict[str, Any]) -> None:
        data["webhooks"]["events"][0]["rules"].pop()

    assert any("no rule of webhooks.events means uninstall" in one for one in faults(tmp_path, "square", forget_event))

    def forget_signal(data: dict[str, Any]) -> None:
        data["oauth"]["uninstall"] = {"signal": "refused_refresh"}

    (tmp_path / "other").mkdir()
    assert any("its signal is event" in one for one in faults(tmp_path / "other", "square", forget_signal))


def test_a_vector_with_a_wrong_verdict_is_a_fault_of_the_template(tmp_path: Path) -> None:
    def lie(data: dict[str, Any]) -> None:
        data["webhooks"]["vectors"][0]["genuine"] = False

    assert any("is said to be false and is genuine" in one for one in faults(tmp_path, "square", lie))
