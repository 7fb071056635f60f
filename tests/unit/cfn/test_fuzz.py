"""Whatever a template holds: it is applied, undone or refused, and never ends in anything else."""

import copy
import json
import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.cfn.engine import Engine
from sekisho.cfn.types import TypeCatalogue
from sekisho.cfn.work import Parts
from sekisho.kernel.clock import ManualClock
from sekisho.kernel.errors import ServiceError
from sekisho.kernel.ids import CountingIds
from sekisho.model.cloudformation import StackInput, Status
from sekisho.services.elbv2.cfn import CORE_TYPES
from sekisho.store.sql import open_sqlite

TEMPLATE: dict[str, Any] = {
    "Transform": ["AWS::LanguageExtensions"],
    "Parameters": {"Path": {"Type": "CommaDelimitedList", "Default": "/a,/b", "AllowedPattern": ".*"}},
    "Mappings": {"M": {"a": {"b": 80}}},
    "Conditions": {"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}},
    "Rules": {"R": {"Assertions": [{"Assert": {"Fn::Contains": [["/a"], "/a"]}}]}},
    "Resources": {
        "Balancer": {
            "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "Properties": {"Subnets": [{"Ref": "Subnet"}], "Tags": [{"Key": "a", "Value": "b"}]},
        },
        "Subnet": {"Type": "AWS::EC2::Subnet", "DependsOn": ["Custom"], "Properties": {"VpcId": "v"}},
        "Custom": {"Type": "Custom::Thing", "Condition": "C", "DeletionPolicy": "Retain"},
        "Listener": {
            "Type": "AWS::ElasticLoadBalancingV2::Listener",
            "Properties": {
                "LoadBalancerArn": {"Fn::GetAtt": ["Balancer", "LoadBalancerArn"]},
                "Port": {"Fn::FindInMap": ["M", "a", "b"]},
                "DefaultActions": {"Fn::If": ["C", [{"Type": {"Fn::Sub": ["${X}", {"X": "forward"}]}}], []]},
            },
        },
        "Fn::ForEach::L": [
            "I",
            ["x", "y"],
            {"T${I}": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t"}}},
        ],
    },
    "Outputs": {"O": {"Value": {"Fn::Join": ["-", {"Ref": "Path"}]}, "Export": {"Name": "e"}}},
}

_SMALL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 5),
    st.sampled_from(["", "x", "Balancer", "AWS::Region", "C", "${", "${Balancer}", "a.b"]),
    st.just([]),
    st.just({}),
    st.just(["x"]),
    st.just({"Ref": "Balancer"}),
    st.just({"Fn::If": ["C", "a", {"Ref": "AWS::NoValue"}]}),
    st.just({"Fn::GetAtt": ["Custom", "Any"]}),
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every container and key of a value."""
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    found = []
    for key, inner in members:
        found += [(value, key), *places(inner)]
    return found


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.lists(_SMALL, min_size=1, max_size=2), st.booleans())
def test_any_change_of_a_template_is_applied_or_refused(seed: int, values: list[Any], rename: bool) -> None:
    template = copy.deepcopy(TEMPLATE)
    chooser = random.Random(seed)
    for value in values:
        container, key = chooser.choice(places(template))
        if rename and isinstance(container, dict):
            container[str(value)] = container.pop(key)
        else:
            container[key] = value
    deploy_twice(json.dumps(template))


def deploy_twice(text: str) -> None:
    """Create a stack from one template and bring it to another; each may be refused."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_sqlite(Path(folder) / "state.db")
        parts = Parts(
            store, Nothing(), TypeCatalogue(CORE_TYPES), ManualClock(), CountingIds(), "000000000000"
        )
        engine = Engine(parts)
        try:
            for step in (json.dumps(TEMPLATE), text, json.dumps(TEMPLATE)):
                try:
                    events = list(engine.deploy("demo", "us-east-1", StackInput(step)))
                except ServiceError:
                    continue
                resting = (Status.CREATE_COMPLETE, Status.UPDATE_COMPLETE, Status.UPDATE_ROLLBACK_COMPLETE)
                assert not events or events[-1].status in (*resting, Status.ROLLBACK_COMPLETE)
        finally:
            store.close()


class Nothing:
    """An outside world in which every operation answers with something."""

    def call_within(
        self, state: Any, service: str, operation: str, params: Any, region: str
    ) -> dict[str, Any]:
        assert state is not None
        assert service == "elbv2"
        assert region == "us-east-1"
        kind = operation.removeprefix("Create").removeprefix("Describe").rstrip("s")
        if operation.startswith("Describe") and "Names" in params:
            raise ServiceError("NotFound", "there is none")
        if operation == "DescribeListeners":
            return {"Listeners": []}
        balancer = {
            "DNSName": "d",
            "CanonicalHostedZoneId": "z",
            "Scheme": "s",
            "Type": "t",
            "IpAddressType": "i",
        }
        arn = f"arn:aws:elasticloadbalancing:us-east-1:000000000000:{kind}/app/n/1"
        return {f"{kind}s": [{f"{kind}Arn": arn, f"{kind}Name": "n", **balancer}]}
