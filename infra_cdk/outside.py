"""Connectors from outside the package, for a deployed stage: copied into a layer of their own (docs/templates.md).

`-c connectors=DIR` (or TAXPOYNT_CONNECTORS) names one folder that holds `<name>/connector.yaml`. Functions find them
where TAXPOYNT_CONNECTORS says: the layer on AWS, the folder itself on the local stage.
"""

from __future__ import annotations

import shutil
from pathlib import Path

VARIABLE = "TAXPOYNT_CONNECTORS"
IN_LAYER = "/opt/connectors"
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "golden", "*.md", ".*")


def names(folder: str | None) -> list[str]:
    """The connectors of a folder; none without one."""
    return sorted(place.parent.name for place in Path(folder).glob("*/connector.yaml")) if folder else []


def layer_folder(folder: str, root: Path) -> Path:
    """A folder to zip: `connectors/<name>` with what runs, without pages and golden cases."""
    made = root / "build" / "connectors"
    shutil.rmtree(made, ignore_errors=True)
    for name in names(folder):
        shutil.copytree(Path(folder) / name, made / "connectors" / name, ignore=_LEFT_OUT)
    return made
