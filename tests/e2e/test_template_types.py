"""The emulator knows every resource type of our template, or we say why it may do without."""

import json

from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

from infra_cdk.local.assembly import UNKNOWN_TYPES, synthesised
from infra_cdk.local.layout import ROOT


def test_every_resource_type_is_known_to_the_emulator_or_left_out_on_purpose() -> None:
    assembly = synthesised(ROOT / ".local" / "e2e" / "cdk.out")
    resources = json.loads(assembly.template_path.read_text())["Resources"].values()
    assert not {resource["Type"] for resource in resources} - set(_RESOURCE_HANDLERS) - UNKNOWN_TYPES
