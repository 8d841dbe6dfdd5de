from pathlib import Path

import pytest

from infra_cdk.local.emulator import source_folder


@pytest.mark.parametrize(
    "name", ["taxpoynt-local-receive-webhook", "TaxPoynt-local-ReceiveWebhook1A2B3C", "receive_webhook"]
)
def test_a_deployed_function_is_recognised_by_the_folder_in_its_name(name: str, tmp_path: Path) -> None:
    for folder in ("receive_webhook", "webhook", "convert_sale"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "handler.py").touch()
    assert source_folder(name, str(tmp_path)) == str(tmp_path / "receive_webhook")


def test_other_functions_run_from_their_asset(tmp_path: Path) -> None:
    assert source_folder("local-stage-self-check", str(tmp_path)) is None
    assert source_folder("anything", "") is None
