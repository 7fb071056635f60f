from datetime import UTC, datetime
from typing import Any

import pytest

from sekisho.wire.coerce import coerce_input
from sekisho.wire.models import load_service_model


def coerce(operation: str, params: dict[str, Any], service: str = "elbv2") -> dict[str, Any]:
    return coerce_input(load_service_model(service).operation_model(operation), params)


@pytest.mark.parametrize(
    ("given", "typed"),
    [
        ("80", 80),
        (80, 80),
        (80.0, 80),
        ("-1", -1),
        ("80.5", "80.5"),
        ("", ""),
        ("eighty", "eighty"),
        (True, True),
    ],
)
def test_numbers(given: Any, typed: Any) -> None:
    port = coerce("CreateTargetGroup", {"Port": given})["Port"]
    assert port == typed
    assert type(port) is type(typed)


@pytest.mark.parametrize(
    ("given", "typed"), [("true", True), ("False", False), (True, True), ("yes", "yes"), (1, 1)]
)
def test_booleans(given: Any, typed: Any) -> None:
    enabled = coerce("CreateTargetGroup", {"HealthCheckEnabled": given})["HealthCheckEnabled"]
    assert enabled == typed
    assert type(enabled) is type(typed)


@pytest.mark.parametrize(
    ("given", "typed"), [(200, "200"), (True, "true"), (1.5, "1.5"), ("x", "x"), (None, None)]
)
def test_strings(given: Any, typed: Any) -> None:
    assert coerce("CreateTargetGroup", {"Matcher": {"HttpCode": given}}) == {"Matcher": {"HttpCode": typed}}


def test_lists_and_maps() -> None:
    actions = [{"Type": "forward", "Order": "1"}]
    assert coerce("ModifyRule", {"Actions": actions}) == {"Actions": [{"Type": "forward", "Order": 1}]}
    variables = {"Environment": {"Variables": {"A": 1}}}
    assert coerce("CreateFunction", variables, "lambda") == {"Environment": {"Variables": {"A": "1"}}}


def test_times() -> None:
    params = {"StartedAfter": "2026-11-21T00:00:00Z", "StartedBefore": "soon"}
    typed = coerce("ListDurableExecutionsByFunction", params, "lambda")
    assert typed == {"StartedAfter": datetime(2026, 11, 21, tzinfo=UTC), "StartedBefore": "soon"}


def test_what_does_not_fit_is_left_alone() -> None:
    odd = {"Actions": "forward", "Matcher": [1], "Unknown": {"a": 1}, "Tags": {"Key": 1}}
    assert coerce("CreateTargetGroup", odd) == odd


def test_the_input_is_not_changed() -> None:
    params = {"Port": "80", "Matcher": {"HttpCode": 200}}
    coerce("CreateTargetGroup", params)
    assert params == {"Port": "80", "Matcher": {"HttpCode": 200}}
