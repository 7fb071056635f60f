"""How properties are built."""

from typing import Any

import pytest

from sekisho.cfn.shapes import ShapeProblem, find_shape_problem

LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
ACTION = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": 200}}
GOOD = {"LoadBalancerArn": "arn", "Port": "80", "DefaultActions": [ACTION]}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"Port": {"Ref": "P"}},
        {"DefaultActions": {"Fn::If": ["C", [], []]}},
        {"DefaultActions": [{"Fn::If": ["C", "anything", 1]}]},
        {"DefaultActions": [{"Type": "authenticate-oidc", "Fn::ForEach::X": []}]},
        {"Tags": [{"Key": "a", "Value": True}]},
    ],
)
def test_properties_that_may_be_right(change: dict[str, Any]) -> None:
    assert find_shape_problem(LISTENER, {**GOOD, **change}) is None


@pytest.mark.parametrize(
    ("change", "path", "text"),
    [
        ({"Port": [80]}, ("Port",), "#/Port: expected type: String, found: JSONArray"),
        ({"Tags": {"Key": "a"}}, ("Tags",), "#/Tags: expected type: JSONArray, found: JSONObject"),
        ({"Tags": ["a"]}, ("Tags", 0), "#/Tags/0: expected type: JSONObject, found: String"),
        ({"Tags": [{"Key": "a"}]}, ("Tags", 0), "#/Tags/0: required key [Value] not found"),
        (
            {"DefaultActions": [{**ACTION, "Typo": 1}]},
            ("DefaultActions", 0, "Typo"),
            "#/DefaultActions/0: extraneous key [Typo] is not permitted",
        ),
        (
            {"DefaultActions": [{"Type": "jwt-validation", "JwtValidationConfig": {"Issuer": "x"}}]},
            ("DefaultActions", 0, "JwtValidationConfig"),
            "#/DefaultActions/0/JwtValidationConfig: required key [JwksEndpoint] not found",
        ),
    ],
)
def test_properties_that_cannot_be_right(change: dict[str, Any], path: tuple[Any, ...], text: str) -> None:
    assert find_shape_problem(LISTENER, {**GOOD, **change}) == ShapeProblem(path, text)


def test_a_type_whose_shape_is_not_known_may_have_anything() -> None:
    assert find_shape_problem("AWS::SNS::Topic", {"Any": [{"Thing": 1}]}) is None
