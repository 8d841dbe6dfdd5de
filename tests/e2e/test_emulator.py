"""What our start of the emulator promises, shown on a stack of a few resources."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
import requests
from botocore.exceptions import ClientError

from infra_cdk.local.aws import Clients
from infra_cdk.local.certificate import ensure_certificate, still_valid
from infra_cdk.local.deploy import deploy
from infra_cdk.local.launch import Options, start_emulator, wait_for_emulator
from infra_cdk.local.layout import Layout, Ports
from infra_cdk.local.polling import poll_until
from infra_cdk.local.processes import Record, free_port, stop
from infra_cdk.local.selfcheck import check_error_names
from tests.e2e.tiny_stack import write_assembly

pytestmark = pytest.mark.local_stage


class Tiny:
    """A running emulator with the tiny stack."""

    def __init__(self, layout: Layout, record: Record) -> None:
        self.layout, self.record, self.clients = layout, record, Clients(layout)
        self.outputs = deploy(write_assembly(layout.home / "assembly"), self.clients)

    def call(self, **event: Any) -> Any:
        answer = self.clients("lambda").invoke(FunctionName="tiny", Payload=json.dumps(event))
        return json.loads(answer["Payload"].read())


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tiny]:
    layout = Layout(home=tmp_path_factory.mktemp("tiny"), ports=Ports(gateway=free_port(), front=free_port()))
    record = start_emulator(layout, Options())
    try:
        wait_for_emulator(layout, record)
        yield Tiny(layout, record)
    finally:
        stop([record])


def test_a_failing_function_is_reported_by_the_class_name_of_its_error(tiny: Tiny) -> None:
    answer = tiny.call(action="fail")
    assert (answer["errorType"], answer["errorMessage"]) == ("Retryable", "as asked")
    assert "handler.py" in answer["stackTrace"][0]


def test_the_self_check_passes_and_leaves_nothing_behind(tiny: Tiny) -> None:
    check_error_names(tiny.clients)
    names = [f["FunctionName"] for f in tiny.clients("lambda").list_functions()["Functions"]]
    assert names == ["tiny"]


def test_a_function_that_dies_gets_a_fresh_process_for_the_next_call(tiny: Tiny) -> None:
    before = tiny.call()["pid"]
    assert tiny.call(action="die")["errorType"] == "Runtime.ExitError"
    assert tiny.call()["pid"] != before


def test_a_role_may_do_what_it_is_granted_and_nothing_else(tiny: Tiny) -> None:
    assert tiny.call(action="read") == 200
    refused = tiny.call(action="write")
    assert refused["errorType"] == "ClientError"
    assert "AccessDenied" in refused["errorMessage"]


def test_the_api_is_served_from_the_root_of_its_own_port(tiny: Tiny) -> None:
    assert requests.get(f"{tiny.layout.public_url}/some/path?x=1", timeout=10).text == "path /some/path"


def test_settings_that_hold_addresses_follow_the_ports_of_the_stage(tiny: Tiny) -> None:
    assert tiny.call()["public_url"] == tiny.layout.public_url


def test_what_cloudformation_drops_here_is_set_through_the_services(tiny: Tiny) -> None:
    tables, table = tiny.clients("dynamodb"), tiny.outputs["Table"]
    assert tables.describe_time_to_live(TableName=table)["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"
    backups = tables.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert tiny.clients("lambda").get_function_concurrency(FunctionName="tiny")["ReservedConcurrentExecutions"] == 5


def test_a_stranger_with_another_key_is_refused(tiny: Tiny) -> None:
    stranger = boto3.client(
        "dynamodb",
        endpoint_url=tiny.layout.aws,
        verify=str(tiny.layout.trust),
        region_name="us-east-1",
        aws_access_key_id="AKIAEXAMPLEEXAMPLE00",
        aws_secret_access_key="nobody",
    )
    with pytest.raises(ClientError, match=r"UnrecognizedClient|InvalidClientTokenId|security token"):
        stranger.list_tables()


def test_nothing_listens_on_other_addresses_than_this_machine(tiny: Tiny) -> None:
    process = psutil.Process(tiny.record.pid)
    family = [process, *process.children(recursive=True)]
    open_to = {c.laddr.ip for p in family for c in p.net_connections() if c.status == psutil.CONN_LISTEN}
    assert open_to == {"127.0.0.1"}


def test_stopping_ends_the_function_processes_too(tmp_path: Path) -> None:
    layout = Layout(home=tmp_path, ports=Ports(gateway=free_port(), front=free_port()))
    record = start_emulator(layout, Options())
    wait_for_emulator(layout, record)
    worker = int(Tiny(layout, record).call()["pid"])
    assert stop([record]) == []
    assert not psutil.pid_exists(worker)


def test_a_killed_emulator_leaves_no_function_process(tmp_path: Path) -> None:
    layout = Layout(home=tmp_path, ports=Ports(gateway=free_port(), front=free_port()))
    record = start_emulator(layout, Options())
    wait_for_emulator(layout, record)
    worker = int(Tiny(layout, record).call()["pid"])
    os.kill(record.pid, signal.SIGKILL)
    poll_until(lambda: not psutil.pid_exists(worker), "the worker's end", seconds=10)
    stop([record])


def test_state_survives_a_clean_stop_when_asked_to(tmp_path: Path) -> None:
    layout = Layout(home=tmp_path, ports=Ports(gateway=free_port(), front=free_port()))
    keep = Options(persist=True, reload=False)
    record = start_emulator(layout, keep)
    wait_for_emulator(layout, record)
    tiny = Tiny(layout, record)
    tiny.clients("dynamodb").put_item(TableName=tiny.outputs["Table"], Item={"pk": {"S": "kept"}})
    stop([record])
    again = start_emulator(layout, keep)
    try:
        wait_for_emulator(layout, again)
        found = Clients(layout)("dynamodb").get_item(TableName=tiny.outputs["Table"], Key={"pk": {"S": "kept"}})
        assert "Item" in found
        assert requests.get(f"{layout.public_url}/still", timeout=10).text == "path /still"
    finally:
        stop([again])


def test_saved_code_runs_at_the_next_call_without_a_deploy(tmp_path: Path) -> None:
    layout = Layout(home=tmp_path / "home", ports=Ports(gateway=free_port(), front=free_port()))
    saved = tmp_path / "functions" / "tiny" / "handler.py"
    saved.parent.mkdir(parents=True)
    saved.write_text("def handler(event, context):\n    return 1\n")
    record = start_emulator(layout, Options(functions=tmp_path / "functions"))
    try:
        wait_for_emulator(layout, record)
        tiny = Tiny(layout, record)
        assert tiny.call() == 1
        for version in (2, 3):  # the second edit comes within a second, where byte code would hide it
            saved.write_text(f"def handler(event, context):\n    return {version}\n")
            poll_until(runs(tiny, version), f"version {version}", seconds=10)
    finally:
        stop([record])


def runs(tiny: Tiny, version: int) -> Callable[[], bool]:
    return lambda: bool(tiny.call() == version)


def test_the_certificate_is_made_once_and_its_key_is_private(tmp_path: Path) -> None:
    layout = Layout(home=tmp_path)
    ensure_certificate(layout)
    first = layout.certificate.read_bytes()
    ensure_certificate(layout)
    assert layout.certificate.read_bytes() == first
    assert still_valid(layout.certificate)
    assert (layout.certificate.with_suffix(".key").stat().st_mode & 0o077) == 0
