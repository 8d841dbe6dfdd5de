"""The third-party layer is what the lock says, made for the target, and made once."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra_cdk import bundling
from infra_cdk.bundling import BundlingError, check_complete, deps_layer, lock_digest, strip

LOCK = bundling.ROOT / bundling.LOCK


def _pins(text: str) -> dict[str, str]:
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", text, re.MULTILINE))


def test_the_lock_has_every_runtime_dependency_at_a_version_that_fits() -> None:
    project = tomllib.loads((bundling.ROOT / "pyproject.toml").read_text())["project"]
    pins = _pins(LOCK.read_text())
    for need in map(Requirement, project["dependencies"]):
        assert need.specifier.contains(pins[canonicalize_name(need.name)]), need.name


def test_every_pin_has_a_hash_and_the_lock_names_no_registry() -> None:
    text = LOCK.read_text()
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"https?://|--index-url|--find-links|--trusted-host|file:", text)


def test_what_runs_here_is_what_runs_there() -> None:
    tested = _pins((bundling.ROOT / "requirements-dev.txt").read_text())
    for name, version in _pins(LOCK.read_text()).items():
        assert tested[name] == version, f"{name}: run make lock"


def test_what_lambda_has_already_is_not_carried_along() -> None:
    assert not bundling.IN_RUNTIME & set(_pins(LOCK.read_text()))


def test_the_hash_changes_with_the_lock_and_with_nothing_else(tmp_path: Path) -> None:
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("a==1")
    two.write_text("a==2")
    assert lock_digest(one) == lock_digest(one)
    assert lock_digest(one) != lock_digest(two)


def _checkout(tmp_path: Path, lock: str) -> Path:
    (tmp_path / "layers" / "deps").mkdir(parents=True)
    (tmp_path / bundling.LOCK).write_text(lock)
    return tmp_path


def test_a_filled_cache_needs_neither_pip_nor_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = _checkout(tmp_path, "anything==1")
    kept = root / "build" / "deps" / lock_digest(root / bundling.LOCK)
    kept.mkdir(parents=True)
    monkeypatch.setattr("subprocess.run", None)
    assert deps_layer(root).folder == kept


def test_a_lock_that_cannot_be_fetched_says_so_and_leaves_no_half_layer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    root = _checkout(tmp_path, "no-such-package==1 --hash=sha256:" + "0" * 64)
    with pytest.raises(BundlingError, match="first run needs the network"):
        deps_layer(root)
    assert not [path for path in (root / "build" / "deps").glob("*") if not path.name.startswith(".")]


def _package(folder: Path, name: str, *needs: str) -> None:
    info = folder / f"{name}-1.dist-info"
    info.mkdir(parents=True)
    lines = ["Metadata-Version: 2.1", f"Name: {name}", *(f"Requires-Dist: {need}" for need in needs)]
    (info / "METADATA").write_text("\n".join(lines) + "\n\n")
    (info / "RECORD").touch()


def test_a_dependency_that_only_the_targets_python_needs_is_missed_by_nobody(tmp_path: Path) -> None:
    _package(tmp_path, "app", 'newcomer; python_version >= "3.14"', 'old; python_version < "3.12"')
    with pytest.raises(BundlingError, match="app needs newcomer"):
        check_complete(tmp_path)


def test_what_is_there_or_in_the_runtime_or_optional_is_complete(tmp_path: Path) -> None:
    _package(tmp_path, "app", "botocore", "Oth.er>=1", 'boto3; extra == "all"', 'colour; sys_platform == "win32"')
    _package(tmp_path, "oth-er")
    check_complete(tmp_path)


def test_stripping_keeps_code_licences_and_versions(tmp_path: Path) -> None:
    _package(tmp_path, "app")
    for name in (
        "app/core.py",
        "app/tests/test_core.py",
        "app/__pycache__/core.pyc",
        "bin/app",
        "app-1.dist-info/LICENSE",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    strip(tmp_path)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"app/core.py", "app-1.dist-info/METADATA", "app-1.dist-info/LICENSE"}
