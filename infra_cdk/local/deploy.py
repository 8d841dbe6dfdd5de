"""Deploy a synthesised assembly to the emulator by boto3: under a second, for tests. `make up` uses the CDK CLI."""

import io
import json
import zipfile
from pathlib import Path

from infra_cdk.local.assembly import Assembly, synthesised, with_settings
from infra_cdk.local.aws import Clients, require_emulator
from infra_cdk.local.console import Console, Trouble
from infra_cdk.local.ignored import apply_ignored
from infra_cdk.local.layout import ACCOUNT, REGION, Layout
from infra_cdk.local.polling import poll_until

BUCKET = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version"
DEPLOY_SECONDS = 60.0


def packed(folder: Path) -> bytes:
    """A folder as the zip that Lambda takes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(folder))
    return out.getvalue()


def deploy_by_boto3(layout: Layout, clients: Clients, _console: Console) -> dict[str, str]:
    """The stack of this checkout, as `cdk_cli.deploy_by_cli` but quicker; the stack's outputs."""
    return deploy(synthesised(layout.assembly), clients)


def deploy(assembly: Assembly, clients: Clients) -> dict[str, str]:
    """Create the stack and set what CloudFormation here drops; the stack's outputs.

    Raises:
        Trouble: not the emulator, or the stack could not be created (with CloudFormation's reasons).
    """
    require_emulator(clients)
    template = with_settings(assembly.template(), clients.layout.addresses())
    url = upload(assembly, json.dumps(template), clients)
    stacks = clients("cloudformation")
    stacks.create_stack(
        StackName=assembly.stack, TemplateURL=url, Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
    )
    wait_for_stack(assembly.stack, clients)
    apply_ignored(template, assembly.stack, clients)
    return outputs(assembly.stack, clients)


def upload(assembly: Assembly, template: str, clients: Clients) -> str:
    """Put assets and template where the template expects them; the template's address."""
    clients("ssm").put_parameter(Name=BOOTSTRAP_VERSION, Value="30", Type="String", Overwrite=True)
    store = clients("s3")
    store.create_bucket(Bucket=BUCKET)
    for folder, keys in assembly.assets():
        body = packed(folder)
        for key in keys:
            store.put_object(Bucket=BUCKET, Key=key, Body=body)
    store.put_object(Bucket=BUCKET, Key="template.json", Body=template)
    return f"{clients.layout.aws}/{BUCKET}/template.json"


def wait_for_stack(stack: str, clients: Clients) -> None:
    """Until CloudFormation is done.

    Raises:
        Trouble: it failed; with the reasons it gave.
    """
    stacks = clients("cloudformation")

    def settled() -> str | None:
        status = str(stacks.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])
        return None if status.endswith("IN_PROGRESS") else status

    status = poll_until(settled, f"stack {stack}", seconds=DEPLOY_SECONDS, every=0.05)
    if status != "CREATE_COMPLETE":
        events = stacks.describe_stack_events(StackName=stack)["StackEvents"]
        reasons = [
            f"{e['LogicalResourceId']}: {e['ResourceStatusReason']}" for e in events if "ResourceStatusReason" in e
        ]
        raise Trouble(f"The stack could not be deployed: {status}", *reasons[:10])


def outputs(stack: str, clients: Clients) -> dict[str, str]:
    """The stack's outputs by name."""
    state = clients("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in state.get("Outputs", [])}
