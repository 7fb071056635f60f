import inspect

import pytest

from sekisho.kernel.errors import ServiceError
from sekisho.services.elbv2 import errors
from sekisho.wire.models import load_service_model

CONSTRUCTORS = [
    function
    for _, function in inspect.getmembers(errors, inspect.isfunction)
    if function.__module__ == errors.__name__ and function not in (errors.too_many, errors.validation_error)
]


# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/CommonErrors.html
COMMON = {"AccessDenied": 403}


def codes_of_the_model() -> dict[str, int]:
    model = load_service_model("elbv2")
    shapes = [model.shape_for(name) for name in model.shape_names]
    found = [shape.metadata["error"] for shape in shapes if "error" in shape.metadata]
    return COMMON | {error["code"]: error["httpStatusCode"] for error in found}


@pytest.mark.parametrize("constructor", CONSTRUCTORS, ids=lambda function: function.__name__)
def test_every_error_is_one_of_the_model(constructor: object) -> None:
    assert callable(constructor)
    error = constructor(*("x" for _ in inspect.signature(constructor).parameters))
    assert isinstance(error, ServiceError)
    assert codes_of_the_model()[error.code] == error.status


@pytest.mark.parametrize("what", errors._QUOTAS)
def test_every_quota_has_its_code(what: str) -> None:
    assert codes_of_the_model()[errors.too_many(what, 1).code] == 400
