"""An account with CloudFormation and the services whose resources it makes, as a client sees it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.support.outputs import check_output

from sekisho.functions.runner import Functions
from sekisho.issuer.cognito.user_tokens import PoolTokens
from sekisho.kernel.clock import ManualClock
from sekisho.kernel.errors import ServiceError
from sekisho.kernel.functions import NoFunctions
from sekisho.kernel.ids import CountingIds
from sekisho.services import SERVICES
from sekisho.services.cognito_idp.triggers import PoolTriggers
from sekisho.services.context import TargetHealth
from sekisho.services.registry import Dispatcher
from sekisho.store.sql import SqlStore, open_sqlite

REGION = "us-east-1"
CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


class Runtime:
    """The running parts: there are none."""

    def target_health(self, target_group_arn: str) -> Mapping[str, TargetHealth]:
        assert target_group_arn
        return {}


class Account:
    """Calls operations and checks CloudFormation's outputs against the service model."""

    def __init__(self, store: SqlStore, folder: Path) -> None:
        self.store = store
        clock, ids = ManualClock(), CountingIds()
        tokens = PoolTokens(clock, ids, PoolTriggers(NoFunctions()))
        # It keeps code; nothing is invoked here.
        hosting = Functions(store, folder / "functions", clock, ids)
        self._dispatcher = Dispatcher(
            SERVICES, store, clock, ids, "000000000000", Runtime(), tokens=tokens, hosting=hosting
        )

    def call(self, operation: str, /, **params: Any) -> dict[str, Any]:
        output = self._dispatcher.call("cloudformation", operation, params, REGION)
        check_output("cloudformation", operation, output)
        return output

    def elbv2(self, operation: str, /, **params: Any) -> dict[str, Any]:
        return self._dispatcher.call("elbv2", operation, params, REGION)

    def idp(self, operation: str, /, **params: Any) -> dict[str, Any]:
        return self._dispatcher.call("cognito-idp", operation, params, REGION)

    def apis(self, operation: str, /, **params: Any) -> dict[str, Any]:
        return self._dispatcher.call("apigatewayv2", operation, params, REGION)

    def functions(self, operation: str, /, **params: Any) -> dict[str, Any]:
        return self._dispatcher.call("lambda", operation, params, REGION)

    def refused(self, operation: str, /, **params: Any) -> ServiceError:
        """Return the refusal of a call, having checked that it changed nothing."""
        with self.store.read() as before:
            version = before.version
        with pytest.raises(ServiceError) as caught:
            self._dispatcher.call("cloudformation", operation, params, REGION)
        with self.store.read() as after:
            assert after.version == version
        return caught.value

    def create(self, template: str, name: str = "demo", **parameters: str) -> str:
        created = self.call(
            "CreateStack",
            StackName=name,
            TemplateBody=template,
            Parameters=encode_parameters(parameters),
            Capabilities=CAPABILITIES,
        )
        return str(created["StackId"])

    def status(self, name: str = "demo") -> str:
        return str(self.describe(name)["StackStatus"])

    def describe(self, name: str = "demo") -> dict[str, Any]:
        (stack,) = self.call("DescribeStacks", StackName=name)["Stacks"]
        return dict(stack)

    def reasons(self, name: str = "demo") -> list[str]:
        """Return why what failed did."""
        events = self.call("DescribeStackEvents", StackName=name)["StackEvents"]
        return [
            str(event["ResourceStatusReason"])
            for event in events
            if event["ResourceStatus"].endswith("_FAILED")
        ]


def encode_parameters(parameters: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]


@pytest.fixture
def new_account(tmp_path: Path) -> Iterator[Callable[[str], Account]]:
    """Opens accounts that know nothing of each other."""
    with ExitStack() as stack:

        def open_account(name: str) -> Account:
            folder = tmp_path / name
            folder.mkdir()
            store = open_sqlite(folder / "state.db")
            stack.callback(store.close)
            return Account(store, folder)

        yield open_account


@pytest.fixture
def account(new_account: Callable[[str], Account]) -> Account:
    return new_account("account")
