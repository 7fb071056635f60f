"""An account that operations run in, as a client sees it: parameters in, outputs that botocore's model allows out."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.support.outputs import check_output

from sekisho.kernel.clock import ManualClock
from sekisho.kernel.errors import ServiceError
from sekisho.kernel.ids import CountingIds
from sekisho.services.context import TargetHealth
from sekisho.services.elbv2 import SERVICE
from sekisho.services.registry import Dispatcher
from sekisho.store.sql import SqlStore, open_sqlite

CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/11111111-2222-3333-4444-555555555555"
FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
JWT = {
    "Issuer": "https://dev-example.us.auth0.com/",
    "JwksEndpoint": "https://dev-example.us.auth0.com/.well-known/jwks.json",
}


class Runtime:
    """The running parts: they know the health that a test sets."""

    def __init__(self) -> None:
        self.health: dict[str, TargetHealth] = {}

    def target_health(self, target_group_arn: str) -> Mapping[str, TargetHealth]:
        assert target_group_arn.startswith("arn:aws:elasticloadbalancing:")
        return self.health


class Account:
    """Calls operations, checks their outputs against the service model, and makes the usual resources."""

    def __init__(self, store: SqlStore, clock: ManualClock, runtime: Runtime) -> None:
        self.store = store
        self.clock = clock
        self.runtime = runtime
        self._dispatcher = Dispatcher((SERVICE,), store, clock, CountingIds(), "000000000000", runtime)

    def call(self, operation: str, region: str = "us-east-1", /, **params: Any) -> dict[str, Any]:
        output = self._dispatcher.call("elbv2", operation, params, region)
        check_output("elbv2", operation, output)
        return output

    def refused(self, operation: str, region: str = "us-east-1", /, **params: Any) -> ServiceError:
        """Return the refusal of a call, having checked that it changed nothing and is an error of the model."""
        with self.store.read() as before:
            version = before.version
        with pytest.raises(ServiceError) as caught:
            self._dispatcher.call("elbv2", operation, params, region)
        with self.store.read() as after:
            assert after.version == version
        return caught.value

    def load_balancer(self, name: str = "web", **params: Any) -> str:
        params = {"Subnets": ["subnet-1", "subnet-2"], **params}
        created = self.call("CreateLoadBalancer", Name=name, **params)
        return str(created["LoadBalancers"][0]["LoadBalancerArn"])

    def target_group(self, name: str = "app", **params: Any) -> str:
        params = {"TargetType": "ip", "Protocol": "HTTP", "Port": 8080, "VpcId": "vpc-1", **params}
        if params["TargetType"] == "lambda":
            params = {
                name: value for name, value in params.items() if name not in ("Protocol", "Port", "VpcId")
            }
        return str(self.call("CreateTargetGroup", Name=name, **params)["TargetGroups"][0]["TargetGroupArn"])

    def listener(self, load_balancer_arn: str, port: int = 80, **params: Any) -> str:
        params = {"Protocol": "HTTP", "DefaultActions": [FIXED], **params}
        created = self.call("CreateListener", LoadBalancerArn=load_balancer_arn, Port=port, **params)
        return str(created["Listeners"][0]["ListenerArn"])

    def https_listener(self, load_balancer_arn: str, port: int = 443, **params: Any) -> str:
        certificates = [{"CertificateArn": CERTIFICATE}]
        return self.listener(load_balancer_arn, port, Protocol="HTTPS", Certificates=certificates, **params)

    def rule(self, listener_arn: str, priority: int = 1, **params: Any) -> str:
        conditions = [{"Field": "path-pattern", "Values": ["/a/*"]}]
        params = {"Conditions": conditions, "Actions": [FIXED], **params}
        created = self.call("CreateRule", ListenerArn=listener_arn, Priority=priority, **params)
        return str(created["Rules"][0]["RuleArn"])


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def account(tmp_path: Path, clock: ManualClock) -> Iterator[Account]:
    store = open_sqlite(tmp_path / "state.db")
    yield Account(store, clock, Runtime())
    store.close()
