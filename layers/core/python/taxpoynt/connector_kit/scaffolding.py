"""`taxpoynt templates new`: a connector's folder that is complete but for what only a person can know."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from taxpoynt.connector_kit import folders
from taxpoynt.connector_kit.folder_check import CASES, EVIDENCE
from taxpoynt.connector_kit.template_quality import QUALITY_RULES

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_BY_KIND = {"crm": ("deal", "true"), "pos": ("sale", "false")}
"""What a sale's record is called there, and whether there is always a buyer."""


def scaffold(name: str, parent: Path, *, kind: str) -> list[Path]:
    """The files made, below `parent`/`name`; ValueError, in words, when it cannot be."""
    if not _NAME.match(name):
        raise ValueError(f"{name[:40]!r} is no name for a connector: a-z, 0-9 and _, beginning with a letter")
    if name in folders.names():
        raise ValueError(f"there is a connector called {name!r} already")
    folder = parent / name
    if folder.exists():
        raise ValueError(f"{folder} exists already")
    texts = {
        "connector.yaml": "connector.yaml",
        f"{name}.md": "page.md",
        "README.md": "README.md",
        EVIDENCE: "conformance.yaml",
        f"{CASES}/first.bundle.json": "first.bundle.json",
        f"{CASES}/first.summary.json": "first.summary.json",
    }
    (folder / CASES).mkdir(parents=True)
    for target, source in texts.items():
        (folder / target).write_text(_filled(source, name, parent, kind), "utf-8")
    return [folder / target for target in texts]


def next_steps(name: str, parent: str) -> str:
    """One sentence for the terminal."""
    return f"next: taxpoynt templates check {Path(parent) / name} names what is left to fill in; see {name}/README.md"


def _filled(source: str, name: str, parent: Path, kind: str) -> str:
    record, required = _BY_KIND[kind]
    values = {
        "@NAME@": name,
        "@TITLE@": name.replace("_", " ").title(),
        "@KIND@": kind,
        "@LETTERS@": "".join(char for char in name.upper() if char.isalpha())[:3],
        "@RECORD@": record,
        "@LABEL@": record.title(),
        "@REQUIRED@": required,
        "@DIR@": str(parent),
        "@QUALITY@": "\n".join(f"  {rule}: done # {asks}" for rule, asks in QUALITY_RULES.items()),
    }
    text = (files("taxpoynt.connector_kit") / "scaffold" / source).read_text("utf-8")
    for token, value in values.items():
        text = text.replace(token, value)
    return text
