"""An account with user pools, as a client sees it: parameters in, outputs as botocore reads them."""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.parsers import create_parser

from sekisho.issuer.cognito.urls import PoolUrls
from sekisho.issuer.cognito.user_tokens import PoolTokens
from sekisho.issuer.keys import generate_private_key
from sekisho.kernel.clock import ManualClock
from sekisho.kernel.errors import ServiceError
from sekisho.kernel.functions import FunctionFailedError, FunctionUnavailableError
from sekisho.kernel.ids import RandomIds
from sekisho.model.sign_ins import OutboxMessage
from sekisho.services.cognito_idp import SERVICE
from sekisho.services.cognito_idp.triggers import PoolTriggers
from sekisho.services.context import TargetHealth
from sekisho.services.registry import Dispatcher
from sekisho.store.sql import SqlStore, open_sqlite
from sekisho.wire import json11
from sekisho.wire.models import load_service_model

REGION = "eu-west-1"
PASSWORD = "Correct-Horse-7"


class Runtime:
    """The running parts: there are none."""

    def target_health(self, target_group_arn: str) -> Mapping[str, TargetHealth]:
        assert target_group_arn
        return {}


class Functions:
    """Runs Python functions by ARN, and keeps the events that they got."""

    def __init__(self) -> None:
        self.handlers: dict[str, Callable[[dict[str, Any]], Any]] = {}
        self.events: list[dict[str, Any]] = []

    def add(self, name: str, handler: Callable[[dict[str, Any]], Any]) -> str:
        arn = f"arn:aws:lambda:{REGION}:000000000000:function:{name}"
        self.handlers[arn] = handler
        return arn

    def invoke(
        self, function_arn: str, event: Mapping[str, Any], principal: str = "", source_arn: str = ""
    ) -> Any:
        assert principal == "cognito-idp.amazonaws.com"
        assert source_arn.endswith(f":userpool/{event['userPoolId']}")
        if function_arn not in self.handlers:
            raise FunctionUnavailableError("ResourceNotFoundException")
        given = json.loads(json.dumps(event))
        self.events.append(json.loads(json.dumps(event)))
        try:
            return self.handlers[function_arn](given)
        except RuntimeError as error:
            raise FunctionFailedError(str(error)) from None


class Account:
    """Calls operations and makes the usual resources."""

    def __init__(self, store: SqlStore, clock: ManualClock, keys: Callable[[], str]) -> None:
        self.store, self.clock, self.functions = store, clock, Functions()
        ids = RandomIds()
        self.tokens = PoolTokens(clock, ids, PoolTriggers(self.functions), PoolUrls(), keys)
        self.dispatcher = Dispatcher(
            (SERVICE,),
            store,
            clock,
            ids,
            "000000000000",
            Runtime(),
            functions=self.functions,
            tokens=self.tokens,
        )

    def call(self, operation: str, region: str = REGION, /, **params: Any) -> dict[str, Any]:
        output = self.dispatcher.call("cognito-idp", operation, params, region)
        model = load_service_model("cognito-idp").operation_model(operation)
        response = json11.encode_response(model, output, "request")
        raw = {"body": response.body, "headers": dict(response.headers), "status_code": response.status}
        if model.output_shape is None:
            assert response.body == b""
            return {}
        parsed: dict[str, Any] = create_parser("json").parse(raw, model.output_shape)
        parsed.pop("ResponseMetadata")
        return parsed

    def refused(self, operation: str, region: str = REGION, /, **params: Any) -> str:
        """Return code and message of a refusal, having checked that the model has the code."""
        with pytest.raises(ServiceError) as caught:
            self.dispatcher.call("cognito-idp", operation, params, region)
        error = caught.value
        model = load_service_model("cognito-idp").operation_model(operation)
        assert error.status == 400
        assert error.code in {shape.name for shape in model.error_shapes}
        return f"{error.code}: {error.message}"

    def unchanged(self, operation: str, /, **params: Any) -> str:
        """Return a refusal, having checked that it left the state as it was."""
        before = self._rows()
        refusal = self.refused(operation, **params)
        assert self._rows() == before
        return refusal

    def _rows(self) -> list[Any]:
        """Return everything that is stored; the version tells nothing of users and sign-ins."""
        with self.store.read() as state:
            rows: Any = state._connection.exec_driver_sql("SELECT * FROM resources ORDER BY sequence").all()
        return list(rows)

    def pool(self, **params: Any) -> str:
        return str(self.call("CreateUserPool", **{"PoolName": "pool", **params})["UserPool"]["Id"])

    def client(self, pool_id: str, **params: Any) -> dict[str, Any]:
        flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        given = {"ClientName": "app", "ExplicitAuthFlows": flows, **params}
        output = self.call("CreateUserPoolClient", UserPoolId=pool_id, **given)
        created: dict[str, Any] = output["UserPoolClient"]
        return created

    def user(self, pool_id: str, username: str = "ada", password: str = PASSWORD, **params: Any) -> None:
        self.call(
            "AdminCreateUser", UserPoolId=pool_id, Username=username, MessageAction="SUPPRESS", **params
        )
        self.call(
            "AdminSetUserPassword",
            UserPoolId=pool_id,
            Username=username,
            Password=password,
            Permanent=True,
        )

    def sign_in(self, client_id: str, username: str = "ada", password: str = PASSWORD) -> dict[str, Any]:
        return self.call(
            "InitiateAuth",
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )

    def sign_in_refused(self, client_id: str, username: str = "ada", password: str = PASSWORD) -> str:
        return self.refused(
            "InitiateAuth",
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )

    def mail(self, pool_id: str) -> OutboxMessage:
        with self.store.read() as state:
            return state.list(OutboxMessage, pool_id)[-1]


def attributes(**values: str) -> list[dict[str, str]]:
    return [{"Name": name.replace("custom_", "custom:"), "Value": value} for name, value in values.items()]


@pytest.fixture(scope="session")
def private_keys() -> tuple[str, ...]:
    return tuple(generate_private_key() for _ in range(4))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def account(tmp_path: Path, clock: ManualClock, private_keys: tuple[str, ...]) -> Iterator[Account]:
    keys = itertools.cycle(private_keys)
    store = open_sqlite(tmp_path / "state.db")
    yield Account(store, clock, lambda: next(keys))
    store.close()
