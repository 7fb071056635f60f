import botocore.exceptions
import pytest

from sekisho.wire.models import SERVED, load_service_model


@pytest.mark.parametrize("service", SERVED)
def test_the_models_name_what_the_wire_needs(service: str) -> None:
    model = load_service_model(service)
    assert model.service_name == service
    assert model.metadata["protocol"] in ("query", "json", "rest-json")
    assert load_service_model(service) is model


def test_jwt_validation_is_in_the_model() -> None:
    action = load_service_model("elbv2").shape_for("Action")
    assert "JwtValidationConfig" in action.members  # type: ignore[attr-defined]


def test_an_unknown_service() -> None:
    with pytest.raises(botocore.exceptions.UnknownServiceError):
        load_service_model("no-such-service")
