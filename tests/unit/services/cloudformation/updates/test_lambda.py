"""Updates of functions and what belongs to them."""

from collections.abc import Mapping
from typing import Any

import pytest

LAMBDA = "AWS::Lambda::"
ROLE = "arn:aws:iam::000000000000:role/r"
CODE = {"ZipFile": "def handler(event, context):\n    return event\n"}
FUNCTION = {
    "Function": {
        "Type": f"{LAMBDA}Function",
        "Properties": {"Code": CODE, "Role": ROLE, "Runtime": "python3.12", "Handler": "index.handler"},
    },
    "Version": {"Type": f"{LAMBDA}Version", "Properties": {"FunctionName": {"Ref": "Function"}}},
}


def function(account: Any, ids: Mapping[str, str]) -> Any:
    found = account.functions("GetFunction", FunctionName=ids["It"])
    found.pop("Code")
    return found


def alias(account: Any, ids: Mapping[str, str]) -> Any:
    return account.functions("GetAlias", FunctionName=ids["Function"], Name="live")


CASES: dict[str, dict[str, Any]] = {
    "function": {
        "type": f"{LAMBDA}Function",
        "properties": {
            "FunctionName": "it",
            "Architectures": ["x86_64"],
            "Code": CODE,
            "Description": "d",
            "Environment": {"Variables": {"ONE": "1", "TWO": "2"}},
            "EphemeralStorage": {"Size": 1024},
            "Handler": "index.handler",
            "MemorySize": 256,
            "ReservedConcurrentExecutions": 3,
            "Role": ROLE,
            "Runtime": "python3.12",
            "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
            "Timeout": 9,
            "TracingConfig": {"Mode": "Active"},
            "LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG", "SystemLogLevel": "WARN"},
            "KmsKeyArn": "arn:aws:kms:us-east-1:000000000000:key/k",
            "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:q"},
            "SnapStart": {"ApplyOn": "PublishedVersions"},
            "VpcConfig": {
                "SubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
                "SecurityGroupIds": ["sg-0123456789abcdef0", "sg-0123456789abcdef1"],
            },
            "RecursiveLoop": "Allow",
            "RuntimeManagementConfig": {"UpdateRuntimeOn": "Auto"},
        },
        "beside": {"Layers": "It is not supported.", "FileSystemConfigs": "It is not supported."},
        "volatile": frozenset(("RevisionId",)),
        "describe": function,
    },
    "alias": {
        "type": f"{LAMBDA}Alias",
        "around": FUNCTION,
        "properties": {
            "FunctionName": {"Ref": "Function"},
            "Name": "live",
            "FunctionVersion": {"Fn::GetAtt": "Version.Version"},
            "Description": "d",
        },
        "beside": {
            "ProvisionedConcurrencyConfig": "It changes nothing here.",
            "RoutingConfig": "the test below",
        },
        "volatile": frozenset(("RevisionId",)),
        "describe": alias,
    },
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.slow
def test_what_is_taken_away_leaves_nothing(twins: Any, case: Any, name: str) -> None:
    found = twins.differences(case(**CASES[name]))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.slow
def test_what_is_built_wrongly_leaves_the_stack_at_rest(twins: Any, case: Any, name: str) -> None:
    assert twins.unsettled(case(**CASES[name])) == []


@pytest.mark.parametrize("name", CASES)
def test_a_failed_update_gives_everything_back(twins: Any, case: Any, name: str) -> None:
    assert twins.unrestored(case(**CASES[name])) == []
