from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from botocore.model import ServiceModel

from sekisho.kernel.errors import ServiceError
from sekisho.wire import query
from sekisho.wire.http import Request
from sekisho.wire.models import load_service_model

ELB = load_service_model("elbv2")
NAMESPACE = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"
# botocore's own protocol tests describe what the five services do not use: flattened lists and maps, and maps at all.
ODD = ServiceModel(
    {
        "metadata": {"apiVersion": "1", "protocol": "query", "xmlNamespace": "urn:odd"},
        "operations": {
            "Do": {
                "name": "Do",
                "http": {},
                "input": {"shape": "In"},
                "output": {"shape": "In", "resultWrapper": "R"},
            }
        },
        "shapes": {
            "In": {
                "type": "structure",
                "members": {
                    "Flat": {"shape": "Flat"},
                    "Named": {"shape": "Named"},
                    "Map": {"shape": "Map"},
                    "FlatMap": {"shape": "FlatMap"},
                    "Blob": {"shape": "Blob"},
                    "Time": {"shape": "Time"},
                },
            },
            "Flat": {"type": "list", "member": {"shape": "S"}, "flattened": True},
            "Named": {"type": "list", "member": {"shape": "S", "locationName": "item"}},
            "Map": {"type": "map", "key": {"shape": "S"}, "value": {"shape": "S"}},
            "FlatMap": {
                "type": "map",
                "key": {"shape": "S", "locationName": "K"},
                "value": {"shape": "S", "locationName": "V"},
                "flattened": True,
            },
            "S": {"type": "string"},
            "Blob": {"type": "blob"},
            "Time": {"type": "timestamp"},
        },
    },
    "odd",
)


def post(fields: dict[str, str] | str, **headers: str) -> Request:
    body = fields if isinstance(fields, str) else urlencode(fields)
    return Request(
        "POST", "/", "", {"content-type": "application/x-www-form-urlencoded", **headers}, body.encode()
    )


def elb(action: str, **fields: str) -> Request:
    return post(
        {"Action": action, "Version": "2015-12-01"} | {k.replace("__", "."): v for k, v in fields.items()}
    )


def refusal(request: Request, model: ServiceModel = ELB) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        query.decode_request(model, request)
    return caught.value


def test_lists_and_structures_are_dotted_names() -> None:
    request = elb(
        "CreateRule",
        ListenerArn="l",
        Priority="10",
        Conditions__member__1__Field="path-pattern",
        Conditions__member__1__Values__member__1="/a b",
        Actions__member__2__Type="forward",
        Actions__member__1__Type="jwt-validation",
        Actions__member__1__JwtValidationConfig__JwksEndpoint="https://i/jwks",
        Tags="",
    )
    assert query.decode_request(ELB, request) == (
        "CreateRule",
        {
            "ListenerArn": "l",
            "Priority": 10,
            "Conditions": [{"Field": "path-pattern", "Values": ["/a b"]}],
            "Actions": [
                {"Type": "jwt-validation", "JwtValidationConfig": {"JwksEndpoint": "https://i/jwks"}},
                {"Type": "forward"},
            ],
            "Tags": [],
        },
    )


def test_ten_items_are_in_the_order_of_their_numbers() -> None:
    names = {f"Names__member__{number}": f"n{number}" for number in (10, 2, 1, 9)}
    _, params = query.decode_request(ELB, elb("DescribeLoadBalancers", **names))
    assert params == {"Names": ["n1", "n2", "n9", "n10"]}


def test_the_query_string_counts_and_its_signature_does_not() -> None:
    request = Request(
        "GET",
        "/",
        "Action=DescribeLoadBalancers&Version=2015-12-01&PageSize=5&X-Amz-Date=20261121T000000Z",
        {},
        b"",
    )
    assert query.decode_request(ELB, request) == ("DescribeLoadBalancers", {"PageSize": 5})


def test_flattened_lists_maps_blobs_and_times() -> None:
    fields = {
        "Flat.1": "a",
        "Flat.2": "b",
        "Named.item.1": "c",
        "Map.entry.1.key": "k.1",
        "Map.entry.1.value": "v",
        "FlatMap.1.K": "k",
        "FlatMap.1.V": "v",
        "Blob": "AAE=",
        "Time": "2026-11-21T00:00:00Z",
    }
    values = {
        "Flat": ["a", "b"],
        "Named": ["c"],
        "Map": {"k.1": "v"},
        "FlatMap": {"k": "v"},
        "Blob": b"\x00\x01",
        "Time": datetime(2026, 11, 21, tzinfo=UTC),
    }

    assert query.decode_request(ODD, post({"Action": "Do", "Version": "1", **fields})) == ("Do", values)

    response = query.encode_response(ODD.operation_model("Do"), values, "r")
    assert response.body.decode() == (
        '<DoResponse xmlns="urn:odd"><R><Flat>a</Flat><Flat>b</Flat><Named><item>c</item></Named>'
        "<Map><entry><key>k.1</key><value>v</value></entry></Map><FlatMap><K>k</K><V>v</V></FlatMap>"
        "<Blob>AAE=</Blob><Time>2026-11-21T00:00:00.000Z</Time></R>"
        "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></DoResponse>"
    )


@pytest.mark.parametrize(
    ("fields", "code", "text"),
    [
        ({}, "MissingAction", "missing an action"),
        (
            {"Action": "Fly", "Version": "2015-12-01"},
            "InvalidAction",
            "Could not find operation Fly for version 2015-12-01",
        ),
        (
            {"Action": "DeleteRule", "Version": "1"},
            "InvalidAction",
            "Could not find operation DeleteRule for version 1",
        ),
        (
            {"Action": "DeleteRule"},
            "InvalidAction",
            "Could not find operation DeleteRule for version NO_VERSION",
        ),
    ],
)
def test_an_unknown_action(fields: dict[str, str], code: str, text: str) -> None:
    error = refusal(post(fields))
    assert (error.code, error.status) == (code, 400)
    assert text in error.message


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"Priority": "ten"}, "priority"),
        ({"Priority": ""}, "priority"),
        ({"Priority.1": "1"}, "priority"),
        ({"Actions": "x"}, "actions"),
        ({"Actions.1.Type": "x"}, "actions"),
        ({"Actions.member": "x"}, "actions"),
        ({"Actions.member.0.Type": "x"}, "actions"),
        ({"Actions.member.x.Type": "x"}, "actions"),
        ({"Actions.member.1": "x"}, "actions.1.member"),
        ({"Actions.member.1.Order": "1.5"}, "actions.1.member.order"),
    ],
)
def test_a_malformed_parameter_is_named(fields: dict[str, str], path: str) -> None:
    error = refusal(post({"Action": "CreateRule", "Version": "2015-12-01", **fields}))
    assert (error.code, error.status) == ("MalformedInput", 400)
    assert error.message.endswith(f" at '{path}'")


def test_an_unknown_parameter_is_refused() -> None:
    error = refusal(elb("CreateRule", Actions__member__1__JwtValidation__Issuer="x"))
    assert error.code == "ValidationError"
    assert (
        "'actions.1.member.JwtValidation' failed to satisfy constraint: Member is not known" in error.message
    )


def test_a_parameter_given_twice_is_refused() -> None:
    error = refusal(post("Action=DeleteRule&Version=2015-12-01&RuleArn=a&RuleArn=b"))
    assert error.message == "A parameter was given twice at 'RuleArn'"


@pytest.mark.parametrize("body", [b"Action=\xff", b"Action=%ff"])
def test_a_form_that_is_not_utf8_is_refused(body: bytes) -> None:
    assert refusal(Request("POST", "/", "", {}, body)).code == "MalformedInput"


def test_a_response_without_output_still_has_its_metadata() -> None:
    response = query.encode_response(ELB.operation_model("DeleteRule"), {}, "id-1")
    assert response.status == 200
    assert response.headers == (("Content-Type", "text/xml"), ("x-amzn-RequestId", "id-1"))
    assert response.body.decode() == (
        f'<DeleteRuleResponse xmlns="{NAMESPACE}"><DeleteRuleResult/>'
        "<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></DeleteRuleResponse>"
    )


def test_a_member_that_is_none_is_left_out_and_an_empty_list_is_not() -> None:
    output: dict[str, Any] = {"LoadBalancers": [], "NextMarker": None}
    body = query.encode_response(ELB.operation_model("DescribeLoadBalancers"), output, "r").body
    assert b"<DescribeLoadBalancersResult><LoadBalancers/></DescribeLoadBalancersResult>" in body


@pytest.mark.parametrize("output", [{"Loadbalancers": []}, {"LoadBalancers": [{"Arn": "x"}]}])
def test_an_output_that_the_model_does_not_know_is_a_bug(output: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="has no members"):
        query.encode_response(ELB.operation_model("DescribeLoadBalancers"), output, "r")


def test_what_xml_cannot_hold_does_not_break_the_document() -> None:
    output = {"NextMarker": "a\x00b\ufffe\r\n<&>]]>"}
    body = query.encode_response(ELB.operation_model("DescribeLoadBalancers"), output, "r").body
    marker = ET.fromstring(body).find(f".//{{{NAMESPACE}}}NextMarker")
    assert marker is not None
    assert marker.text == "a\ufffdb\ufffd\r\n<&>]]>"


def test_an_error() -> None:
    response = query.encode_error(ELB, ServiceError("RuleNotFound", "One or more rules <not> found"), "id-1")
    assert response.status == 400
    assert response.body.decode() == (
        f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>Sender</Type><Code>RuleNotFound</Code>'
        "<Message>One or more rules &lt;not&gt; found</Message></Error><RequestId>id-1</RequestId></ErrorResponse>"
    )


def test_an_error_of_the_server() -> None:
    error = ServiceError("InternalFailure", "m", 500, sender_fault=False)
    response = query.encode_error(None, error, "id-1")
    assert response.status == 500
    assert response.body.startswith(b"<ErrorResponse><Error><Type>Receiver</Type>")
