"""Aliases: names for versions.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.model.lambda_ import LATEST, Alias, FunctionVersion, Policy
from sekisho.services.context import Context, ReadContext
from sekisho.services.lambda_ import errors
from sekisho.services.lambda_.lookup import FunctionName, get_function, page, parse_name
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "CreateAliasRequest": members(
        enforced="FunctionName Name FunctionVersion RoutingConfig", stored="Description"
    ),
    "GetAliasRequest": members(enforced="FunctionName Name"),
    "UpdateAliasRequest": members(
        enforced="FunctionName Name FunctionVersion RoutingConfig RevisionId", stored="Description"
    ),
    "DeleteAliasRequest": members(enforced="FunctionName Name"),
    "ListAliasesRequest": members(enforced="FunctionName FunctionVersion Marker MaxItems"),
    "AliasRoutingConfiguration": members(enforced="AdditionalVersionWeights"),
}


@operation("CreateAlias")
def create_alias(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create an alias of a version that exists."""
    name = parse_name(ctx, request["FunctionName"])
    get_function(ctx.state, name)
    alias = _change(ctx, Alias(name.arn, request["Name"], "", ctx.ids.uuid()), request)
    if ctx.state.find(Alias, alias.arn) is not None:
        raise errors.alias_exists(alias.arn)
    ctx.state.put(alias)
    return _describe(alias)


@operation("GetAlias", reads=True)
def get_alias(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe an alias."""
    return _describe(_get_alias(ctx, request))


@operation("UpdateAlias")
def update_alias(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Point an alias at another version."""
    alias = _get_alias(ctx, request)
    if request.get("RevisionId") not in (None, alias.revision_id):
        raise errors.stale_revision()
    changed = dataclasses.replace(_change(ctx, alias, request), revision_id=ctx.ids.uuid())
    ctx.state.put(changed)
    return _describe(changed)


@operation("DeleteAlias")
def delete_alias(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete an alias and its policy; one that does not exist is no error."""
    name = parse_name(ctx, request["FunctionName"])
    get_function(ctx.state, name)
    arn = f"{name.arn}:{request['Name']}"
    for kind in (Alias, Policy):
        if ctx.state.find(kind, arn) is not None:
            ctx.state.delete(kind, arn)


@operation("ListAliases", reads=True)
def list_aliases(ctx: ReadContext, request: dict[str, Any]) -> dict[str, Any]:
    """List the aliases of a function by name, all or those of one version."""
    name = parse_name(ctx, request["FunctionName"])
    get_function(ctx.state, name)
    version = request.get("FunctionVersion")
    found = [
        alias
        for alias in ctx.state.list(Alias, name.arn)
        if version is None or version == alias.version or version in alias.weights
    ]
    items, more = page(sorted(found, key=lambda alias: alias.name), request)
    return {"Aliases": [_describe(alias) for alias in items], **more}


# --- helpers -------------------------------------------------------------------------------------------------


def _get_alias(ctx: ReadContext, request: Mapping[str, Any]) -> Alias:
    name = parse_name(ctx, request["FunctionName"])
    get_function(ctx.state, name)
    alias = ctx.state.find(Alias, f"{name.arn}:{request['Name']}")
    if alias is None:
        raise errors.alias_not_found(f"{name.arn}:{request['Name']}")
    return alias


def _change(ctx: Context, alias: Alias, request: Mapping[str, Any]) -> Alias:
    changes: dict[str, Any] = {}
    if request.get("FunctionVersion") is not None:
        changes["version"] = request["FunctionVersion"]
    if request.get("Description") is not None:
        changes["description"] = request["Description"]
    if request.get("RoutingConfig") is not None:
        changes["weights"] = dict(request["RoutingConfig"].get("AdditionalVersionWeights") or {})
    changed = dataclasses.replace(alias, **changes)
    for version in (changed.version, *changed.weights):
        _check_version(ctx, changed, version)
    if any(not 0 <= weight <= 1 for weight in changed.weights.values()):
        raise errors.validation(
            "Value at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must"
            " satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value"
            " greater than or equal to 0.0]"
        )
    return changed


def _check_version(ctx: Context, alias: Alias, version: str) -> None:
    if ctx.state.find(FunctionVersion, f"{alias.function_arn}:{version}") is None:
        name = FunctionName(alias.function_arn, "", version)
        raise errors.function_not_found(name.resource)
    if alias.weights and LATEST in (alias.version, *alias.weights):
        raise errors.invalid_parameter(
            "$LATEST is not supported for an alias pointing to more than 1 version"
        )
    if alias.version in alias.weights:
        raise errors.invalid_parameter(
            f"Invalid function version {version}. Function version {version} is already included in"
            " routing configuration."
        )


def _describe(alias: Alias) -> dict[str, Any]:
    described: dict[str, Any] = {
        "AliasArn": alias.arn,
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision_id,
    }
    if alias.weights:
        described["RoutingConfig"] = {"AdditionalVersionWeights": dict(alias.weights)}
    return described
