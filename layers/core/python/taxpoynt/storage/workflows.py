"""Starting the state machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from taxpoynt.domain.keys import execution_name
from taxpoynt.errors import ConfigurationError
from taxpoynt.storage.aws_errors import verdicts

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class StepFunctionsStarter:
    """ports.WorkflowStarter. The durable claim makes a conversion happen once, not the execution's name.

    AWS starts a second Express execution of one name, and answers 200 for a running Standard one with equal input.
    """

    def __init__(
        self,
        stepfunctions: SFNClient,
        *,
        conversion: str | None = None,
        recovery: str | None = None,
        delivery: str | None = None,
    ) -> None:
        self._stepfunctions = stepfunctions
        self._conversion = conversion
        self._recovery = recovery
        self._delivery = delivery

    def start_conversion(self, merchant: str, connector: str, sale_id: str, attempt: int) -> None:
        """Starts invoice_conversion."""
        self._start(self._conversion, merchant, connector, sale_id, str(attempt))

    def start_recovery(self, merchant: str, connector: str, sale_id: str, attempt: int) -> None:
        """Starts submission_recovery."""
        self._start(self._recovery, merchant, connector, sale_id, str(attempt))

    def start_delivery(self, merchant: str, connector: str, sale_id: str, run: str) -> None:
        """Starts invoice_delivery; `run` is letters, digits and `-`."""
        self._start(self._delivery, merchant, connector, sale_id, run)

    def _start(self, machine: str | None, merchant: str, connector: str, sale_id: str, run: str) -> None:
        if machine is None:
            raise ConfigurationError("this function may not start that state machine")
        ids = {"merchant": merchant, "connector": connector, "sale_id": sale_id}
        with verdicts("start a workflow"):
            try:
                self._stepfunctions.start_execution(
                    stateMachineArn=machine,
                    name=execution_name(merchant, connector, sale_id, run),
                    input=json.dumps(ids),
                )
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") != "ExecutionAlreadyExists":
                    raise
