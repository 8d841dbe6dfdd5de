"""Reading synthesised templates the way the assertions speak about them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from infra_cdk.findings import flatten
from infra_cdk.functions import SIZES, camel

Resource = dict[str, Any]


@dataclass(frozen=True)
class Assembly:
    """One stage as `cdk synth` leaves it."""

    stage: str
    folder: Path

    @cached_property
    def template(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / f"TaxPoynt-{self.stage}.template.json").read_text())
        return found

    def of_type(self, kind: str) -> dict[str, Resource]:
        return {key: res for key, res in self.template["Resources"].items() if res["Type"] == kind}

    def props(self, kind: str) -> dict[str, Any]:
        return {key: res.get("Properties", {}) for key, res in self.of_type(kind).items()}

    def functions(self) -> dict[str, dict[str, Any]]:
        """Folder name -> properties of its function."""
        every = self.props("AWS::Lambda::Function")
        return {name: every[self.id_of("AWS::Lambda::Function", f"{camel(name)}Function")] for name in SIZES}

    def id_of(self, kind: str, start: str) -> str:
        """The logical id that starts so and goes on with CDK's eight hexadecimal characters."""
        (found,) = [key for key in self.of_type(kind) if re.fullmatch(f"{start}[0-9A-F]{{8}}", key)]
        return found

    def statements(self, role_id: str) -> Iterator[dict[str, Any]]:
        """Statements of the policies attached to a role."""
        for policy in self.props("AWS::IAM::Policy").values():
            if {"Ref": role_id} in policy["Roles"]:
                yield from policy["PolicyDocument"]["Statement"]

    def allowed(self, role_id: str) -> dict[str, list[str]]:
        """Resource -> actions of a role, in words that do not change with logical ids' hashes."""
        found: dict[str, set[str]] = {}
        for statement in self.statements(role_id):
            assert statement["Effect"] == "Allow"
            for resource in listed(statement["Resource"]):
                found.setdefault(plain(resource), set()).update(listed(statement["Action"]))
        return {resource: sorted(actions) for resource, actions in sorted(found.items())}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def plain(resource: Any) -> str:
    """`<ConnectionsTable3F7A.Arn>` without the hash and the parts that are the same everywhere."""
    text = re.sub(r"[0-9A-F]{8}(?=[.>])", "", flatten(resource))
    return text.removeprefix("arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:")
