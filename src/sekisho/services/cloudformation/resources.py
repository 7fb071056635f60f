"""The resources of stacks, and what happened to them.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackResource.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Stack, StackEvent, StackResource
from sekisho.services.cloudformation.engine import get_stack
from sekisho.services.cloudformation.paging import page
from sekisho.services.context import ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "DescribeStackEventsInput": members(enforced="StackName NextToken"),
    "DescribeStackResourcesInput": members(enforced="StackName LogicalResourceId PhysicalResourceId"),
    "DescribeStackResourceInput": members(enforced="StackName LogicalResourceId"),
    "ListStackResourcesInput": members(enforced="StackName NextToken"),
}


@operation("DescribeStackEvents", reads=True)
def describe_stack_events(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the events of a stack, the latest first."""
    stack = get_stack(ctx.state, ctx.home, request["StackName"])
    events = ctx.state.list(StackEvent, stack.id)[::-1]
    shown, token = page(events, request)
    return {"StackEvents": [_encode_event(event) for event in shown], **token}


@operation("DescribeStackResources", reads=True)
def describe_stack_resources(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the resources of a stack, named or found by the physical id of one of them."""
    name, physical_id = request.get("StackName"), request.get("PhysicalResourceId")
    if (name is None) == (physical_id is None):
        raise ServiceError(
            "ValidationError", "Exactly one of StackName and PhysicalResourceId must be specified"
        )
    stack = get_stack(ctx.state, ctx.home, name) if name is not None else _owner(ctx, str(physical_id))
    wanted = request.get("LogicalResourceId")
    resources = _list_resources(ctx, stack)
    return {
        "StackResources": [
            _encode(stack, resource, "Timestamp")
            for resource in resources
            if wanted is None or resource.logical_id == wanted
        ]
    }


@operation("DescribeStackResource", reads=True)
def describe_stack_resource(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return one resource of a stack."""
    stack = get_stack(ctx.state, ctx.home, request["StackName"])
    logical_id = request["LogicalResourceId"]
    for resource in _list_resources(ctx, stack):
        if resource.logical_id == logical_id:
            return {"StackResourceDetail": _encode(stack, resource, "LastUpdatedTimestamp")}
    raise ServiceError("ValidationError", f"Resource {logical_id} does not exist for stack {stack.name}")


@operation("ListStackResources", reads=True)
def list_stack_resources(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the resources of a stack."""
    stack = get_stack(ctx.state, ctx.home, request["StackName"])
    shown, token = page(_list_resources(ctx, stack), request)
    summaries = [_encode(stack, resource, "LastUpdatedTimestamp") for resource in shown]
    for summary in summaries:
        del summary["StackName"], summary["StackId"]
    return {"StackResourceSummaries": summaries, **token}


def _owner(ctx: ReadContext, physical_id: str) -> Stack:
    for stack in ctx.state.list(Stack, ctx.home):
        for resource in ctx.state.list(StackResource, stack.id):
            if resource.current is not None and resource.current.physical_id == physical_id:
                return stack
    raise ServiceError("ValidationError", f"Stack for {physical_id} does not exist")


def _list_resources(ctx: ReadContext, stack: Stack) -> list[StackResource]:
    return sorted(ctx.state.list(StackResource, stack.id), key=lambda resource: resource.logical_id)


def _encode(stack: Stack, resource: StackResource, time_member: str) -> dict[str, Any]:
    encoded: dict[str, Any] = {
        "StackName": stack.name,
        "StackId": stack.id,
        "LogicalResourceId": resource.logical_id,
        "ResourceType": resource.type,
        time_member: resource.updated,
        "ResourceStatus": str(resource.status),
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
    }
    if resource.current is not None:
        encoded["PhysicalResourceId"] = resource.current.physical_id
    if resource.reason:
        encoded["ResourceStatusReason"] = resource.reason
    return encoded


def _encode_event(event: StackEvent) -> dict[str, Any]:
    encoded: dict[str, Any] = {
        "StackId": event.stack_id,
        "EventId": event.id,
        "StackName": event.stack_name,
        "LogicalResourceId": event.logical_id,
        "PhysicalResourceId": event.physical_id,
        "ResourceType": event.type,
        "Timestamp": event.time,
        "ResourceStatus": str(event.status),
    }
    # A client sees no other sign of the place than this text; AWS's own comes first.
    reason = f"{event.reason} ({event.location})" if event.reason and event.location else event.reason
    if reason:
        encoded["ResourceStatusReason"] = reason
    return encoded
