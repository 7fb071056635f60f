"""Functions with nothing but the real AWS command line, over a kill of the server too."""

import base64
import json
from pathlib import Path

import pytest
from tests.support.functions import ROLE, archive
from tests.support.process import ServerProcess, running, start

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("awscli")]

SOURCE = """
import os
def handler(event, context):
    print("seen", event)
    return {"event": event, "tenant": os.environ.get("TENANT_ID"), "version": context.function_version}
"""


def create(server: ServerProcess, folder: Path) -> str:
    code = folder / "code.zip"
    code.write_bytes(archive(index__py=SOURCE))
    made = server.aws_json(
        *("lambda", "create-function", "--function-name", "f", "--runtime", "python3.12"),
        *("--handler", "index.handler", "--role", ROLE, "--zip-file", f"fileb://{code}"),
        *("--environment", "Variables={TENANT_ID=tenant-A}"),
    )
    return str(made["FunctionArn"])


def test_a_function_is_made_invoked_published_and_deleted(
    sekisho_server: ServerProcess, tmp_path: Path
) -> None:
    aws = sekisho_server.aws_json
    arn = create(sekisho_server, tmp_path)
    aws("lambda", "wait", "function-active-v2", "--function-name", "f")
    out = tmp_path / "out.json"
    answer = aws(
        *("lambda", "invoke", "--function-name", arn, "--payload", '{"a": 1}', "--log-type", "Tail"),
        str(out),
    )
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert json.loads(out.read_text()) == {"event": {"a": 1}, "tenant": "tenant-A", "version": "$LATEST"}
    log = base64.b64decode(answer["LogResult"]).decode().splitlines()
    assert log[1] == "seen {'a': 1}"
    assert log[-1].startswith("REPORT RequestId: ")
    aws("lambda", "publish-version", "--function-name", "f")
    aws("lambda", "create-alias", "--function-name", "f", "--name", "live", "--function-version", "1")
    answer = aws("lambda", "invoke", "--function-name", "f", "--qualifier", "live", str(out))
    assert answer["ExecutedVersion"] == "1"
    aws(
        *("lambda", "add-permission", "--function-name", "f", "--statement-id", "s"),
        *("--action", "lambda:InvokeFunction", "--principal", "apigateway.amazonaws.com"),
    )
    policy = json.loads(aws("lambda", "get-policy", "--function-name", "f")["Policy"])
    assert policy["Statement"][0]["Principal"] == {"Service": "apigateway.amazonaws.com"}
    tags = ("--resource", arn, "--tags", "a=1")
    aws("lambda", "tag-resource", *tags)
    assert aws("lambda", "list-tags", "--resource", arn) == {"Tags": {"a": "1"}}
    aws("lambda", "delete-function", "--function-name", "f")
    gone = sekisho_server.aws("lambda", "get-function", "--function-name", "f")
    assert gone.returncode != 0
    assert "(ResourceNotFoundException) when calling the GetFunction operation" in gone.stderr
    assert f"Function not found: {arn}" in gone.stderr


def test_a_function_outlives_a_kill_of_the_server(tmp_path: Path) -> None:
    arguments = ("serve", "--port", "0", "--data", str(tmp_path / "data"))
    server = start(*arguments)
    create(server, tmp_path)
    server.client("lambda").invoke(FunctionName="f")
    server.kill()
    with running(*arguments) as again:
        answer = again.client("lambda").invoke(FunctionName="f", Payload=b"5")
        assert json.loads(answer["Payload"].read())["event"] == 5
