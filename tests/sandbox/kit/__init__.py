"""What every sandbox shares: server, clock, faults, request log, control routes, webhook delivery.

A sandbox is a package or module beside this one that has `SANDBOX: type[Sandbox]`; `python -m tests.sandbox` finds it
by that name, so a new one needs no registration.
"""

from tests.sandbox.kit.base import ControlRoute, Json, Refused, Sandbox, note_verdict, ordered_fault
from tests.sandbox.kit.chaos import Chaos, Dice, Trouble
from tests.sandbox.kit.clock import Clock
from tests.sandbox.kit.delivery import Courier, Outgoing
from tests.sandbox.kit.errors import ControlError, SeedError
from tests.sandbox.kit.faults import Fault, FaultBook
from tests.sandbox.kit.incoming import json_object
from tests.sandbox.kit.log import RequestLog, digest, redacted
from tests.sandbox.kit.reply import json_reply
from tests.sandbox.kit.server import PortTaken, RunningServer, running, serve
from tests.sandbox.kit.subscribers import DeliveryPolicy
from tests.sandbox.kit.table import Crowd, Place, Table

__all__ = [
    "Chaos",
    "Clock",
    "ControlError",
    "ControlRoute",
    "Courier",
    "Crowd",
    "DeliveryPolicy",
    "Dice",
    "Fault",
    "FaultBook",
    "Json",
    "Outgoing",
    "Place",
    "PortTaken",
    "Refused",
    "RequestLog",
    "RunningServer",
    "Sandbox",
    "SeedError",
    "Table",
    "Trouble",
    "digest",
    "json_object",
    "json_reply",
    "note_verdict",
    "ordered_fault",
    "redacted",
    "running",
    "serve",
]
