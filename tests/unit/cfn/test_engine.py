"""Stacks from one state to the next, against an outside world that answers operations."""

from collections.abc import Callable
from typing import Any

import pytest

from sekisho.cfn.engine import Engine
from sekisho.cfn.errors import TemplateError
from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import (
    DeclaredResource,
    Stack,
    StackEvent,
    StackInput,
    StackResource,
    Status,
)
from sekisho.store.sql import SqlStore

REGION = "us-east-1"

TEMPLATE = """\
Parameters:
  Priority: {Type: Number, Default: 1}
Resources:
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: !Ref Priority
      Conditions: [{Field: path-pattern, Values: [/a]}]
      Actions: [{Type: forward, TargetGroupArn: !Ref Group}]
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {Port: 8080, Protocol: HTTP, VpcId: !Ref Vpc, TargetType: ip}
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Subnets: [!Ref SubnetA, !Ref SubnetB]
      LoadBalancerAttributes: [{Key: idle_timeout.timeout_seconds, Value: '30'}]
  Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}
  SubnetA: {Type: 'AWS::EC2::Subnet', Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}
  SubnetB: {Type: 'AWS::EC2::Subnet', Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
Outputs:
  Dns: {Value: !GetAtt Balancer.DNSName, Export: {Name: !Sub '${AWS::StackName}-dns'}}
"""
ELB = "AWS::ElasticLoadBalancingV2"
FORMAT = "Template format error:"
PLACE = "/Outputs/Dns/Value/Fn::GetAtt"
REFUSED = ServiceError("PriorityInUse", "Priority '7' is currently in use")


def deploy(
    engine: Engine, template: str = TEMPLATE, name: str = "demo", **parameters: str
) -> list[StackEvent]:
    return list(engine.deploy(name, REGION, StackInput(template, parameters, "t.yaml")))


def stack_of(store: SqlStore, name: str = "demo") -> Stack:
    with store.read() as state:
        return next(stack for stack in state.list(Stack) if stack.name == name and stack.deleted is None)


def resources_of(store: SqlStore) -> dict[str, StackResource]:
    with store.read() as state:
        return {resource.logical_id: resource for resource in state.list(StackResource)}


def statuses(events: list[StackEvent], logical_id: str) -> list[str]:
    return [str(event.status) for event in events if event.logical_id == logical_id]


@pytest.mark.semantics("CFN-01")
def test_creation_follows_dependencies(engine: Engine, operations: Any, store: SqlStore) -> None:
    events = deploy(engine)
    assert events[-1].status is Status.CREATE_COMPLETE
    assert operations.names == [
        "CreateLoadBalancer",
        "ModifyLoadBalancerAttributes",
        "CreateTargetGroup",
        "CreateListener",
        "CreateRule",
    ]
    created = dict(operations.calls)
    resources = resources_of(store)
    assert created["CreateRule"]["Priority"] == 1
    group = resources["Group"].current
    assert group is not None
    assert created["CreateListener"]["DefaultActions"][0]["TargetGroupArn"] == group.physical_id
    subnets = created["CreateLoadBalancer"]["Subnets"]
    assert all(subnet.startswith("subnet-") and len(subnet) == 24 for subnet in subnets)
    assert created["CreateLoadBalancer"]["Name"].startswith("demo-Balancer-")
    (output,) = stack_of(store).outputs
    assert (output.value, output.export_name) == ("name.us-east-1.elb.amazonaws.com", "demo-dns")


def test_events_are_those_of_aws(engine: Engine) -> None:
    events = deploy(engine)
    assert statuses(events, "demo") == ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]
    assert events[0].reason == "User Initiated"
    rule = [(str(event.status), event.reason) for event in events if event.logical_id == "Rule"]
    assert rule == [
        ("CREATE_IN_PROGRESS", ""),
        ("CREATE_IN_PROGRESS", "Resource creation Initiated"),
        ("CREATE_COMPLETE", ""),
    ]


def test_a_second_run_changes_nothing(engine: Engine, operations: Any) -> None:
    deploy(engine)
    operations.calls.clear()
    assert deploy(engine) == []
    assert operations.calls == []


@pytest.mark.semantics("CFN-08")
def test_update_without_changes_is_refused(engine: Engine, store: SqlStore) -> None:
    deploy(engine)
    with pytest.raises(ServiceError, match=r"^No updates are to be performed\.$"):
        engine.begin_update(stack_of(store).id, StackInput(TEMPLATE))


@pytest.mark.semantics("CFN-03")
def test_only_what_changed_is_touched(engine: Engine, operations: Any) -> None:
    deploy(engine)
    operations.calls.clear()
    events = deploy(engine, Priority="7")
    assert operations.names == ["SetRulePriorities"]
    assert statuses(events, "demo") == [
        "UPDATE_IN_PROGRESS",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_COMPLETE",
    ]
    assert {event.logical_id for event in events} == {"demo", "Rule"}


@pytest.mark.semantics("CFN-04")
def test_a_create_only_property_replaces(engine: Engine, operations: Any, store: SqlStore) -> None:
    deploy(engine)
    before = resources_of(store)["Group"].current
    operations.calls.clear()
    events = deploy(engine, TEMPLATE.replace("Port: 8080", "Port: 9090"))
    after = resources_of(store)["Group"].current
    assert before is not None
    assert after is not None
    assert before.physical_id != after.physical_id
    # The new one is there before anything points to it, the old one goes when nothing does any more.
    assert operations.names == ["CreateTargetGroup", "ModifyListener", "ModifyRule", "DeleteTargetGroup"]
    assert operations.calls[-1][1] == {"TargetGroupArn": before.physical_id}
    assert "creation of a new physical resource" in next(e.reason for e in events if e.logical_id == "Group")


@pytest.mark.semantics("CFN-05")
def test_a_named_resource_is_not_replaced_under_its_name(engine: Engine, operations: Any) -> None:
    named = TEMPLATE.replace("{Port: 8080", "{Name: mine, Port: 8080")
    deploy(engine, named)
    events = deploy(engine, named.replace("8080", "9090"))
    assert events[-1].status is Status.UPDATE_ROLLBACK_COMPLETE
    failed = next(event for event in events if event.status is Status.UPDATE_FAILED)
    assert failed.reason == (
        "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
        "Rename mine and update the stack again."
    )
    assert failed.location.startswith("t.yaml:")
    assert "Properties/Name" in failed.location
    assert operations.names[-1] != "DeleteTargetGroup"


@pytest.mark.semantics("CFN-06")
def test_what_left_the_template_is_deleted_last(engine: Engine, operations: Any, store: SqlStore) -> None:
    deploy(engine)
    operations.calls.clear()
    start, end = TEMPLATE.index("  Rule:"), TEMPLATE.index("  Listener:")
    events = deploy(engine, TEMPLATE[:start] + TEMPLATE[end:])
    assert operations.names == ["DeleteRule"]
    assert "Rule" not in resources_of(store)
    order = [str(event.status) for event in events]
    assert order.index("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS") < order.index("DELETE_COMPLETE")


@pytest.mark.semantics("CFN-02")
def test_a_failed_creation_is_undone_and_says_where(
    engine: Engine, operations: Any, store: SqlStore, things: Callable[[], list[Any]]
) -> None:
    operations.refuse["CreateRule"] = REFUSED
    events = deploy(engine, Priority="7")
    failed = next(event for event in events if event.status is Status.CREATE_FAILED)
    assert failed.logical_id == "Rule"
    assert failed.reason.startswith(
        "Resource handler returned message: \"Priority '7' is currently in use "
        "(Service: ElasticLoadBalancingV2, Status Code: 400, Request ID: "
    )
    assert failed.reason.endswith("HandlerErrorCode: AlreadyExists)")
    assert failed.location == "t.yaml:8:7 Resources/Rule/Properties/Priority"
    rolled_back = next(event for event in events if event.status is Status.ROLLBACK_IN_PROGRESS)
    assert rolled_back.reason == (
        "The following resource(s) failed to create: [Rule]. Rollback requested by user."
    )
    assert events[-1].status is Status.ROLLBACK_COMPLETE
    assert things() == []
    assert resources_of(store) == {}


def test_a_step_that_fails_halfway_leaves_nothing(
    engine: Engine, operations: Any, things: Callable[[], list[Any]]
) -> None:
    operations.refuse["ModifyLoadBalancerAttributes"] = ServiceError("InvalidConfigurationRequest", "no")
    events = deploy(engine)
    assert statuses(events, "Balancer") == ["CREATE_IN_PROGRESS", "CREATE_FAILED"]
    assert things() == []
    assert "DeleteLoadBalancer" not in operations.names


def test_after_a_failed_creation_the_stack_can_be_deployed_again(
    engine: Engine, operations: Any, store: SqlStore
) -> None:
    operations.refuse["CreateRule"] = REFUSED
    deploy(engine)
    operations.refuse.clear()
    assert deploy(engine)[-1].status is Status.CREATE_COMPLETE
    assert stack_of(store).status is Status.CREATE_COMPLETE


@pytest.mark.semantics("CFN-02")
def test_a_failed_update_returns_to_the_state_before(
    engine: Engine, operations: Any, store: SqlStore, things: Callable[[], list[Any]]
) -> None:
    deploy(engine)
    before, outputs = resources_of(store), stack_of(store).outputs
    existing = things()
    operations.refuse["SetRulePriorities"] = REFUSED
    changed = TEMPLATE.replace("8080", "9090").replace("Value: '30'", "Value: '60'")
    events = deploy(engine, changed, Priority="7")
    assert events[-1].status is Status.UPDATE_ROLLBACK_COMPLETE
    assert "Rollback requested by user." in next(
        event.reason for event in events if event.status is Status.UPDATE_ROLLBACK_IN_PROGRESS
    )
    after = resources_of(store)
    assert {name: one.current for name, one in after.items()} == {
        name: one.current for name, one in before.items()
    }
    assert all(one.touched == "" and one.previous is None for one in after.values())
    assert things() == existing
    assert stack_of(store).outputs == outputs
    operations.refuse.clear()
    operations.calls.clear()
    assert deploy(engine) == []


def test_a_rollback_that_fails_is_told(engine: Engine, operations: Any, store: SqlStore) -> None:
    operations.refuse["CreateRule"] = REFUSED
    operations.refuse["DeleteListener"] = ServiceError("ResourceInUse", "it is in use")
    events = deploy(engine)
    assert events[-1].status is Status.ROLLBACK_FAILED
    assert events[-1].reason == "The following resource(s) failed to delete: [Listener]. "
    operations.refuse.clear()
    assert list(engine.delete(stack_of(store).id))[-1].status is Status.DELETE_COMPLETE


def test_a_rollback_that_failed_can_be_tried_again(engine: Engine, operations: Any, store: SqlStore) -> None:
    deploy(engine)
    operations.refuse["SetRulePriorities"] = REFUSED
    operations.refuse["DeleteTargetGroup"] = ServiceError("ResourceInUse", "it is in use")
    events = deploy(engine, TEMPLATE.replace("8080", "9090"), Priority="7")
    assert events[-1].status is Status.UPDATE_ROLLBACK_FAILED
    operations.refuse.clear()
    assert deploy(engine)[-1].status is Status.UPDATE_ROLLBACK_COMPLETE
    assert stack_of(store).status is Status.UPDATE_ROLLBACK_COMPLETE
    assert deploy(engine) == []


@pytest.mark.semantics("CFN-01")
def test_deletion_leaves_nothing(
    engine: Engine, operations: Any, store: SqlStore, things: Callable[[], list[Any]]
) -> None:
    deploy(engine)
    stack = stack_of(store)
    operations.calls.clear()
    events = list(engine.delete(stack.id))
    assert events[-1].status is Status.DELETE_COMPLETE
    assert operations.names == ["DeleteRule", "DeleteListener", "DeleteTargetGroup", "DeleteLoadBalancer"]
    assert things() == []
    assert resources_of(store) == {}
    with store.read() as state:
        assert state.list(DeclaredResource) == []
        assert state.get(Stack, stack.id).deleted is not None


def test_a_deletion_that_fails_deletes_what_it_can(engine: Engine, operations: Any, store: SqlStore) -> None:
    deploy(engine)
    operations.refuse["DeleteLoadBalancer"] = ServiceError("OperationNotPermitted", "protected")
    events = list(engine.delete(stack_of(store).id))
    assert events[-1].status is Status.DELETE_FAILED
    assert events[-1].reason == "The following resource(s) failed to delete: [Balancer]. "
    assert set(resources_of(store)) == {"Balancer"}


def test_what_is_gone_already_counts_as_deleted(engine: Engine, operations: Any, store: SqlStore) -> None:
    deploy(engine)
    operations.refuse["DeleteRule"] = ServiceError("RuleNotFound", "gone")
    assert list(engine.delete(stack_of(store).id))[-1].status is Status.DELETE_COMPLETE


@pytest.mark.semantics("CFN-07")
def test_what_is_to_be_retained_is_kept(
    engine: Engine, operations: Any, store: SqlStore, things: Callable[[], list[Any]]
) -> None:
    deploy(engine, TEMPLATE.replace("TargetGroup\n", "TargetGroup\n    DeletionPolicy: Retain\n", 1))
    events = list(engine.delete(stack_of(store).id))
    assert statuses(events, "Group") == ["DELETE_SKIPPED"]
    assert "DeleteTargetGroup" not in operations.names
    assert len(things()) == 1


@pytest.mark.semantics("CFN-11")
@pytest.mark.parametrize(
    ("old", "new", "message", "place"),
    [
        (
            "Priority: !Ref Priority",
            "Priority: !Ref Priority\n      Prio: 2",
            f"Encountered unsupported property Prio in resource Rule of type {ELB}::ListenerRule",
            "t.yaml:9:7 Resources/Rule/Properties/Prio",
        ),
        (
            "      Priority: !Ref Priority\n",
            "",
            "Properties validation failed for resource Rule with message: [#: required key [Priority] not found]",
            "t.yaml:6:5 Resources/Rule/Properties",
        ),
        (
            "AWS::EC2::VPC'",
            "AWS::EC2::VPCC'",
            "Template format error: Unrecognized resource types: [AWS::EC2::VPCC]",
            "t.yaml:26:9 Resources/Vpc/Type",
        ),
        (
            "!Ref Listener",
            "!Ref Lisener",
            f"{FORMAT} Unresolved resource dependencies [Lisener] in the Resources block of the template",
            "t.yaml:7:7 Resources/Rule/Properties/ListenerArn/Ref",
        ),
        (
            "Balancer.DNSName",
            "Balancer.DnsName",
            f"[Error] {PLACE}: Resource type {ELB}::LoadBalancer does not support attribute {{DnsName}}.",
            "t.yaml:30:9 Outputs/Dns/Value/Fn::GetAtt",
        ),
        (
            "{CidrBlock: 10.0.0.0/16}",
            "{CidrBlock: 10.0.0.0/16, InstanceTenancy: !Ref Rule}",
            "Circular dependency between resources: [Balancer, Listener, Rule, SubnetA, Vpc]",
            "t.yaml:21:3 Resources/Balancer",
        ),
        (
            "{CidrBlock: 10.0.0.0/16}",
            "{CidrBlock: null}",
            "[/Resources/Vpc/Properties/CidrBlock] 'null' values are not allowed in templates",
            "t.yaml:26:45 Resources/Vpc/Properties/CidrBlock",
        ),
    ],
)
def test_what_cannot_be_is_refused_before_anything_changes(
    engine: Engine, operations: Any, store: SqlStore, old: str, new: str, message: str, place: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        deploy(engine, TEMPLATE.replace(old, new, 1))
    assert caught.value.message == message
    assert caught.value.location == place
    assert operations.calls == []
    with store.read() as state:
        assert state.list(Stack) == []


def test_a_type_cannot_change(engine: Engine) -> None:
    deploy(engine)
    with pytest.raises(TemplateError, match="Update of resource type is not permitted"):
        deploy(engine, TEMPLATE.replace("Subnet', Properties: {VpcId", "NetworkAcl', Properties: {VpcId", 1))


def test_a_busy_stack_cannot_be_updated(engine: Engine) -> None:
    begun = engine.begin_create("demo", REGION, StackInput(TEMPLATE))
    with pytest.raises(ServiceError) as caught:
        engine.begin_update(begun.stack_id, StackInput(TEMPLATE.replace("8080", "1")))
    assert caught.value.message == (
        f"Stack:{begun.stack_id} is in CREATE_IN_PROGRESS state and can not be updated."
    )
    assert engine.interrupted() == [begun.stack_id]


@pytest.mark.semantics("CFN-10")
@pytest.mark.slow
@pytest.mark.parametrize("refuse", [False, True])
def test_an_interrupted_creation_ends_as_if_it_had_not_been(
    engine: Engine, operations: Any, store: SqlStore, things: Callable[[], list[Any]], refuse: bool
) -> None:
    if refuse:
        operations.refuse["CreateRule"] = REFUSED
    length = len(deploy(engine, name="whole"))
    expected = stack_of(store, "whole").status
    list(engine.delete(stack_of(store, "whole").id))
    for cut in range(1, length):
        given = StackInput(TEMPLATE, {}, "t.yaml")
        run = engine.deploy("demo", REGION, given)
        for _ in range(cut):
            next(run)
        del run
        stack = stack_of(store)
        again = Engine(engine.parts)
        assert again.interrupted() == [stack.id]
        assert again.finish(stack.id) is expected
        assert len(things()) == (0 if refuse else 4)
        list(again.delete(stack.id))
        assert things() == []


@pytest.mark.semantics("CFN-10")
@pytest.mark.slow
def test_an_interrupted_update_ends_as_if_it_had_not_been(
    engine: Engine, operations: Any, store: SqlStore, things: Callable[[], list[Any]]
) -> None:
    changed = TEMPLATE.replace("Port: 8080", "Port: 9090")
    deploy(engine)
    operations.refuse["SetRulePriorities"] = REFUSED
    length = len(deploy(engine, changed, Priority="7"))
    for cut in range(1, length):
        run = engine.deploy("demo", REGION, StackInput(changed, {"Priority": "7"}, "t.yaml"))
        for _ in range(cut):
            next(run)
        del run
        Engine(engine.parts).finish(stack_of(store).id)
        assert stack_of(store).status is Status.UPDATE_ROLLBACK_COMPLETE
        assert len(things()) == 4
        group = resources_of(store)["Group"].current
        assert group is not None
        assert group.properties["Port"] == 8080


@pytest.mark.semantics("CFN-09")
def test_exports_reach_other_stacks_and_are_protected(engine: Engine, store: SqlStore) -> None:
    importer = (
        "Resources:\n  P: {Type: 'AWS::SSM::Parameter', Properties: {Type: String, Value: !ImportValue %s}}"
    )
    deploy(engine)
    assert deploy(engine, importer % "demo-dns", "other")[-1].status is Status.CREATE_COMPLETE
    with store.read() as state:
        (parameter,) = (one for one in state.list(DeclaredResource) if one.type == "AWS::SSM::Parameter")
    assert parameter.properties["Value"] == "name.us-east-1.elb.amazonaws.com"
    events = list(engine.delete(stack_of(store).id))
    assert events[-1].status is Status.DELETE_FAILED
    assert events[-1].reason == "Export demo-dns cannot be deleted as it is in use by other"
    events = deploy(engine, TEMPLATE.replace("${AWS::StackName}-dns", "demo-dns"), "third")
    assert events[-1].status is Status.ROLLBACK_COMPLETE
    assert any("already exported by stack demo" in event.reason for event in events)
    events = deploy(engine, importer % "unknown", "fourth")
    assert "No export named unknown found." in next(
        event.reason for event in events if event.status is Status.CREATE_FAILED
    )


def test_names_differ_between_stacks_and_fit(engine: Engine, operations: Any) -> None:
    long = "a-very-long-stack-name-that-goes-on-and-on-for-a-long-while"
    deploy(engine, name=long)
    deploy(engine, name=f"{long}2")
    names = [params["Name"] for name, params in operations.calls if name == "CreateLoadBalancer"]
    assert len(set(names)) == 2
    assert all(len(name) <= 32 for name in names)
