"""Change sets: working out what an update would do, and doing it.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sekisho.cfn.engine import Engine, find_stack
from sekisho.cfn.plan import has_changes, plan_changes
from sekisho.cfn.work import Step, Work
from sekisho.kernel.arn import Arn
from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import ChangeSet, ResourceChange, Stack, Status
from sekisho.services.cloudformation.engine import located_errors, open_engine
from sekisho.services.cloudformation.inputs import (
    check_stack_name,
    decode_input,
    encode_parameters,
    encode_tags,
)
from sekisho.services.cloudformation.lookup import get_change_set
from sekisho.services.cloudformation.paging import page
from sekisho.services.context import Context, LongContext, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "CreateChangeSetInput": members(
        enforced="StackName TemplateBody TemplateURL UsePreviousTemplate Parameters Capabilities ChangeSetName "
        "ChangeSetType OnStackFailure",
        stored="Tags Description RoleARN NotificationARNs ClientToken IncludeNestedStacks DisableValidation",
        rejected="ResourceTypes RollbackConfiguration ResourcesToImport ImportExistingResources DeploymentMode "
        "DeploymentConfig",
    ),
    "DescribeChangeSetInput": members(
        enforced="ChangeSetName StackName NextToken", stored="IncludePropertyValues"
    ),
    "ExecuteChangeSetInput": members(
        enforced="ChangeSetName StackName DisableRollback",
        stored="ClientRequestToken",
        rejected="RetainExceptOnCreate",
    ),
    "DeleteChangeSetInput": members(enforced="ChangeSetName StackName"),
    "ListChangeSetsInput": members(enforced="StackName NextToken"),
}

_NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)


@operation("CreateChangeSet", transaction=False)
def create_change_set(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Work out what a template would do to a stack; a new stack is put in review."""
    engine = open_engine(ctx)
    name = request["ChangeSetName"]
    kind = request.get("ChangeSetType") or "UPDATE"
    if kind not in ("CREATE", "UPDATE"):
        raise ServiceError("ValidationError", f"Sekisho does not support change sets of type {kind}.")
    with ctx.store.read() as state:
        existing = find_stack(state.list(Stack, ctx.home), request["StackName"])
    stack = _target(engine, ctx, request, kind, existing)
    with located_errors():
        given = decode_input(request, stack.applied, is_reviewed=True)
        arn = Arn("cloudformation", ctx.region, ctx.account_id, f"changeSet/{name}/{ctx.ids.uuid()}")
        change_set = ChangeSet(
            str(arn),
            name,
            stack.id,
            stack.name,
            kind,
            ctx.clock.now(),
            given,
            description=request.get("Description"),
            on_failure=request.get("OnStackFailure"),
        )
        change_set = _work_out(engine, stack, change_set)
    with ctx.store.write() as writer:
        if any(one.name == name and not one.executed for one in writer.list(ChangeSet, stack.id)):
            raise ServiceError("AlreadyExistsException", f"ChangeSet [{name}] already exists")
        if existing is None:
            # Whoever follows the stack from here on reads its last event first.
            review = Step(Work(engine.parts, engine, stack, {}), writer)
            review.set_stack(Status.REVIEW_IN_PROGRESS, "User Initiated")
        writer.put(change_set)
    return {"Id": change_set.id, "StackId": stack.id}


def _target(
    engine: Engine, ctx: LongContext, request: Mapping[str, Any], kind: str, existing: Stack | None
) -> Stack:
    name = request["StackName"]
    if existing is None:
        if kind == "UPDATE":
            raise ServiceError("ValidationError", f"Stack [{name}] does not exist")
        check_stack_name(name)
        return engine.new_stack(name, ctx.region)
    if kind == "CREATE" and existing.status is not Status.REVIEW_IN_PROGRESS:
        raise ServiceError(
            "ValidationError",
            f"Stack [{name}] already exists and cannot be created again with the changeSet "
            f"[{request['ChangeSetName']}].",
        )
    return existing


def _work_out(engine: Engine, stack: Stack, change_set: ChangeSet) -> ChangeSet:
    template = engine.parts.prepare(stack, change_set.given)
    is_new = change_set.kind == "CREATE"
    work = Work(engine.parts, engine, stack, {}) if is_new else Work.open(engine.parts, engine, stack.id)
    changes = plan_changes(work, template)
    if not changes and not (not is_new and has_changes(work, template, change_set.given)):
        return replace(change_set, failure=_NO_CHANGES)
    return replace(change_set, changes=changes)


@operation("ExecuteChangeSet", transaction=False)
def execute_change_set(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Apply a change set; the other change sets of the stack are void then and are deleted."""
    engine = open_engine(ctx)
    with ctx.store.read() as state:
        change_set = get_change_set(state, ctx.home, request["ChangeSetName"], request.get("StackName"))
        stack = state.get(Stack, change_set.stack_id)
    if change_set.failure or change_set.executed:
        status = "FAILED" if change_set.failure else change_set.executed
        raise ServiceError(
            "InvalidChangeSetStatus",
            f"ChangeSet [{change_set.id}] cannot be executed in its current status of [{status}]",
        )
    keep = bool(request.get("DisableRollback")) or change_set.on_failure == "DO_NOTHING"
    with located_errors():
        if change_set.kind == "CREATE":
            engine.begin_reviewed(replace(stack, disable_rollback=keep), change_set.given)
        else:
            engine.begin_update(stack.id, change_set.given)
    status = engine.finish(stack.id)
    failed = status not in (Status.CREATE_COMPLETE, Status.UPDATE_COMPLETE)
    with ctx.store.write() as writer:
        for other in writer.list(ChangeSet, stack.id):  # CFN-15
            writer.delete(ChangeSet, other.key)
        writer.put(replace(change_set, executed="EXECUTE_FAILED" if failed else "EXECUTE_COMPLETE"))
    if status is Status.ROLLBACK_COMPLETE and change_set.on_failure == "DELETE":
        engine.begin_delete(stack.id)
        engine.finish(stack.id)
    return {}


@operation("DescribeChangeSet", reads=True)
def describe_change_set(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a change set and what it would do."""
    change_set = get_change_set(ctx.state, ctx.home, request["ChangeSetName"], request.get("StackName"))
    shown, token = page(change_set.changes, request)
    encoded: dict[str, Any] = {
        **_summarize(change_set),
        "Parameters": encode_parameters(change_set.given),
        "Tags": encode_tags(change_set.given),
        "Capabilities": list(change_set.given.capabilities),
        "NotificationARNs": [],
        "RollbackConfiguration": {},
        "Changes": [_encode_change(change) for change in shown],
        **token,
    }
    if change_set.on_failure is not None:
        encoded["OnStackFailure"] = change_set.on_failure
    return encoded


@operation("ListChangeSets", reads=True)
def list_change_sets(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the change sets of a stack."""
    stack = find_stack(ctx.state.list(Stack, ctx.home), request["StackName"])
    if stack is None:
        raise ServiceError("ValidationError", f"Stack [{request['StackName']}] does not exist")
    shown, token = page(ctx.state.list(ChangeSet, stack.id), request)
    return {"Summaries": [_summarize(change_set) for change_set in shown], **token}


@operation("DeleteChangeSet")
def delete_change_set(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Delete a change set; one that does not exist is deleted already."""
    try:
        change_set = get_change_set(ctx.state, ctx.home, request["ChangeSetName"], request.get("StackName"))
    except ServiceError as error:
        if error.code == "ChangeSetNotFound":
            return {}
        raise
    ctx.state.delete(ChangeSet, change_set.key)
    return {}


def _summarize(change_set: ChangeSet) -> dict[str, Any]:
    available = "UNAVAILABLE" if change_set.failure else "AVAILABLE"
    summary: dict[str, Any] = {
        "ChangeSetId": change_set.id,
        "ChangeSetName": change_set.name,
        "StackId": change_set.stack_id,
        "StackName": change_set.stack_name,
        "CreationTime": change_set.created,
        "Status": "FAILED" if change_set.failure else "CREATE_COMPLETE",
        "ExecutionStatus": change_set.executed or available,
        "IncludeNestedStacks": False,
    }
    if change_set.failure:
        summary["StatusReason"] = change_set.failure
    if change_set.description is not None:
        summary["Description"] = change_set.description
    return summary


def _encode_change(change: ResourceChange) -> dict[str, Any]:
    encoded: dict[str, Any] = {
        "Action": change.action,
        "LogicalResourceId": change.logical_id,
        "ResourceType": change.type,
        "Scope": ["Properties"] if change.properties else [],
        "Details": [
            {
                "Target": {"Attribute": "Properties", "Name": name},
                "Evaluation": "Static",
                "ChangeSource": "DirectModification",
            }
            for name in change.properties
        ],
    }
    if change.physical_id:
        encoded["PhysicalResourceId"] = change.physical_id
    if change.replacement:
        encoded["Replacement"] = change.replacement
    return {"Type": "Resource", "ResourceChange": encoded}
