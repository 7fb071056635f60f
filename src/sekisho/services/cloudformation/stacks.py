"""Stacks: creating, updating, deleting and describing them.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sekisho.cfn.engine import find_stack
from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Stack, Status
from sekisho.services.cloudformation.engine import get_stack, located_errors, open_engine
from sekisho.services.cloudformation.inputs import (
    check_stack_name,
    current_input,
    decode_input,
    encode_parameters,
    encode_tags,
)
from sekisho.services.cloudformation.paging import page
from sekisho.services.context import Context, LongContext, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "CreateStackInput": members(
        enforced="StackName TemplateBody TemplateURL Parameters DisableRollback Capabilities OnFailure "
        "EnableTerminationProtection",
        stored="Tags NotificationARNs RoleARN ClientRequestToken TimeoutInMinutes DisableValidation",
        rejected="RollbackConfiguration ResourceTypes StackPolicyBody StackPolicyURL RetainExceptOnCreate "
        "DeploymentConfig",
    ),
    "UpdateStackInput": members(
        enforced="StackName TemplateBody TemplateURL UsePreviousTemplate Parameters Capabilities DisableRollback",
        stored="Tags NotificationARNs RoleARN ClientRequestToken DisableValidation",
        rejected="StackPolicyDuringUpdateBody StackPolicyDuringUpdateURL ResourceTypes RollbackConfiguration "
        "StackPolicyBody StackPolicyURL RetainExceptOnCreate DeploymentConfig",
    ),
    "DeleteStackInput": members(
        enforced="StackName RetainResources",
        stored="RoleARN ClientRequestToken",
        rejected="DeletionMode DeploymentConfig",
    ),
    "UpdateTerminationProtectionInput": members(enforced="EnableTerminationProtection StackName"),
    "ContinueUpdateRollbackInput": members(
        enforced="StackName", stored="RoleARN ClientRequestToken", rejected="ResourcesToSkip ForceRollback"
    ),
    "DescribeStacksInput": members(enforced="StackName NextToken"),
    "ListStacksInput": members(enforced="StackStatusFilter NextToken"),
    "Parameter": members(enforced="ParameterKey ParameterValue UsePreviousValue", rejected="ResolvedValue"),
    "Tag": members(stored="Key Value"),
}


@operation("CreateStack", transaction=False)
def create_stack(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a stack and everything in it, or roll it back; how it went is in its status."""
    check_stack_name(request["StackName"])
    engine = open_engine(ctx)
    on_failure = request.get("OnFailure")
    if on_failure is not None and request.get("DisableRollback") is not None:
        raise ServiceError(
            "ValidationError", "You can specify either DisableRollback or OnFailure, but not both."
        )
    with located_errors():
        event = engine.begin_create(
            request["StackName"],
            ctx.region,
            decode_input(request),
            disable_rollback=bool(request.get("DisableRollback")) or on_failure == "DO_NOTHING",
            termination_protection=bool(request.get("EnableTerminationProtection")),
        )
    status = engine.finish(event.stack_id)
    if status is Status.ROLLBACK_COMPLETE and on_failure == "DELETE":
        engine.begin_delete(event.stack_id)
        engine.finish(event.stack_id)
    return {"StackId": event.stack_id}


@operation("UpdateStack", transaction=False)
def update_stack(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Bring a stack to another template or other parameters, or back where it was; see its status."""
    engine = open_engine(ctx)
    with ctx.store.read() as state:
        stack = get_stack(state, ctx.home, request["StackName"])
    with located_errors():
        engine.begin_update(stack.id, decode_input(request, stack.applied))
    engine.finish(stack.id)
    return {"StackId": stack.id}


@operation("DeleteStack", transaction=False)
def delete_stack(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Delete a stack and everything in it; one that does not exist is deleted already."""
    engine = open_engine(ctx)
    with ctx.store.read() as state:
        stack = find_stack(state.list(Stack, ctx.home), request["StackName"])
    if stack is not None and stack.deleted is None:
        engine.begin_delete(stack.id, request.get("RetainResources") or ())
        engine.finish(stack.id)
    return {}


@operation("UpdateTerminationProtection")
def update_termination_protection(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Protect a stack from deletion, or no longer."""
    stack = get_stack(ctx.state, ctx.home, request["StackName"])
    ctx.state.put(replace(stack, termination_protection=request["EnableTerminationProtection"]))
    return {"StackId": stack.id}


@operation("ContinueUpdateRollback", transaction=False)
def continue_update_rollback(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Try once more to return a stack whose rollback has failed."""
    engine = open_engine(ctx)
    with ctx.store.read() as state:
        stack = get_stack(state, ctx.home, request["StackName"])
    engine.begin_rollback_again(stack.id)
    engine.finish(stack.id)
    return {}


@operation("DescribeStacks", reads=True)
def describe_stacks(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe one stack, or all that are not deleted."""
    name = request.get("StackName")
    if name is not None:
        return {"Stacks": [_encode(get_stack(ctx.state, ctx.home, name))]}
    stacks = [stack for stack in ctx.state.list(Stack, ctx.home) if stack.deleted is None]
    shown, token = page(stacks[::-1], request)
    return {"Stacks": [_encode(stack) for stack in shown], **token}


@operation("ListStacks", reads=True)
def list_stacks(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the stacks of the given statuses, deleted ones included."""
    wanted = request.get("StackStatusFilter")
    stacks = [stack for stack in ctx.state.list(Stack, ctx.home) if not wanted or stack.status in wanted]
    shown, token = page(stacks[::-1], request)
    return {"StackSummaries": [_summarize(stack) for stack in shown], **token}


def _summarize(stack: Stack) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "StackId": stack.id,
        "StackName": stack.name,
        "CreationTime": stack.created,
        "StackStatus": str(stack.status),
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
    }
    optional = {
        "TemplateDescription": stack.description,
        "LastUpdatedTime": stack.updated,
        "DeletionTime": stack.deleted,
        "StackStatusReason": stack.reason or None,
        "ParentId": stack.parent_id,
        "RootId": stack.root_id,
    }
    return {**summary, **{name: value for name, value in optional.items() if value is not None}}


def _encode(stack: Stack) -> dict[str, Any]:
    encoded = _summarize(stack)
    description = encoded.pop("TemplateDescription", None)
    if description is not None:
        encoded["Description"] = description
    given = current_input(stack)
    encoded |= {
        "Parameters": encode_parameters(given),
        "Outputs": [_encode_output(output) for output in stack.outputs],
        "Tags": encode_tags(given),
        "Capabilities": list(given.capabilities) if given else [],
        "DisableRollback": stack.disable_rollback,
        "EnableTerminationProtection": stack.termination_protection,
        "NotificationARNs": [],
        "RollbackConfiguration": {},
    }
    return {name: value for name, value in encoded.items() if value != []} | {"NotificationARNs": []}


def _encode_output(output: Any) -> dict[str, str]:
    encoded = {
        "OutputKey": output.key,
        "OutputValue": output.value,
        "Description": output.description,
        "ExportName": output.export_name,
    }
    return {name: value for name, value in encoded.items() if value is not None}
