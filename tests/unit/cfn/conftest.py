"""A store, and Elastic Load Balancing as CloudFormation sees it from outside: operations with an answer each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest

from sekisho.cfn.engine import Engine
from sekisho.cfn.types import TypeCatalogue
from sekisho.cfn.work import Parts
from sekisho.kernel.clock import ManualClock
from sekisho.kernel.errors import ServiceError
from sekisho.kernel.ids import CountingIds
from sekisho.services.elbv2.cfn import CORE_TYPES
from sekisho.store.api import Writer
from sekisho.store.sql import SqlStore, open_sqlite


@dataclass(frozen=True)
class Thing:
    """What an operation created, kept in the transaction that it was given."""

    KIND: ClassVar[str] = "test.thing"

    arn: str
    params: dict[str, Any]

    @property
    def key(self) -> str:
        return self.arn

    @property
    def scope(self) -> str:
        return "things"


@dataclass
class FakeOperations:
    """The outside world: answers operations, records them, and refuses those that a test names."""

    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    refuse: dict[str, ServiceError] = field(default_factory=dict)

    def call_within(
        self, state: Writer, service: str, operation: str, params: Mapping[str, Any], region: str
    ) -> dict[str, Any]:
        assert service == "elbv2"
        self.calls.append((operation, params))
        if operation in self.refuse:
            raise self.refuse[operation]
        if operation.startswith("Create"):
            return self._create(state, operation.removeprefix("Create"), params, region)
        if operation.startswith("Delete"):
            (arn,) = params.values()
            state.delete(Thing, arn)
        if operation.startswith("Describe") and "Names" in params:
            raise ServiceError("NotFound", "there is none of that name")
        if operation == "DescribeListeners":
            return {"Listeners": []}
        if operation == "DescribeLoadBalancers":
            return {"LoadBalancers": [_load_balancer(arn) for arn in params["LoadBalancerArns"]]}
        if operation == "DescribeTargetGroups":
            arns = params["TargetGroupArns"]
            return {"TargetGroups": [{"TargetGroupArn": arn, "TargetGroupName": arn} for arn in arns]}
        return {}

    def _create(self, state: Writer, kind: str, params: Mapping[str, Any], region: str) -> dict[str, Any]:
        number = len(self.calls)
        arn = f"arn:aws:elasticloadbalancing:{region}:000000000000:{kind.lower()}/app/name/{number}"
        state.put(Thing(arn, dict(params)))
        names = {"LoadBalancer": "LoadBalancerArn", "TargetGroup": "TargetGroupArn"}
        return {f"{kind}s": [{names.get(kind, f"{kind}Arn"): arn}]}

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calls if not name.startswith("Describe")]


def _load_balancer(arn: str) -> dict[str, Any]:
    return {
        "LoadBalancerArn": arn,
        "LoadBalancerName": arn.rpartition("/")[2],
        "DNSName": "name.us-east-1.elb.amazonaws.com",
        "CanonicalHostedZoneId": "Z35SXDOTRQ7X7K",
        "Scheme": "internet-facing",
        "Type": "application",
        "IpAddressType": "ipv4",
    }


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_sqlite(tmp_path / "state.db")
    yield opened
    opened.close()


@pytest.fixture
def operations() -> FakeOperations:
    return FakeOperations()


@pytest.fixture
def engine(store: SqlStore, operations: FakeOperations) -> Engine:
    parts = Parts(store, operations, TypeCatalogue(CORE_TYPES), ManualClock(), CountingIds(), "000000000000")
    return Engine(parts)


@pytest.fixture
def things(store: SqlStore) -> Any:
    def read() -> list[Thing]:
        with store.read() as state:
            return state.list(Thing)

    return read
