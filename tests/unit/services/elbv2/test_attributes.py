import pytest
from botocore.model import StructureShape

from sekisho.services.elbv2.attributes import (
    HTTPS_LISTENER_ATTRIBUTES,
    LAMBDA_ATTRIBUTES,
    LOAD_BALANCER_ATTRIBUTES,
    TARGET_GROUP_ATTRIBUTES,
    Attribute,
)
from sekisho.wire.models import load_service_model

from .conftest import Account

NOUNS = {"LoadBalancer": "LoadBalancerArn", "Listener": "ListenerArn", "TargetGroup": "TargetGroupArn"}


def make(account: Account, noun: str) -> str:
    if noun == "LoadBalancer":
        return account.load_balancer()
    if noun == "TargetGroup":
        return account.target_group()
    return account.https_listener(account.load_balancer())


def describe(account: Account, noun: str, arn: str) -> dict[str, str]:
    answer = account.call(f"Describe{noun}Attributes", **{NOUNS[noun]: arn})
    return {entry["Key"]: entry["Value"] for entry in answer["Attributes"]}


def change(noun: str, arn: str, **attributes: str) -> dict[str, object]:
    entries = [{"Key": key.replace("__", "."), "Value": value} for key, value in attributes.items()]
    return {NOUNS[noun]: arn, "Attributes": entries}


@pytest.mark.parametrize(
    ("shape", "rows"),
    [
        ("LoadBalancerAttribute", LOAD_BALANCER_ATTRIBUTES),
        ("TargetGroupAttribute", (*TARGET_GROUP_ATTRIBUTES, *LAMBDA_ATTRIBUTES)),
        ("ListenerAttribute", HTTPS_LISTENER_ATTRIBUTES),
    ],
)
def test_every_key_is_in_the_documentation_of_the_model(shape: str, rows: tuple[Attribute, ...]) -> None:
    structure = load_service_model("elbv2").shape_for(shape)
    assert isinstance(structure, StructureShape)
    documentation = structure.members["Key"].documentation
    unknown = [row.key for row in rows if row.key not in documentation]
    assert not unknown


@pytest.mark.parametrize(
    "table", [LOAD_BALANCER_ATTRIBUTES, TARGET_GROUP_ATTRIBUTES, HTTPS_LISTENER_ATTRIBUTES]
)
def test_every_default_is_valid(table: tuple[Attribute, ...]) -> None:
    assert all(row.is_valid(row.default) for row in table)


@pytest.mark.parametrize("noun", NOUNS)
def test_all_are_described_and_only_what_is_named_changes(account: Account, noun: str) -> None:
    arn = make(account, noun)
    before = describe(account, noun, arn)
    key, value = {
        "LoadBalancer": ("idle_timeout.timeout_seconds", "4000"),
        "TargetGroup": ("deregistration_delay.timeout_seconds", "0"),
        "Listener": ("routing.http.response.x_frame_options.header_value", "DENY"),
    }[noun]
    answer = account.call(f"Modify{noun}Attributes", **change(noun, arn, **{key: value}))
    after = {entry["Key"]: entry["Value"] for entry in answer["Attributes"]}
    assert after == {**before, key: value}
    assert describe(account, noun, arn) == after


@pytest.mark.parametrize(
    ("noun", "key", "value"),
    [
        ("LoadBalancer", "idle_timeout.timeout_seconds", "0"),
        ("LoadBalancer", "idle_timeout.timeout_seconds", "4001"),
        ("LoadBalancer", "idle_timeout.timeout_seconds", "6e1"),
        ("LoadBalancer", "client_keep_alive.seconds", "59"),
        ("LoadBalancer", "routing.http2.enabled", "yes"),
        ("LoadBalancer", "routing.http.xff_header_processing.mode", "drop"),
        ("LoadBalancer", "load_balancing.cross_zone.enabled", "false"),
        ("LoadBalancer", "access_logs.s3.prefix", "logs/AWSLogs"),
        ("LoadBalancer", "stickiness.enabled", "true"),
        ("TargetGroup", "deregistration_delay.timeout_seconds", "3601"),
        ("TargetGroup", "stickiness.type", "source_ip"),
        ("TargetGroup", "stickiness.app_cookie.cookie_name", "AWSALBAPP-0"),
        ("TargetGroup", "stickiness.app_cookie.cookie_name", "a=b"),
        ("TargetGroup", "slow_start.duration_seconds", "29"),
        ("TargetGroup", "lambda.multi_value_headers.enabled", "true"),
        ("Listener", "routing.http.response.server.enabled", ""),
        ("Listener", "routing.http.response.x_frame_options.header_value", "a\r\nb"),
        ("Listener", "routing.http.response.content_security_policy.header_value", "a" * 1025),
        ("Listener", "tcp.idle_timeout.seconds", "60"),
    ],
)
def test_other_keys_and_values_are_refused(account: Account, noun: str, key: str, value: str) -> None:
    arn = make(account, noun)
    error = account.refused(f"Modify{noun}Attributes", **change(noun, arn, **{key: value}))
    assert error.code == "ValidationError"
    assert f"'{key}'" in error.message


def test_logs_need_a_bucket(account: Account) -> None:
    arn = account.load_balancer()
    on = {"access_logs__s3__enabled": "true"}
    error = account.refused("ModifyLoadBalancerAttributes", **change("LoadBalancer", arn, **on))
    assert error.code == "InvalidConfigurationRequest"
    both = change("LoadBalancer", arn, **on, access_logs__s3__bucket="my-logs")
    account.call("ModifyLoadBalancerAttributes", **both)
    assert describe(account, "LoadBalancer", arn)["access_logs.s3.bucket"] == "my-logs"


@pytest.mark.parametrize(
    "attributes",
    [
        {"stickiness__enabled": "true", "stickiness__type": "app_cookie"},
        {"slow_start__duration_seconds": "30", "load_balancing__algorithm__type": "weighted_random"},
    ],
)
def test_settings_that_do_not_go_together_are_refused(account: Account, attributes: dict[str, str]) -> None:
    arn = account.target_group()
    error = account.refused("ModifyTargetGroupAttributes", **change("TargetGroup", arn, **attributes))
    assert error.code == "InvalidConfigurationRequest"


def test_lambda_groups_have_their_own(account: Account) -> None:
    arn = account.target_group(TargetType="lambda")
    multi = change("TargetGroup", arn, lambda__multi_value_headers__enabled="true")
    account.call("ModifyTargetGroupAttributes", **multi)
    described = describe(account, "TargetGroup", arn)
    assert described["lambda.multi_value_headers.enabled"] == "true"
    assert "deregistration_delay.timeout_seconds" not in described


def test_internal_load_balancers_keep_gateways_out(account: Account) -> None:
    internal = describe(account, "LoadBalancer", account.load_balancer("internal", Scheme="internal"))
    public = describe(account, "LoadBalancer", account.load_balancer("public"))
    assert (internal["ipv6.deny_all_igw_traffic"], public["ipv6.deny_all_igw_traffic"]) == ("true", "false")


def test_a_change_of_protocol_keeps_what_both_have(account: Account) -> None:
    arn = account.https_listener(account.load_balancer())
    frame = "routing.http.response.x_frame_options.header_value"
    account.call("ModifyListenerAttributes", **change("Listener", arn, **{frame: "DENY"}))
    account.call("ModifyListener", ListenerArn=arn, Protocol="HTTP")
    described = describe(account, "Listener", arn)
    assert described[frame] == "DENY"
    assert not [key for key in described if key.startswith("routing.http.request.")]
