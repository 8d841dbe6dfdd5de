#!/usr/bin/env python3
"""Verifies an evidence pack offline, with Python's standard library and nothing else.

    python3 -I verify.py [PACK.zip or FOLDER]

Exit 0: whole. Exit 1: says what is not as it was written. Exit 2: there is no pack here.
"""

from __future__ import annotations

import hashlib
import json
import pathlib
import re
import sys
import zipfile
from typing import Any

FIRST = "0" * 64
SEAL = len("sha256 ") + 64
ACCEPTED = ("accepted", "delivering", "completed")
NEEDED = ("record_key", "sale_key", "invoice_key", "body_key")


def sha256(data: bytes) -> str:
    """Hex."""
    return hashlib.sha256(data).hexdigest()


def canonical(value: Any) -> bytes:
    """Data as bytes: UTF-8 JSON, keys sorted, no blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


class Pack:
    """The files of a pack, by name: a zip file or a folder."""

    def __init__(self, place: pathlib.Path) -> None:
        self.zip = None if place.is_dir() else zipfile.ZipFile(place)
        self.folder = place
        if self.zip:
            self.listed = [info.filename for info in self.zip.infolist() if not info.is_dir()]
        else:
            files = (path for path in place.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
            self.listed = [path.relative_to(place).as_posix() for path in files]
        self.names = frozenset(self.listed)

    def read(self, name: str) -> bytes:
        """A file's bytes."""
        return self.zip.read(name) if self.zip else (self.folder / name).read_bytes()


class Report:
    """What was found. `faults`: the pack is not whole; `notes`: worth knowing."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.faults: list[str] = []
        self.notes: list[str] = []
        self.manifest: dict[str, Any] = {}
        self.files: dict[str, str] = {}
        self.sales: dict[str, Any] = {}
        self.chains: dict[str, Any] = {}
        self.sealed_at = ""
        self.counts = {"files": 0, "blocks": 0, "entries": 0, "documents": 0, "accepted": 0}

    def fault(self, where: str, what: str) -> None:
        """Something that is not as it was written."""
        self.faults.append(f"{where}: {what}")


def check_zip(report: Report) -> None:
    """A zip file's comment is the SHA-256 of all before it: headers too are as they were written. A folder has none."""
    if report.pack.zip is None:
        return
    whole = hashlib.sha256()
    with report.pack.folder.open("rb") as file:
        left = max(file.seek(0, 2) - SEAL, 0)
        file.seek(0)
        while left:
            piece = file.read(min(left, 1 << 16))
            whole.update(piece)
            left -= len(piece)
        sealed = file.read() == b"sha256 " + whole.hexdigest().encode()
    if not sealed:
        report.fault("the zip file", "is not as it was written; packed anew by somebody, check its folder instead")


def load(report: Report) -> None:
    """Reads manifest and lists; what they say is judged afterwards."""
    report.manifest = json.loads(report.pack.read("manifest.json"))
    for line in report.pack.read("files.txt").decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        if name in report.files:
            report.fault("files.txt", f"lists {name} twice")
        report.files[name] = digest
    for line in report.pack.read("sales.jsonl").decode().splitlines():
        sale = json.loads(line)
        report.sales[sale["chain"]] = sale


def check_manifest(report: Report) -> None:
    """The manifest is as it was written: its own hash, over everything else in it."""
    manifest = report.manifest
    rest = {name: value for name, value in manifest.items() if name != "manifest_sha256"}
    written = canonical(manifest) + b"\n"
    if manifest["manifest_sha256"] != sha256(canonical(rest)) or report.pack.read("manifest.json") != written:
        report.fault("manifest.json", "is not as it was written")


def check_list(report: Report) -> None:
    """files.txt is as the manifest says."""
    if sha256(report.pack.read("files.txt")) != report.manifest["files_sha256"]:
        report.fault("files.txt", "is not as it was written")


def check_files(report: Report) -> None:
    """Every listed file is there and as it was written; no other file is."""
    known = set(report.files) | {"manifest.json", "files.txt"}
    for name in sorted(report.pack.names - known):
        report.fault(name, "does not belong to the pack")
    if len(report.pack.listed) != len(report.pack.names):
        report.fault("pack", "holds a file twice")
    for name, digest in report.files.items():
        if name not in report.pack.names:
            report.fault(name, "is missing")
        elif sha256(report.pack.read(name)) != digest:
            report.fault(name, "is not as it was written")
    report.counts["files"] = len(report.files)


def check_blocks(report: Report) -> None:
    """The blocks follow each other, belong to this business and end where the manifest says."""
    head = report.manifest["ledger"]
    before: tuple[str, int] | None = (FIRST, 1) if head["first_block"] == 1 else None
    for number in range(head["first_block"], head["last_block"] + 1):
        name = f"ledger/{number:08}.json"
        if name not in report.pack.names:
            report.fault(name, "is missing")
            before = None
            continue
        data = report.pack.read(name)
        block = json.loads(data)
        check_block(report, name, block, number, before)
        before = sha256(data), block["first"] + len(block["entries"])
        report.sealed_at = block["sealed_at"]
        for entry in block["entries"]:
            take_entry(report, name, entry)
        report.counts["blocks"] += 1
    if head["last_block"] and before != (head["head"], head["entries"] + 1):
        report.fault("ledger", "does not end where the manifest says")


def check_block(report: Report, name: str, block: Any, number: int, before: tuple[str, int] | None) -> None:
    """One block: whose it is, which, and that it follows the one before (its hash, and the place of its entries)."""
    if (block["merchant"], block["number"]) != (report.manifest["merchant"], number):
        report.fault(name, "is another business's block, or another block")
    if before is not None and (block["previous"], block["first"]) != before:
        report.fault(name, "does not follow the block before")


def take_entry(report: Report, name: str, entry: Any) -> None:
    """Keeps what later checks need of one entry: its chain so far, and what it names."""
    report.counts["entries"] += 1
    check_entry(report, name, entry)
    chain = report.chains.setdefault(
        entry["chain"], {"first": entry["sequence"], "last": 0, "hash": None, "named": {}, "states": [], "irn": None}
    )
    check_link(report, name, chain, entry)
    chain["last"], chain["hash"] = entry["sequence"], entry["hash"]
    if "after" in entry:
        chain["states"].append(entry["after"])
        for key, value in entry["detail"].items():
            if key.endswith(("_key", "_sha256")) or key.startswith("document_"):
                chain["named"][key] = value
        if entry["detail"].get("answer_key"):
            chain.setdefault("answers", []).append(
                (entry["detail"]["answer_key"], entry["detail"].get("answer_sha256"))
            )
        chain["irn"] = entry["detail"].get("irn") or chain["irn"]


def check_entry(report: Report, name: str, entry: Any) -> None:
    """The entry's hash is its own."""
    if entry["hash"] != sha256(canonical({key: value for key, value in entry.items() if key != "hash"})):
        report.fault(name, f"entry {entry['chain']} {entry['sequence']} is not as it was written")


def check_link(report: Report, name: str, chain: Any, entry: Any) -> None:
    """The entry follows the one before of its chain."""
    if chain["hash"] is None:
        if entry["sequence"] == 1 and entry["previous_hash"] != FIRST:
            report.fault(name, f"entry {entry['chain']} 1 does not begin a chain")
    elif entry["sequence"] != chain["last"] + 1 or entry["previous_hash"] != chain["hash"]:
        report.fault(name, f"entry {entry['chain']} {entry['sequence']} does not follow the one before")


def check_sales(report: Report) -> None:
    """Each listed document has its whole chain here, and its state is the one of its last entry."""
    for name, sale in report.sales.items():
        chain = report.chains.get(name)
        if chain is None and sale["first_at"] >= report.sealed_at:
            report.notes.append(f"{name}: none of its entries was sealed yet")
        elif chain is None or chain["first"] != 1:
            report.fault(name, "the beginning of its history is not in the ledger")
        elif sale["entries"] > chain["last"]:
            report.notes.append(f"{name}: its newest {sale['entries'] - chain['last']} entries were not sealed yet")
        elif (sale["entries"], sale["state"]) != (chain["last"], chain["states"][-1]):
            report.fault(name, "is not listed as its last entry says")


def check_documents(report: Report) -> None:
    """What the entries of every accepted document name is here, byte for byte."""
    report.counts["documents"] = len(report.sales)
    for chain_name in report.sales:
        chain = report.chains.get(chain_name)
        if chain is None or not set(chain["states"]) & set(ACCEPTED):
            continue
        report.counts["accepted"] += 1
        named = chain["named"]
        for key in NEEDED:
            if key not in named:
                report.fault(chain_name, f"no entry names its {key}")
        places = {key: value for key, value in named.items() if key.endswith("_key") or key.startswith("document_")}
        for key, place in places.items():
            label = key[len("document_") :] if key.startswith("document_") else key[: -len("_key")]
            check_blob(report, chain_name, place, named.get(f"{label}_sha256"))
        for place, digest in chain.get("answers", ()):
            check_blob(report, chain_name, place, digest)
        check_body(report, chain)


def check_blob(report: Report, chain_name: str, place: str, digest: str | None) -> None:
    """One blob: its hash stands in the entry, or in its own name."""
    name, stem = f"blobs/{place}", pathlib.PurePosixPath(place).stem
    digest = digest or (stem if re.fullmatch(r"[0-9a-f]{64}", stem) else None)
    if name not in report.pack.names:
        report.fault(name, f"is missing; an entry of {chain_name} names it")
    elif digest and sha256(report.pack.read(name)) != digest:
        report.fault(name, f"is not what the entry of {chain_name} says")


def check_body(report: Report, chain: Any) -> None:
    """The bytes that were sent bear the IRN that was reserved."""
    name = f"blobs/{chain['named'].get('body_key')}"
    if name in report.pack.names and json.loads(report.pack.read(name)).get("irn") != chain["irn"]:
        report.fault(name, "bears another IRN than was reserved")


def check_nothing_left_out(report: Report) -> None:
    """Every accepted document of the period that the ledger here tells of is in the list."""
    first, last = report.manifest["from"].replace("-", ""), report.manifest["to"].replace("-", "")
    for name, chain in report.chains.items():
        day = (chain["irn"] or "").rpartition("-")[2]
        if set(chain["states"]) & set(ACCEPTED) and first <= day <= last and name not in report.sales:
            report.fault(name, f"was accepted as {chain['irn']} and is not in sales.jsonl")


CHECKS = [
    check_zip,
    load,
    check_manifest,
    check_list,
    check_files,
    check_blocks,
    check_sales,
    check_documents,
    check_nothing_left_out,
]


def verify(place: pathlib.Path) -> Report:
    """The report on the pack at `place`."""
    report = Report(Pack(place))
    for check in CHECKS:
        try:
            check(report)
        except Exception as problem:  # noqa: BLE001 - whatever a damaged pack makes Python raise, it is not whole
            report.fault(check.__name__, f"cannot be carried out: {type(problem).__name__}: {problem}")
    return report


def main(arguments: list[str]) -> int:
    """Says what was found."""
    place = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parent
    try:
        report = verify(place)
    except Exception as problem:  # noqa: BLE001 - zipfile has many ways to say that this is none
        sys.stdout.write(f"no pack can be read at {place}: {problem}\n")
        return 2
    say = [f"{name}: {count}" for name, count in report.counts.items()]
    say += [f"note: {note}" for note in report.notes] + [f"NOT WHOLE  {fault}" for fault in report.faults]
    if not report.faults:
        manifest = report.manifest
        say.append(f"head: block {manifest['ledger']['last_block']} {manifest['ledger']['head']}")
        say.append(f"made: {manifest['made_at']}")
        say.append(f"WHOLE  {manifest['merchant']}, {manifest['from']} to {manifest['to']}")
    sys.stdout.write("\n".join(say) + "\n")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
