"""A pack verifies without us, and one changed byte anywhere is found; a verifier that skips a check is found out."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taxpoynt.domain.ledger import canonical, hashed
from taxpoynt.errors import BadInput, NrsUnavailable
from taxpoynt.evidence_pack import verify
from taxpoynt.services import pack_file
from taxpoynt.services.export_evidence import ExportEvidence
from taxpoynt.services.seal_ledger import SealLedger, place
from tests.fakes.ledger import FakeLedger
from tests.fakes.world import MERCHANT, World, won

DAY = date(2026, 3, 2)
Files = dict[str, bytes]


def made(*, count: int = 3, unsealed: bool = False) -> tuple[World, bytes, dict[str, Any]]:
    world = World()
    ledger = FakeLedger(world.clock, world.sales.outbox)
    seal = SealLedger(ledger, world.blobs, world.clock)
    ledger.note(MERCHANT, "profile_changed", "profile", {"version": "2"}, "merchant")
    for number in range(8, 8 + count):
        world.platform.won(str(number))
        world.run(world.deliver(won(f"e{number}", str(number))))
        if not (unsealed and number == 7 + count):
            seal()
    out = io.BytesIO()
    manifest = ExportEvidence(world.sales, world.blobs, ledger, world.clock)(MERCHANT, DAY, DAY, out)
    return world, out.getvalue(), manifest


@cache
def pack() -> tuple[tuple[str, bytes], ...]:
    with zipfile.ZipFile(io.BytesIO(made()[1])) as archive:
        return tuple((name, archive.read(name)) for name in archive.namelist())


def zipped(files: Files | list[tuple[str, bytes]], folder: Path) -> Path:
    target = folder / "pack.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, data)
        archive.comment = pack_file.ROOM
    with target.open("r+b") as file:
        pack_file.seal(file)
    return target


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packs")


def faults(files: Files, folder: Path) -> list[str]:
    return verify.verify(zipped(files, folder)).faults


def by_itself(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own script


def test_a_pack_holds_every_step_of_every_document_and_verifies_without_us(tmp_path: Path) -> None:
    world, data, manifest = made()
    assert (manifest["documents"], manifest["accepted"], manifest["missing"]) == (3, 3, [])
    target = tmp_path / "evidence.zip"
    target.write_bytes(data)
    with zipfile.ZipFile(target) as archive:
        archive.extractall(tmp_path / "unpacked")
    record = world.sale("8")
    kept = (record.record_key, record.sale_key, record.inputs_key, record.invoice_key, record.body_key)
    for key in (*kept, *record.documents.values()):
        assert (tmp_path / "unpacked" / "blobs" / str(key)).read_bytes() == world.blobs.get(str(key))
    script = str(tmp_path / "unpacked" / "verify.py")
    for arguments in ([script], [script, str(target)]):
        run = by_itself(*arguments)
        assert run.returncode == 0, run.stdout + run.stderr
        assert run.stdout.splitlines()[-1] == f"WHOLE  {MERCHANT}, 2026-03-02 to 2026-03-02"
        assert "accepted: 3" in run.stdout
        assert manifest["ledger"]["head"] in run.stdout


def test_a_changed_byte_ends_the_script_with_the_name_of_the_file(tmp_path: Path) -> None:
    files = dict(pack())
    name = next(name for name in files if "/submissions/" in name)
    files[name] = files[name].replace(b"1000", b"1001", 1)
    target = zipped(files, tmp_path)
    run = by_itself(str(Path(str(verify.__file__))), str(target))
    assert run.returncode == 1
    assert f"NOT WHOLE  {name}: is not as it was written" in run.stdout


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_one_changed_byte_in_any_file_is_found(folder: Path, data: st.DataObject) -> None:
    files = dict(pack())
    name = data.draw(st.sampled_from(sorted(name for name, content in files.items() if content)))
    content = bytearray(files[name])
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    files[name] = bytes(content)
    assert faults(files, folder), name


@cache
def whole_zip() -> bytes:
    return made(count=1)[1]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_one_changed_byte_of_the_zip_file_itself_is_found_in_words(folder: Path, data: st.DataObject) -> None:
    """Headers, dates and padding bits too, which change no file; and never by a traceback."""
    content = bytearray(whole_zip())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    (folder / "flipped.zip").write_bytes(content)
    assert verify.main([str(folder / "flipped.zip")]) in (1, 2)


def test_a_twin_that_looks_into_the_files_only_misses_a_changed_header(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = bytearray(whole_zip())
    content[10] ^= 1  # the time in the first file's own header, which zip programs do not read
    (folder / "header.zip").write_bytes(content)
    assert verify.verify(folder / "header.zip").faults
    monkeypatch.setattr(verify, "CHECKS", [one for one in verify.CHECKS if one is not verify.check_zip])
    assert verify.verify(folder / "header.zip").faults == []


def test_a_pack_that_was_packed_anew_is_whole_as_a_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(whole_zip())) as archive:
        archive.extractall(tmp_path / "folder")
    with zipfile.ZipFile(tmp_path / "anew.zip", "w") as anew:
        for path in (tmp_path / "folder").rglob("*.*"):
            anew.write(path, path.relative_to(tmp_path / "folder").as_posix())
    [fault] = verify.verify(tmp_path / "anew.zip").faults
    assert "check its folder instead" in fault
    assert verify.verify(tmp_path / "folder").faults == []


@pytest.mark.parametrize("name", [name for name, _ in pack()])
def test_a_file_taken_out_is_found(name: str, folder: Path) -> None:
    files = dict(pack())
    del files[name]
    assert faults(files, folder)


def test_a_file_put_in_is_found(folder: Path) -> None:
    assert faults({**dict(pack()), "blobs/extra.json": b"{}"}, folder) == [
        "blobs/extra.json: does not belong to the pack"
    ]
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = zipped([*pack(), ("README.txt", b"other")], folder)
    assert verify.verify(twice).faults


# --- a forger who makes hashes anew: each check finds what no other one finds ---------------------------------------


def relisted(files: Files) -> Files:
    """The lists and the manifest made anew, as somebody who knows the script would."""
    manifest = json.loads(files["manifest.json"])
    rest = {name: data for name, data in files.items() if name not in ("manifest.json", "files.txt")}
    lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in rest.items()]
    rest["files.txt"] = "".join(lines).encode()
    manifest.pop("manifest_sha256")
    manifest["files_sha256"] = hashlib.sha256(rest["files.txt"]).hexdigest()
    manifest["manifest_sha256"] = hashlib.sha256(canonical(manifest)).hexdigest()
    return {**rest, "manifest.json": canonical(manifest) + b"\n"}


def blocks(files: Files) -> list[str]:
    return sorted(name for name in files if name.startswith("ledger/"))


def rechained(files: Files, change: Callable[[list[dict[str, Any]]], None]) -> Files:
    """Every block made anew after a change, head and all: what only the entries themselves can give away."""
    names = blocks(files)
    made_anew = [json.loads(files[name]) for name in names]
    change(made_anew)
    previous, first, found = made_anew[0]["previous"], made_anew[0]["first"], dict(files)
    for name, block in zip(names, made_anew, strict=True):
        block["previous"], block["first"] = previous, first
        found[name] = canonical(block)
        previous, first = hashlib.sha256(found[name]).hexdigest(), first + len(block["entries"])
    manifest = json.loads(found["manifest.json"])
    manifest["ledger"] |= {"head": previous, "entries": first - 1}
    found["manifest.json"] = canonical(manifest)
    return relisted(found)


def altered_entry(made_anew: list[dict[str, Any]]) -> None:
    made_anew[0]["entries"][-1]["detail"]["why"] = "another"


def dropped_entry(made_anew: list[dict[str, Any]]) -> None:
    del made_anew[1]["entries"][2]


def rewritten_end(made_anew: list[dict[str, Any]]) -> None:
    last = made_anew[-1]["entries"][-1]
    made_anew[-1]["entries"][-1] = hashed({k: v for k, v in {**last, "after": "accepted"}.items() if k != "hash"})


def test_an_altered_entry_is_found_though_every_later_hash_was_made_anew(folder: Path) -> None:
    assert faults(relisted(dict(pack())), folder) == [], "the forger's tools make good packs"
    found = faults(rechained(dict(pack()), altered_entry), folder)
    assert any("entry M#" in fault and "is not as it was written" in fault for fault in found)


def forged_block_order(files: Files) -> Files:
    names = blocks(files)
    files[names[0]], files[names[1]] = files[names[1]], files[names[0]]
    return relisted(files)


def forged_answer(files: Files) -> Files:
    name = next(name for name in files if "/answers/" in name)
    return relisted({**files, name: b'{"code":201,"data":{"ok":false}}'})


def forged_body(files: Files) -> Files:
    name = next(name for name in files if "/submissions/" in name)
    return relisted({**files, name: files[name].replace(b"1000", b"9000", 1)})


def forged_missing_record(files: Files) -> Files:
    name = next(name for name in files if "/records/" in name)
    return relisted({key: data for key, data in files.items() if key != name})


def forged_left_out(files: Files) -> Files:
    rows = files["sales.jsonl"].splitlines(keepends=True)
    return relisted({**files, "sales.jsonl": b"".join(rows[1:])})


def forged_state(files: Files) -> Files:
    return relisted({**files, "sales.jsonl": files["sales.jsonl"].replace(b'"completed"', b'"accepted"', 1)})


def forged_line(files: Files) -> Files:
    old, new = (hashlib.sha256(data).hexdigest().encode() for data in (files["README.txt"], b"x"))
    return {**files, "README.txt": b"x", "files.txt": files["files.txt"].replace(old, new)}


FORGERIES: dict[str, tuple[str, Callable[[Files], Files]]] = {
    "order of blocks": ("check_blocks", forged_block_order),
    "a dropped entry": ("check_blocks", lambda files: rechained(files, dropped_entry)),
    "an altered entry": ("check_blocks", lambda files: rechained(files, altered_entry)),
    "a rewritten end": ("check_sales", lambda files: rechained(files, rewritten_end)),
    "a changed answer": ("check_documents", forged_answer),
    "changed bytes": ("check_documents", forged_body),
    "a missing record": ("check_documents", forged_missing_record),
    "a document left out": ("check_nothing_left_out", forged_left_out),
    "another state": ("check_sales", forged_state),
    "a file changed": ("check_files", lambda files: {**files, "README.txt": b"x"}),
    "a file and its line changed": ("check_list", forged_line),
    "a manifest changed": (
        "check_manifest",
        lambda files: {**files, "manifest.json": files["manifest.json"].replace(b'"documents":3', b'"documents":2')},
    ),
}


@pytest.mark.parametrize("name", sorted(FORGERIES))
def test_each_forgery_is_found_by_its_check_and_by_no_twin_that_skips_it(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check, forge = FORGERIES[name]
    files = forge(dict(pack()))
    assert faults(files, folder)
    twin = [one for one in verify.CHECKS if one.__name__ != check]
    assert len(twin) == len(verify.CHECKS) - 1
    monkeypatch.setattr(verify, "CHECKS", twin)
    report = verify.verify(zipped(files, folder))
    caught_by_others = [fault for fault in report.faults if "cannot be carried out" not in fault]
    if check != "check_blocks":  # without the blocks no later check has what to go by
        assert caught_by_others == []


@pytest.mark.parametrize("broken", ["check_entry", "check_link", "check_block", "check_blob", "check_body"])
def test_a_twin_without_one_of_the_smaller_checks_misses_something(
    broken: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other_irn(files: Files) -> Files:
        name = next(name for name in files if "/submissions/" in name)
        body = files[name].replace(b'"irn":"PD', b'"irn":"PX', 1)
        digest = hashlib.sha256(body).hexdigest()
        moved = name.rpartition("/")[0] + f"/{digest}.json"
        old, new = name.removeprefix("blobs/"), moved.removeprefix("blobs/")

        def point(made_anew: list[dict[str, Any]]) -> None:
            hashes: dict[str, str] = {}
            for block in made_anew:
                for place_, entry in enumerate(block["entries"]):
                    text = json.dumps(entry).replace(old, new).replace(Path(old).stem, digest)
                    fresh = json.loads(text)
                    fresh["previous_hash"] = hashes.get(entry["previous_hash"], entry["previous_hash"])
                    fresh = hashed({k: v for k, v in fresh.items() if k != "hash"})
                    hashes[entry["hash"]] = fresh["hash"]
                    block["entries"][place_] = fresh

        rest = {key: data for key, data in files.items() if key != name}
        return rechained({**rest, moved: body}, point)

    forgeries: dict[str, Callable[[Files], Files]] = {
        "check_entry": lambda files: rechained(files, altered_entry),
        "check_link": lambda files: rechained(files, dropped_entry),
        "check_block": forged_block_order,
        "check_blob": forged_answer,
        "check_body": other_irn,
    }
    files = forgeries[broken](dict(pack()))
    assert faults(files, folder)
    monkeypatch.setattr(verify, broken, lambda *given: None)
    weaker = verify.verify(zipped(files, folder)).faults
    assert len(weaker) < 2 or broken == "check_block", weaker


def test_what_is_not_sealed_yet_is_noted_and_no_fault(tmp_path: Path) -> None:
    _, data, manifest = made(unsealed=True)
    target = tmp_path / "pack.zip"
    target.write_bytes(data)
    report = verify.verify(target)
    assert manifest["documents"] == 3
    assert report.faults == []
    assert [note for note in report.notes if "none of its entries was sealed yet" in note]


def test_a_pack_of_a_period_begins_with_the_first_block_it_needs(tmp_path: Path) -> None:
    world, ledger, seal = _quiet_days(5)
    out = io.BytesIO()
    export = ExportEvidence(world.sales, world.blobs, ledger, world.clock)
    world.platform.won("8")
    world.run(world.deliver(won()))
    seal()
    manifest = export(MERCHANT, DAY, DAY, out)
    assert manifest["ledger"]["first_block"] > 1
    (tmp_path / "pack.zip").write_bytes(out.getvalue())
    assert verify.verify(tmp_path / "pack.zip").faults == []


def test_blocks_that_were_purged_are_not_asked_for(tmp_path: Path) -> None:
    world, ledger, seal = _quiet_days(4)
    for number in (1, 2):
        del world.blobs.blobs[place(MERCHANT, number)]
    world.platform.won("8")
    world.run(world.deliver(won()))
    seal()
    out = io.BytesIO()
    manifest = ExportEvidence(world.sales, world.blobs, ledger, world.clock)(MERCHANT, DAY, DAY, out)
    assert manifest["ledger"]["first_block"] >= 3
    (tmp_path / "pack.zip").write_bytes(out.getvalue())
    assert verify.verify(tmp_path / "pack.zip").faults == []


def _quiet_days(count: int) -> tuple[World, FakeLedger, SealLedger]:
    world = World()
    ledger = FakeLedger(world.clock, world.sales.outbox)
    seal = SealLedger(ledger, world.blobs, world.clock)
    for _ in range(count):
        ledger.note(MERCHANT, "profile_changed", "profile", {}, "merchant")
        seal()
        world.clock.move(hours=5)
    return world, ledger, seal


def test_a_sale_that_was_never_sent_is_counted_and_its_data_stays_out() -> None:
    world = World()
    ledger = FakeLedger(world.clock, world.sales.outbox)
    world.platform.won("8", odd=True)
    world.run(world.deliver(won()))
    out = io.BytesIO()
    manifest = ExportEvidence(world.sales, world.blobs, ledger, world.clock)(MERCHANT, DAY, DAY, out)
    assert (manifest["documents"], manifest["not_submitted"]) == (0, 1)
    with zipfile.ZipFile(out) as archive:
        assert not [name for name in archive.namelist() if name.startswith("blobs/")]


def test_a_lost_blob_is_told_in_the_manifest_and_found_by_the_script(tmp_path: Path) -> None:
    world, _, _ = made()
    ledger = FakeLedger(world.clock, world.sales.outbox)
    del world.blobs.blobs[str(world.sale("8").body_key)]
    out = io.BytesIO()
    SealLedger(ledger, world.blobs, world.clock)
    manifest = ExportEvidence(world.sales, world.blobs, ledger, world.clock)(MERCHANT, DAY, DAY, out)
    assert manifest["missing"] == [world.sale("8").body_key]


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    world = World()
    with pytest.raises(BadInput):
        ExportEvidence(world.sales, world.blobs, FakeLedger(world.clock), world.clock)(
            MERCHANT, date(2026, 3, 2), date(2026, 3, 1), io.BytesIO()
        )


def test_an_outage_on_the_way_is_part_of_the_evidence(tmp_path: Path) -> None:
    world = World()
    ledger = FakeLedger(world.clock, world.sales.outbox)
    world.nrs.next = [NrsUnavailable("down"), "commit_then_unknown"]
    world.platform.won("8")
    world.run(world.deliver(won()), hours=2)
    SealLedger(ledger, world.blobs, world.clock)()
    out = io.BytesIO()
    ExportEvidence(world.sales, world.blobs, ledger, world.clock)(MERCHANT, DAY, DAY, out)
    (tmp_path / "pack.zip").write_bytes(out.getvalue())
    report = verify.verify(tmp_path / "pack.zip")
    assert report.faults == []
    assert report.counts["accepted"] == 1
