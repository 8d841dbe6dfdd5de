"""What rule documents of a connector are checked against: its own roots, targets and settings."""

from __future__ import annotations

from taxpoynt.connector_kit.declared_surface import surface
from taxpoynt.connector_kit.template import Template
from taxpoynt.conversion.lists import CodeLists
from taxpoynt.mapping.documents import Checks
from taxpoynt.mapping.surface import check


def checks_of(template: Template, lists: CodeLists) -> Checks:
    """For `mapping.documents.check` and `read`."""
    known = surface(template)
    return Checks(
        rules=lambda mapping: check(mapping, known),
        settings=tuple(template.settings),
        setting=lambda name, value: template.settings[name].fault_of(value),
        lists=lists,
        platform=template.number_letters,
    )
