"""Resource policies: who may invoke a function.

Source: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
"""

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import Any

from sekisho.kernel.arn import Arn
from sekisho.model.lambda_ import LATEST, Policy, Statement
from sekisho.services.context import Context, ReadContext
from sekisho.services.lambda_ import errors
from sekisho.services.lambda_.lookup import FunctionName, get_function, get_version, parse_name
from sekisho.services.ledger import members
from sekisho.services.registry import operation
from sekisho.store.api import Reader

LEDGER = {
    "AddPermissionRequest": members(
        enforced="FunctionName StatementId Action Principal SourceArn SourceAccount Qualifier RevisionId",
        # Conditions of callers that do not exist here: a statement with one lets nobody in.
        stored="FunctionUrlAuthType InvokedViaFunctionUrl EventSourceToken PrincipalOrgID",
    ),
    "RemovePermissionRequest": members(enforced="FunctionName StatementId Qualifier RevisionId"),
    "GetPolicyRequest": members(enforced="FunctionName Qualifier"),
}

_PRINCIPAL = re.compile(r"\*|\d{12}|[a-z0-9][a-z0-9.-]*\.amazonaws\.com|arn:[a-z0-9-]+:(?:iam|sts)::.+")


@operation("AddPermission")
def add_permission(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Add a statement to the policy of a function, version or alias."""
    name = _get_resource(ctx, request)
    statement = _decode(request)
    policy = ctx.state.find(Policy, name.resource)
    _check_revision(policy, request)
    statements = () if policy is None else policy.statements
    if any(one.sid == statement.sid for one in statements):
        raise errors.statement_exists(statement.sid)
    ctx.state.put(Policy(name.resource, name.arn, ctx.ids.uuid(), (*statements, statement)))
    return {"Statement": _dump(_describe(statement, name.resource))}


@operation("RemovePermission")
def remove_permission(ctx: Context, request: Mapping[str, Any]) -> None:
    """Remove a statement; the policy goes with its last one."""
    name = _get_resource(ctx, request)
    policy = ctx.state.find(Policy, name.resource)
    if policy is None:
        raise errors.policy_not_found()
    _check_revision(policy, request)
    kept = tuple(one for one in policy.statements if one.sid != request["StatementId"])
    if len(kept) == len(policy.statements):
        raise errors.statement_not_found(request["StatementId"])
    if kept:
        ctx.state.put(dataclasses.replace(policy, statements=kept, revision_id=ctx.ids.uuid()))
    else:
        ctx.state.delete(Policy, policy.key)


@operation("GetPolicy", reads=True)
def get_policy(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the policy as a JSON document."""
    name = _get_resource(ctx, request)
    policy = ctx.state.find(Policy, name.resource)
    if policy is None:
        raise errors.policy_not_found()
    document = {
        "Version": "2012-10-17",
        "Id": "default",
        "Statement": [_describe(statement, name.resource) for statement in policy.statements],
    }
    return {"Policy": _dump(document), "RevisionId": policy.revision_id}


def is_allowed(policy: Policy | None, principal: str, source_arn: str) -> bool:
    """Tell whether a policy lets a service invoke what it is about, on behalf of a resource.

    Args:
        policy: of the function, version or alias that is invoked, or None where it has none.
        principal: the service, e.g. ``elasticloadbalancing.amazonaws.com``.
        source_arn: the resource on whose behalf it asks; its account is the source account.
    """
    return policy is not None and any(_fits(one, principal, source_arn) for one in policy.statements)


def may_invoke(state: Reader, name: FunctionName, principal: str, source_arn: str) -> bool:
    """Tell whether a service may invoke a function, or exactly the version or alias that is named."""
    # LAMBDA-03: a policy is about exactly what it was put on.
    resource = name.arn if name.qualifier == LATEST else name.resource
    return is_allowed(state.find(Policy, resource), principal, source_arn)


# --- helpers -------------------------------------------------------------------------------------------------


def _get_resource(ctx: ReadContext, request: Mapping[str, Any]) -> FunctionName:
    name = parse_name(ctx, request["FunctionName"], request.get("Qualifier"))
    get_function(ctx.state, name)
    if name.qualifier == LATEST:
        raise errors.invalid_parameter("We currently do not support adding policies for $LATEST.")
    get_version(ctx.state, name)
    return name


def _check_revision(policy: Policy | None, request: Mapping[str, Any]) -> None:
    wanted = request.get("RevisionId")
    if wanted is not None and (policy is None or policy.revision_id != wanted):
        raise errors.stale_revision()


def _decode(request: Mapping[str, Any]) -> Statement:
    if not _PRINCIPAL.fullmatch(request["Principal"]):
        raise errors.invalid_parameter(
            "The provided principal was invalid. Please check the principal and try again."
        )
    return Statement(
        sid=request["StatementId"],
        action=request["Action"],
        principal=request["Principal"],
        source_arn=request.get("SourceArn"),
        source_account=request.get("SourceAccount"),
        event_source_token=request.get("EventSourceToken"),
        organization_id=request.get("PrincipalOrgID"),
        url_auth_type=request.get("FunctionUrlAuthType"),
        via_url=request.get("InvokedViaFunctionUrl"),
    )


def _describe(statement: Statement, resource: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        "Sid": statement.sid,
        "Effect": "Allow",
        "Principal": _describe_principal(statement.principal, resource),
        "Action": statement.action,
        "Resource": resource,
    }
    conditions: dict[str, dict[str, str]] = {}
    equal = {
        "AWS:SourceAccount": statement.source_account,
        "lambda:EventSourceToken": statement.event_source_token,
        "aws:PrincipalOrgID": statement.organization_id,
        "lambda:FunctionUrlAuthType": statement.url_auth_type,
    }
    if any(equal.values()):
        conditions["StringEquals"] = {name: value for name, value in equal.items() if value}
    if statement.source_arn is not None:
        conditions["ArnLike"] = {"AWS:SourceArn": statement.source_arn}
    if statement.via_url is not None:
        conditions["Bool"] = {"lambda:InvokedViaFunctionUrl": "true" if statement.via_url else "false"}
    return {**described, "Condition": conditions} if conditions else described


def _describe_principal(principal: str, resource: str) -> Any:
    if principal == "*":
        return principal
    if principal.endswith(".amazonaws.com"):
        return {"Service": principal}
    if principal.isdecimal():
        principal = f"arn:{Arn.parse(resource).partition}:iam::{principal}:root"
    return {"AWS": principal}


def _dump(document: Mapping[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"))


def _fits(statement: Statement, principal: str, source_arn: str) -> bool:
    if statement.principal not in (principal, "*") or statement.action not in _INVOKE:
        return False
    # LAMBDA-04: these conditions are about callers that do not exist here.
    if (
        statement.event_source_token
        or statement.organization_id
        or statement.url_auth_type
        or statement.via_url
    ):
        return False
    if statement.source_account not in (None, Arn.parse(source_arn).account):
        return False
    return statement.source_arn is None or _is_like(source_arn, statement.source_arn)


_INVOKE = frozenset(("lambda:InvokeFunction", "lambda:Invoke*", "lambda:*", "*"))


def _is_like(arn: str, pattern: str) -> bool:
    """Compare as ``ArnLike`` does: each of the six parts by itself, ``*`` and ``?`` standing for text.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    parts, patterns = arn.split(":", 5), pattern.split(":", 5)
    return len(parts) == len(patterns) and all(map(_is_glob, parts, patterns))


def _is_glob(text: str, pattern: str) -> bool:
    regex = "".join(
        ".*" if letter == "*" else "." if letter == "?" else re.escape(letter) for letter in pattern
    )
    return re.fullmatch(regex, text, re.DOTALL) is not None
