"""Where the local stage lives: ports, folders, names. Everything is under `.local/` of the checkout."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
REGION = "us-east-1"
ACCOUNT = "000000000000"  # what the emulator answers; deploying to anything else is refused
STAGE = "local"
API_NAME = f"taxpoynt-{STAGE}"
FRONT_PORT = 8080
NRS_PORT = 9110


@dataclass(frozen=True, slots=True)
class Ports:
    """TCP ports, all on 127.0.0.1. `sandbox`: name → port of each stand-in (connectors and nrs)."""

    gateway: int = 4566
    front: int = FRONT_PORT
    sandbox: dict[str, int] = field(default_factory=dict)

    def named(self) -> dict[str, int]:
        """What each port is for, in the words of the messages."""
        stand_ins = {f"sandbox {name}": port for name, port in self.sandbox.items()}
        return {"local AWS": self.gateway, "application": self.front, **stand_ins}


@dataclass(frozen=True, slots=True)
class Layout:
    """One local stage: `home` is its folder, `ports` its addresses. Two stages share neither."""

    home: Path = ROOT / ".local"
    ports: Ports = field(default_factory=Ports)
    state: str = "stage"
    assembly_folder: Path | None = None

    @property
    def aws(self) -> str:
        """Endpoint of the emulator. TLS, because queues and buckets refuse plain http as in production."""
        return f"https://localhost:{self.ports.gateway}"

    @property
    def public_url(self) -> str:
        """Address of the application as merchants and platforms see it; no trailing slash."""
        return f"http://localhost:{self.ports.front}"

    def sandbox_url(self, name: str) -> str:
        """Address of one stand-in."""
        return f"http://localhost:{self.ports.sandbox[name]}"

    def addresses(self) -> dict[str, str]:
        """The functions' settings that hold addresses of this stage."""
        platforms = {name: self.sandbox_url(name) for name in self.ports.sandbox if name != "nrs"}
        nrs = {"NRS_BASE_URL": self.sandbox_url("nrs")} if "nrs" in self.ports.sandbox else {}
        return {"PUBLIC_URL": self.public_url, "PLATFORM_ENDPOINTS": json.dumps(platforms), **nrs}

    @property
    def emulator_dir(self) -> Path:
        """What the emulator writes: snapshots, unpacked code, temporary files."""
        return self.home / self.state

    @property
    def certificate(self) -> Path:
        """Self-signed certificate of the emulator (and its own authority)."""
        return self.home / "tls" / "server.crt"

    @property
    def trust(self) -> Path:
        """The system's authorities and our certificate in one file, as the *_CA_BUNDLE variables need it."""
        return self.home / "tls" / "trust.pem"

    @property
    def records(self) -> Path:
        """What runs: process ids and ports (processes.py)."""
        return self.home / "running.json"

    @property
    def logs(self) -> Path:
        """One log file for each part."""
        return self.home / "logs"

    @property
    def assembly(self) -> Path:
        """The synthesised cloud assembly."""
        return self.assembly_folder or self.home / "cdk.out"

    @property
    def endpoints(self) -> Path:
        """Addresses for people and scripts (contracts.md, part 1)."""
        return self.home / "endpoints.json"

    @property
    def demo_report(self) -> Path:
        """What `make demo` found (contracts.md, part 1)."""
        return self.home / "demo-report.json"

    def with_state(self, name: str) -> "Layout":
        """The same stage with its emulator's state in another folder."""
        return replace(self, state=name)
