"""The third-party layer: the locked wheels for arm64 Lambda, unpacked once per lock (docs/decisions/0004).

No Docker and no source builds: pip fetches wheels for the target whatever machine this is.
`python -m infra_cdk.bundling` fills the cache; with a full cache nothing here needs the network.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCK = Path("layers/deps/requirements.txt")
PYTHON = "3.14"
# newest first; Amazon Linux 2023 has glibc 2.34
PLATFORMS = ("manylinux_2_34_aarch64", "manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux2014_aarch64")
FORMAT = 1  # raise it when what is stripped changes
# Lambda's Python has these; the lock leaves them out on purpose.
IN_RUNTIME = frozenset({"boto3", "botocore", "s3transfer", "python-dateutil", "six"})
_TARGET = {
    "python_version": PYTHON,
    "python_full_version": f"{PYTHON}.0",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "platform_machine": "aarch64",
    "platform_system": "Linux",
    "sys_platform": "linux",
    "os_name": "posix",
    "extra": "",
}


class BundlingError(RuntimeError):
    """The layer cannot be made; the message says why and what helps."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A folder to zip (it holds `python/`) and a hash that changes exactly when the lock or the target does."""

    folder: Path
    digest: str


def deps_layer(root: Path = ROOT) -> Bundle:
    """The unpacked layer, from build/deps when it is there. BundlingError without network on the first run."""
    digest = lock_digest(root / LOCK)
    folder = root / "build" / "deps" / digest
    if not folder.is_dir():
        scratch = folder.with_name(f".{digest}.{os.getpid()}")
        shutil.rmtree(scratch, ignore_errors=True)
        _install(root / LOCK, scratch / "python")
        check_complete(scratch / "python")
        strip(scratch / "python")
        _move(scratch, folder)
    return Bundle(folder, digest)


def lock_digest(lock: Path) -> str:
    """Hash of everything that decides the content."""
    return hashlib.sha256(b"\0".join([lock.read_bytes(), repr((PYTHON, PLATFORMS, FORMAT)).encode()])).hexdigest()


def _install(lock: Path, target: Path) -> None:
    platforms = [word for name in PLATFORMS for word in ("--platform", name)]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    command += ["--no-deps", "--require-hashes", "--only-binary=:all:", "--implementation", "cp"]
    command += ["--python-version", PYTHON, *platforms, "--target", str(target), "--requirement", str(lock)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own words only
    if done.returncode:
        raise BundlingError(
            f"pip could not fetch the wheels of {lock} (the first run needs the network):\n{done.stderr.strip()}"
        )


def check_complete(packages: Path) -> None:
    """Everything the packages ask for on the target is there or in Lambda's runtime.

    The lock is compiled by whatever Python the developer has, so a dependency that only the target's Python needs
    would be missed; BundlingError names it.
    """
    present = {canonicalize_name(name) for name, _ in _distributions(packages)} | IN_RUNTIME
    for name, needs in _distributions(packages):
        for need in needs:
            wanted = need.marker is None or need.marker.evaluate(dict(_TARGET))
            if wanted and canonicalize_name(need.name) not in present:
                raise BundlingError(f"{name} needs {need.name} on Python {PYTHON}, which {LOCK} does not have")


def _distributions(packages: Path) -> Iterator[tuple[str, list[Requirement]]]:
    for metadata in sorted(packages.glob("*.dist-info/METADATA")):
        headers = HeaderParser().parsestr(metadata.read_text(encoding="utf-8"))
        yield headers["Name"], [Requirement(line) for line in headers.get_all("Requires-Dist", [])]


def strip(packages: Path) -> None:
    """Drops what a function never reads. Licences and versions stay."""
    for pattern in ("**/__pycache__", "**/tests", "bin", "*.dist-info/RECORD", "*.dist-info/direct_url.json"):
        for path in list(packages.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            elif path.exists():
                path.unlink()


def _move(scratch: Path, folder: Path) -> None:
    try:
        scratch.rename(folder)
    except OSError:  # another process was faster; its content is the same
        shutil.rmtree(scratch, ignore_errors=True)
        if not folder.is_dir():
            raise


def size(folder: Path) -> int:
    """Bytes of all files below `folder`."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    bundle = deps_layer()
    print(f"{bundle.folder}: {size(bundle.folder) / 1e6:.1f} MB unpacked", file=sys.stderr)  # noqa: T201  # a command line prints
