from typing import Any

import pytest
from botocore.model import OperationModel, ServiceModel

from sekisho.kernel.errors import ServiceError
from sekisho.wire.models import load_service_model
from sekisho.wire.validate import check_input, validation_code

ROLE = "arn:aws:iam::000000000000:role/r"


def refusal(service: str, operation: str, params: dict[str, Any]) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        check_input(load_service_model(service).operation_model(operation), params)
    return caught.value


def create_function(**params: Any) -> dict[str, Any]:
    return {"FunctionName": "f", "Role": ROLE, "Code": {}, **params}


@pytest.mark.parametrize(
    ("service", "code"),
    [
        ("elbv2", "ValidationError"),
        ("cloudformation", "ValidationError"),
        ("lambda", "ValidationException"),
        ("cognito-idp", "InvalidParameterException"),
        ("apigatewayv2", "BadRequestException"),
    ],
)
def test_each_service_has_its_code(service: str, code: str) -> None:
    assert validation_code(service) == code


def test_a_valid_input_passes() -> None:
    model = load_service_model("elbv2").operation_model("CreateRule")
    check_input(
        model,
        {
            "ListenerArn": "arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/a/b/c",
            "Priority": 1,
            "Conditions": [{"Field": "path-pattern", "Values": ["/a"]}],
            "Actions": [{"Type": "forward", "TargetGroupArn": "arn"}],
            "Tags": None,
        },
    )


def test_a_length_over_the_limit() -> None:
    error = refusal("cognito-idp", "CreateUserPool", {"PoolName": "p" * 129})

    assert error.code == "InvalidParameterException"
    assert error.status == 400
    assert error.message == (
        f"1 validation error detected: Value '{'p' * 129}' at 'poolName' failed to satisfy constraint: "
        "Member must have length less than or equal to 128"
    )


def test_a_length_under_the_limit() -> None:
    error = refusal("elbv2", "CreateLoadBalancer", {"Name": "lb", "Tags": []})

    assert error.message == (
        "1 validation error detected: Value '[]' at 'tags' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1"
    )


def test_values_beyond_the_limits() -> None:
    target_group = {"Name": "t", "Port": 65536, "HealthCheckIntervalSeconds": 4}

    error = refusal("elbv2", "CreateTargetGroup", target_group)

    assert error.message == (
        "2 validation errors detected: "
        "Value '65536' at 'port' failed to satisfy constraint: "
        "Member must have value less than or equal to 65535; "
        "Value '4' at 'healthCheckIntervalSeconds' failed to satisfy constraint: "
        "Member must have value greater than or equal to 5"
    )


def test_an_integer_has_32_bits_where_the_model_says_nothing() -> None:
    error = refusal("elbv2", "CreateTargetGroup", {"Name": "t", "Matcher": {"HttpCode": 2**31}})
    assert "'matcher.httpCode' failed to satisfy constraint: Member must be of type string" in error.message

    limit = refusal("elbv2", "ModifyRule", {"RuleArn": "r", "Actions": [{"Type": "forward", "Order": 2**31}]})
    assert "at 'actions.1.member.order'" in limit.message


def test_a_missing_member() -> None:
    error = refusal("elbv2", "DeleteRule", {})

    assert error.message == (
        "1 validation error detected: Value null at 'ruleArn' failed to satisfy constraint: "
        "Member must not be null"
    )


def test_an_enum_within_a_list_of_structures_has_a_one_based_path() -> None:
    actions = [{"Type": "forward"}, {"Type": "jwt"}]

    error = refusal("elbv2", "ModifyRule", {"RuleArn": "r", "Actions": actions})

    start = (
        "1 validation error detected: Value 'jwt' at 'actions.2.member.type' failed to satisfy constraint: "
    )
    assert error.message.startswith(f"{start}Member must satisfy enum value set: [")
    assert "jwt-validation" in error.message


def test_a_pattern_must_match_as_a_whole() -> None:
    error = refusal("cognito-idp", "DescribeUserPool", {"UserPoolId": "us-east-1_abc!"})

    assert error.message == (
        "1 validation error detected: Value 'us-east-1_abc!' at 'userPoolId' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+"
    )


def test_a_list_of_scalars_is_refused_as_a_whole() -> None:
    error = refusal("lambda", "CreateFunction", create_function(Architectures=["foo"]))

    assert error.message == (
        "1 validation error detected: Value '[foo]' at 'architectures' failed to satisfy constraint: "
        "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], "
        "Member must not be null]"
    )


def test_a_null_in_a_list() -> None:
    error = refusal("elbv2", "DescribeRules", {"RuleArns": [None]})

    assert "at 'ruleArns' failed to satisfy constraint: Member must satisfy constraint: [" in error.message


def test_a_map_value() -> None:
    error = refusal("lambda", "TagResource", {"Resource": "arn:aws:lambda:x", "Tags": {"k": "v" * 257}})

    assert (
        f"Value '{{k={'v' * 257}}}' at 'tags' failed to satisfy constraint: Map value must" in error.message
    )
    assert "Member must have length less than or equal to 256" in error.message


def test_an_unknown_member_is_named_where_it_stands() -> None:
    actions = [{"Type": "forward", "Tpye": "x"}]

    error = refusal("elbv2", "ModifyRule", {"RuleArn": "r", "Actions": actions})

    assert "at 'actions.1.member.Tpye' failed to satisfy constraint: Member is not known" in error.message


@pytest.mark.parametrize(
    ("member", "value", "type_name"),
    [
        ("Priority", "1", "integer"),
        ("Priority", True, "integer"),
        ("Conditions", {"Field": "x"}, "list"),
        ("Actions", "forward", "list"),
        ("Actions", [["forward"]], "structure"),
        ("ListenerArn", 1, "string"),
    ],
)
def test_a_wrong_type_is_refused_without_showing_the_value(member: str, value: Any, type_name: str) -> None:
    params = {"ListenerArn": "l", "Conditions": [], "Priority": 1, "Actions": [], member: value}

    error = refusal("elbv2", "CreateRule", params)

    path = f"{member[0].lower()}{member[1:]}" + (".1.member" if isinstance(value, list) else "")
    assert error.message == (
        f"1 validation error detected: Value at '{path}' failed to satisfy constraint: "
        f"Member must be of type {type_name}"
    )


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        (
            "cognito-idp",
            "AdminSetUserPassword",
            {"UserPoolId": "a_b", "Username": "u", "Password": " S3CRET "},
        ),
        ("cognito-idp", "GetUser", {"AccessToken": "S3CRET token"}),
        ("lambda", "CreateFunction", create_function(Environment={"Variables": {"1": "S3CRET"}})),
        ("lambda", "CreateFunction", create_function(Environment={"Variables": {"A1": ["S3CRET"]}})),
        ("lambda", "CreateFunction", create_function(Environment={"Variables": "S3CRET"})),
        (
            "cognito-idp",
            "InitiateAuth",
            {"AuthFlow": "X", "ClientId": "c", "AuthParameters": {"P": ["S3CRET"]}},
        ),
    ],
)
def test_a_sensitive_value_is_never_shown(service: str, operation: str, params: dict[str, Any]) -> None:
    error = refusal(service, operation, params)

    assert "S3CRET" not in error.message
    assert "Value at '" in error.message


def test_a_long_value_is_shown_in_part() -> None:
    error = refusal("cloudformation", "CreateStack", {"StackName": "s", "RoleARN": "x" * 600_000})

    assert len(error.message) < 1500
    assert "at 'roleARN'" in error.message


def test_an_operation_without_input_takes_no_parameters() -> None:
    model = ServiceModel(
        {"metadata": {}, "operations": {"Do": {"name": "Do", "http": {}}}, "shapes": {}}, "odd"
    )
    operation: OperationModel = model.operation_model("Do")

    check_input(operation, {})
    with pytest.raises(ServiceError, match="Value at 'X' failed to satisfy constraint: Member is not known"):
        check_input(operation, {"X": 1})


def test_a_name_that_is_no_text_is_unknown() -> None:
    params: dict[Any, Any] = {"RuleArn": "r", 1: "x"}
    assert (
        "Value at '1' failed to satisfy constraint: Member is not known"
        in refusal("elbv2", "DeleteRule", params).message
    )
