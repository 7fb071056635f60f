"""Importing, replacing and exporting APIs as OpenAPI definitions.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
"""

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from sekisho.kernel.errors import ServiceError
from sekisho.model.apigatewayv2 import Api, Authorizer, Integration, Route
from sekisho.services.apigatewayv2.apis import encode_api
from sekisho.services.apigatewayv2.definitions import read_definition, redeploy
from sekisho.services.apigatewayv2.discovery import check_discovery, check_issuer_url
from sekisho.services.apigatewayv2.errors import bad_request
from sekisho.services.apigatewayv2.lookup import get_api, get_deployment, get_stage
from sekisho.services.apigatewayv2.openapi.read import Imported, ImportedRoute, read_openapi
from sekisho.services.apigatewayv2.openapi.write import write_openapi
from sekisho.services.context import LongContext, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation
from sekisho.store.api import Writer

LEDGER = {
    "ImportApiRequest": members(enforced="Body Basepath FailOnWarnings"),
    "ReimportApiRequest": members(enforced="ApiId Body Basepath FailOnWarnings"),
    "ExportApiRequest": members(
        enforced="ApiId Specification OutputType IncludeExtensions StageName ExportVersion"
    ),
}

Call = Callable[[str, Mapping[str, Any]], dict[str, Any]]


@operation("ImportApi", transaction=False, joins=True)
def import_api(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create an API from a definition."""
    imported = _read(ctx, request)
    with ctx.store.write() as state:
        call = _within(ctx, state)
        created = call("CreateApi", {**imported.api, "ProtocolType": "HTTP"})
        return _fill(ctx, state, str(created["ApiId"]), imported, call)


@operation("ReimportApi", transaction=False, joins=True)
def reimport_api(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Replace everything in an API but its stages, deployments and domain names by a definition."""
    imported = _read(ctx, request)
    with ctx.store.write() as state:
        api = get_api(state, ctx, request["ApiId"])
        for kind in (Route, Integration, Authorizer):
            for part in state.list(kind, api.key):
                state.delete(kind, part.key)
        given = {"Description": "", "Version": "", "DisableExecuteApiEndpoint": False, **imported.api}
        state.put(dataclasses.replace(api, cors=None, tags=given.pop("Tags")))
        call = _within(ctx, state)
        call("UpdateApi", {"ApiId": api.id, **given})
        return _fill(ctx, state, api.id, imported, call)


@operation("ExportApi", reads=True)
def export_api(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the definition of an API as it is, or as a stage serves it."""
    if request.get("ExportVersion", "1.0") != "1.0":
        raise bad_request("The export version must be 1.0")
    api = get_api(ctx.state, ctx, request["ApiId"])
    definition = read_definition(ctx.state, api)
    if request.get("StageName") is not None:
        stage = get_stage(ctx.state, api, request["StageName"])
        if stage.deployment_id is None:
            raise bad_request(f"The stage {stage.name} has no deployment")
        definition = get_deployment(ctx.state, api, stage.deployment_id).definition
    document = write_openapi(api, definition, extensions=request.get("IncludeExtensions", True))
    if request["OutputType"] == "JSON":
        return {"body": json.dumps(document, indent=2).encode()}
    return {"body": yaml.safe_dump(document, sort_keys=False, allow_unicode=True).encode()}


# --- helpers -------------------------------------------------------------------------------------------------


def _within(ctx: LongContext, state: Writer) -> Call:
    """Return what runs operations in the transaction of the import."""
    return lambda name, params: ctx.operations.call_within(state, "apigatewayv2", name, params, ctx.region)


def _read(ctx: LongContext, request: Mapping[str, Any]) -> Imported:
    """Return what the request's definition asks for, the issuers of its authorizers asked."""
    imported = read_openapi(request["Body"], request.get("Basepath") or "ignore")
    broken = dict(imported.broken)
    for name, authorizer in imported.authorizers.items():
        issuer = authorizer.get("JwtConfiguration", {}).get("Issuer")
        if issuer is None:
            continue
        try:
            check_issuer_url(issuer)
            check_discovery(ctx, issuer)
        except ServiceError as error:
            broken[name] = error.message
    used = {route.scheme for route in imported.routes if route.scheme is not None}
    known = imported.authorizers.keys() | imported.signed | broken.keys()
    broken |= {name: f"Security scheme {name} is not defined" for name in used - known}
    for name in sorted(used & broken.keys()):  # HTTP-API-13
        raise bad_request(f"{broken[name]}. Routes refer to it, and would be open without it.")
    warnings = (*imported.warnings, *(f"{why}. Ignoring." for why in broken.values()))
    if warnings and request.get("FailOnWarnings"):  # HTTP-API-12
        raise bad_request("Warnings found during import:\n\t" + "\n\t".join(warnings))
    kept = {name: each for name, each in imported.authorizers.items() if name not in broken}
    return dataclasses.replace(imported, authorizers=kept, warnings=warnings)


def _fill(ctx: LongContext, state: Writer, api_id: str, imported: Imported, call: Call) -> dict[str, Any]:
    """Make the parts of an API and return it."""
    key = {"ApiId": api_id}
    authorizers = {
        name: str(call("CreateAuthorizer", {**key, **given})["AuthorizerId"])
        for name, given in imported.authorizers.items()
    }
    shared: dict[str, str] = {}
    for route in imported.routes:
        target = _make_target(route, shared, {**key}, call)
        authorization = _authorization(route, imported, authorizers)
        name = {} if route.operation_name is None else {"OperationName": route.operation_name}
        call("CreateRoute", {**key, "RouteKey": route.route_key, **target, **authorization, **name})
    api: Api = dataclasses.replace(get_api(state, ctx, api_id), warnings=imported.warnings)
    state.put(api)
    redeploy(state, api, ctx.clock, ctx.ids)
    return encode_api(api)


def _make_target(
    route: ImportedRoute, shared: dict[str, str], key: Mapping[str, str], call: Call
) -> dict[str, str]:
    if route.integration is None:
        return {}
    if route.shared in shared:
        return {"Target": shared[route.shared]}
    made = call("CreateIntegration", {**key, **route.integration})
    target = f"integrations/{made['IntegrationId']}"
    if route.shared is not None:
        shared[route.shared] = target
    return {"Target": target}


def _authorization(
    route: ImportedRoute, imported: Imported, authorizers: Mapping[str, str]
) -> dict[str, Any]:
    if route.scheme is None:
        return {}
    if route.scheme in imported.signed:
        return {"AuthorizationType": "AWS_IAM"}
    is_jwt = imported.authorizers[route.scheme]["AuthorizerType"] == "JWT"
    scopes = {"AuthorizationScopes": list(route.scopes)} if route.scopes and is_jwt else {}
    kind = "JWT" if is_jwt else "CUSTOM"
    return {"AuthorizationType": kind, "AuthorizerId": authorizers[route.scheme], **scopes}
