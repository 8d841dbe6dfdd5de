"""Does the emulator still run functions by our client? Asked at every start: emulator.py patches private names."""

import io
import json
import zipfile

from infra_cdk.local.aws import Clients
from infra_cdk.local.console import Trouble

NAME = "local-stage-self-check"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
CODE = """
class SelfCheckFailed(Exception):
    pass

def handler(event, context):
    print("self-check")
    raise SelfCheckFailed(context.function_name)
"""


def packed() -> bytes:
    """The function's code as a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("handler.py", CODE)
    return out.getvalue()


def check_error_names(clients: Clients) -> None:
    """Invoke a function that raises, and require the class name: Retry and Catch by name depend on it.

    Raises:
        Trouble: the emulator reported something else.
    """
    functions, roles = clients("lambda"), clients("iam")
    role = roles.create_role(RoleName=NAME, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    functions.create_function(
        FunctionName=NAME,
        Runtime="python3.13",
        Handler="handler.handler",
        Role=role,
        Code={"ZipFile": packed()},
        Timeout=10,
    )
    try:
        answer = json.loads(functions.invoke(FunctionName=NAME)["Payload"].read())
    finally:
        functions.delete_function(FunctionName=NAME)
        roles.delete_role(RoleName=NAME)
    if answer.get("errorType") != "SelfCheckFailed":
        raise Trouble(
            f"The local AWS does not report errors by class name ({answer!r}): state machines would not retry.",
            "ministack must be exactly the pinned version: make setup",
            "after changing the pin, adapt infra_cdk/local/emulator.py",
        )
