"""The synthesised cloud assembly: made by the same app as for AWS, made again only when something in it changed."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra_cdk.local.console import Trouble
from infra_cdk.local.layout import ROOT, STAGE

STACK = f"TaxPoynt-{STAGE}"
# Third-party code comes from the virtual environment here: the layer holds arm64 wheels for Lambda.
CONTEXT = {"stage": STAGE, "deps": "skip"}
INPUTS = ("infra_cdk", "functions", "layers/core", "statemachines", "cdk.json")

# Types that the emulator's CloudFormation refuses, and the whole deploy with them (local-aws.md, part 3). They may go:
# nothing of them can be observed on this machine. tests/e2e/test_template_types.py keeps the list honest.
UNKNOWN_TYPES = frozenset(
    {
        "AWS::CloudWatch::CompositeAlarm",
        "AWS::SecretsManager::RotationSchedule",
        "AWS::SecretsManager::ResourcePolicy",
        "AWS::Logs::QueryDefinition",
    }
)

Template = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Assembly:
    """A folder that the app wrote."""

    folder: Path
    stack: str = STACK

    @property
    def template_path(self) -> Path:
        """The stack's template."""
        return self.folder / f"{self.stack}.template.json"

    def template(self) -> Template:
        """The template as the emulator can take it."""
        loaded: Template = json.loads(self.template_path.read_text())
        return without_unknown(loaded)

    def assets(self) -> Iterator[tuple[Path, list[str]]]:
        """Folders to be packed, with the object keys that the template expects."""
        manifest = json.loads((self.folder / f"{self.stack}.assets.json").read_text())
        for asset in manifest["files"].values():
            if asset["source"]["packaging"] == "zip":
                keys = [target["objectKey"] for target in asset["destinations"].values()]
                yield self.folder / asset["source"]["path"], keys


def fingerprint(roots: tuple[str, ...] = INPUTS) -> str:
    """Changes with every file that could end up in the assembly."""
    digest = hashlib.sha256(json.dumps(CONTEXT).encode())
    for path in sorted(files(ROOT / root for root in roots)):
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def files(roots: Iterator[Path]) -> Iterator[Path]:
    """Source files below the roots, without byte code and without the local stage, which is never deployed."""
    for root in roots:
        for path in [root] if root.is_file() else root.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts and path.parent.name != "local":
                yield path


def synthesised(folder: Path) -> Assembly:
    """The assembly in this folder, made if it is not there or outdated (about 5 s).

    Raises:
        Trouble: the app refused; with what it said.
    """
    key, stamp = fingerprint(), folder / ".fingerprint"
    if stamp.exists() and stamp.read_text() == key:
        return Assembly(folder)
    # Made beside it and moved into place, so that a synth that fails or is killed leaves the last good one.
    draft = folder.with_name(f"{folder.name}.{os.getpid()}")
    try:
        draft.mkdir(parents=True)
        run_app(draft)
        (draft / stamp.name).write_text(key)
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Assembly(folder)


def run_app(folder: Path) -> None:
    """Run the CDK app without the CLI (the app reads cdk.json's feature flags itself)."""
    env = dict(os.environ) | {
        "CDK_OUTDIR": str(folder),
        "CDK_CONTEXT_JSON": json.dumps(CONTEXT),
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "18,20",
    }
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-m", "infra_cdk.app"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Trouble(f"The stack cannot be synthesised:\n{(done.stderr or done.stdout)[-3000:]}")


def without_unknown(template: Template) -> Template:
    """Take out what the emulator's CloudFormation does not know, and the DependsOn that pointed there."""
    resources = template["Resources"]
    gone = {key for key, resource in resources.items() if resource["Type"] in UNKNOWN_TYPES}
    kept = {key: resource for key, resource in resources.items() if key not in gone}
    for resource in kept.values():
        after = resource.pop("DependsOn", [])
        left = [key for key in ([after] if isinstance(after, str) else after) if key not in gone]
        if left:
            resource["DependsOn"] = left
    return template | {"Resources": kept}


def prepared(assembly: Assembly, values: dict[str, str]) -> Template:
    """Write the template back as the emulator can take it, so that the CDK CLI deploys this very assembly."""
    template = with_settings(assembly.template(), values)
    assembly.template_path.write_text(json.dumps(template, indent=1))
    return template


def with_settings(template: Template, values: dict[str, str]) -> Template:
    """Give functions other values for settings they already have (addresses on other ports); never a new name."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            present = resource["Properties"].get("Environment", {}).get("Variables", {})
            present.update({name: value for name, value in values.items() if name in present})
    return template
