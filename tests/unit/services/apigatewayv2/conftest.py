"""An account that operations run in, as a client sees it: parameters in, outputs that botocore's model allows out."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.support.outputs import check_output

from sekisho.kernel.clock import ManualClock
from sekisho.kernel.errors import ServiceError
from sekisho.kernel.ids import CountingIds
from sekisho.services.apigatewayv2 import SERVICE
from sekisho.services.context import TargetHealth
from sekisho.services.issuers import IssuerUnavailableError
from sekisho.services.registry import Dispatcher
from sekisho.store.api import Reader
from sekisho.store.sql import SqlStore, open_sqlite
from sekisho.wire.models import load_service_model

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:echo"
ISSUER = "https://tenant.example/"


class Issuers:
    """The issuers of a test: URL -> what its discovery document names."""

    def __init__(self) -> None:
        self.hosted: dict[str, str] = {}
        self.elsewhere: dict[str, str] = {ISSUER: ISSUER}
        self.asked: list[str] = []

    def local(self, state: Reader, issuer: str) -> str | None:
        assert state.version >= 0
        return self.hosted.get(issuer)

    def remote(self, issuer: str) -> str:
        self.asked.append(issuer)
        if issuer not in self.elsewhere:
            raise IssuerUnavailableError("nobody answers")
        return self.elsewhere[issuer]


class NoRuntime:
    """No operation of the service asks the running parts."""

    def target_health(self, target_group_arn: str) -> Mapping[str, TargetHealth]:
        raise AssertionError(target_group_arn)


class Account:
    """Calls operations, checks their outputs against the service model, and makes the usual resources."""

    def __init__(self, store: SqlStore, clock: ManualClock) -> None:
        self.store = store
        self.clock = clock
        self.issuers = Issuers()
        self.dispatcher = Dispatcher(
            (SERVICE,),
            store,
            clock,
            CountingIds(),
            "000000000000",
            NoRuntime(),
            discovery=self.issuers,
        )

    def call(self, operation: str, region: str = "us-east-1", /, **params: Any) -> dict[str, Any]:
        output = self.dispatcher.call("apigatewayv2", operation, params, region)
        check_output("apigatewayv2", operation, output)
        return output

    def refused(self, operation: str, region: str = "us-east-1", /, **params: Any) -> ServiceError:
        """Return the refusal of a call, having checked that it changed nothing and has a code of the model."""
        with self.store.read() as before:
            version = before.version
        with pytest.raises(ServiceError) as caught:
            self.dispatcher.call("apigatewayv2", operation, params, region)
        with self.store.read() as after:
            assert after.version == version
        model = load_service_model("apigatewayv2").operation_model(operation)
        statuses = {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in model.error_shapes}
        # What deletes refuse, and the constraint failures of any operation, the model leaves out.
        statuses |= {"BadRequestException": 400, "ConflictException": 409}
        assert statuses[caught.value.code] == caught.value.status
        return caught.value

    def api(self, name: str = "web", **params: Any) -> str:
        return str(self.call("CreateApi", Name=name, ProtocolType="HTTP", **params)["ApiId"])

    def integration(self, api_id: str, **params: Any) -> str:
        params = {
            "IntegrationType": "HTTP_PROXY",
            "IntegrationMethod": "ANY",
            "IntegrationUri": "http://127.0.0.1:9000/",
            **params,
        }
        return str(self.call("CreateIntegration", ApiId=api_id, **params)["IntegrationId"])

    def route(self, api_id: str, route_key: str = "GET /", **params: Any) -> str:
        return str(self.call("CreateRoute", ApiId=api_id, RouteKey=route_key, **params)["RouteId"])

    def authorizer(self, api_id: str, **params: Any) -> str:
        params = {
            "Name": "tokens",
            "AuthorizerType": "JWT",
            "IdentitySource": ["$request.header.Authorization"],
            "JwtConfiguration": {"Issuer": ISSUER, "Audience": ["me"]},
            **params,
        }
        return str(self.call("CreateAuthorizer", ApiId=api_id, **params)["AuthorizerId"])

    def stage(self, api_id: str, name: str = "$default", **params: Any) -> dict[str, Any]:
        return self.call("CreateStage", ApiId=api_id, StageName=name, **params)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def account(tmp_path: Path, clock: ManualClock) -> Iterator[Account]:
    store = open_sqlite(tmp_path / "state.db")
    yield Account(store, clock)
    store.close()
