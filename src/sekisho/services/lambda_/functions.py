"""Functions: creating, describing, changing and deleting them.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.model.lambda_ import LATEST, Alias, Configuration, Function, FunctionVersion, Policy
from sekisho.services.context import Context, LongContext, ReadContext
from sekisho.services.lambda_ import errors
from sekisho.services.lambda_.code import keep_code
from sekisho.services.lambda_.configuration import (
    change_configuration,
    describe_version,
    new_configuration,
)
from sekisho.services.lambda_.lookup import FunctionName, get_function, get_version, page, parse_name
from sekisho.services.lambda_.versions import publish
from sekisho.services.ledger import members
from sekisho.services.registry import operation
from sekisho.store.api import Writer

_STORED = (
    "VpcConfig DeadLetterConfig KMSKeyArn TracingConfig Layers FileSystemConfigs EphemeralStorage SnapStart"
    " LoggingConfig"
)
_REJECTED = "ImageConfig CapacityProviderConfig DurableConfig RuntimeConfig AcceleratorConfig"

LEDGER = {
    "CreateFunctionRequest": members(
        enforced="FunctionName Runtime Role Handler Code Timeout MemorySize Publish PackageType Environment",
        stored=f"Description Tags Architectures {_STORED}",
        rejected=f"PublishTo CodeSigningConfigArn TenancyConfig {_REJECTED}",
    ),
    "GetFunctionRequest": members(enforced="FunctionName Qualifier"),
    "GetFunctionConfigurationRequest": members(enforced="FunctionName Qualifier"),
    "GetFunctionCodeSigningConfigRequest": members(enforced="FunctionName"),
    "UpdateFunctionCodeRequest": members(
        enforced="FunctionName ZipFile S3Bucket S3Key Publish DryRun RevisionId",
        stored="S3ObjectVersion S3ObjectStorageMode SourceKMSKeyArn Architectures",
        rejected="ImageUri PublishTo",
    ),
    "UpdateFunctionConfigurationRequest": members(
        enforced="FunctionName Role Handler Timeout MemorySize Environment Runtime RevisionId",
        stored=f"Description {_STORED}",
        rejected=_REJECTED,
    ),
    "DeleteFunctionRequest": members(enforced="FunctionName Qualifier"),
    "ListFunctionsRequest": members(enforced="FunctionVersion Marker MaxItems", stored="MasterRegion"),
}


@operation("CreateFunction", transaction=False, joins=True)
def create_function(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a function; its code is on the disk before the function is in the state."""
    if request.get("PackageType", "Zip") != "Zip":
        raise errors.invalid_parameter("Sekisho does not run container images: PackageType must be Zip.")
    name = parse_name(ctx, request["FunctionName"])
    with ctx.store.read() as state:
        _check_is_new(state.find(Function, name.arn))
    code = keep_code(ctx, request["Code"], "CreateFunction")
    configuration = new_configuration(request, code)
    with ctx.store.write() as state:
        _check_is_new(state.find(Function, name.arn))
        state.put(Function(name.arn, name.name, tags=dict(request.get("Tags") or {})))
        created = _put_latest(ctx, state, name.arn, configuration)
        return _answer(ctx, state, created, publishes=bool(request.get("Publish")))


@operation("GetFunction", reads=True)
def get_function_operation(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a function with its tags and its reserved concurrency."""
    name = parse_name(ctx, request["FunctionName"], request.get("Qualifier"))
    function, version = get_function(ctx.state, name), get_version(ctx.state, name)
    answer: dict[str, Any] = {
        "Configuration": _describe_as_named(version, name),
        # LAMBDA-06: there is no bucket that the code could be downloaded from.
        "Code": {"RepositoryType": "S3"},
    }
    if function.tags:
        answer["Tags"] = dict(function.tags)
    if function.reserved_concurrency is not None:
        answer["Concurrency"] = {"ReservedConcurrentExecutions": function.reserved_concurrency}
    return answer


@operation("GetFunctionConfiguration", reads=True)
def get_function_configuration(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the configuration of a version."""
    name = parse_name(ctx, request["FunctionName"], request.get("Qualifier"))
    return _describe_as_named(get_version(ctx.state, name), name)


@operation("GetFunctionCodeSigningConfig", reads=True)
def get_function_code_signing_config(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the code signing of a function: none has any."""
    return {"FunctionName": get_function(ctx.state, parse_name(ctx, request["FunctionName"])).name}


@operation("UpdateFunctionCode", transaction=False, joins=True)
def update_function_code(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give the newest version other code; the next invocation runs it."""
    name = parse_name(ctx, request["FunctionName"])
    with ctx.store.read() as state:
        _get_latest(state.find(FunctionVersion, f"{name.arn}:{LATEST}"), name, request)
    code = keep_code(ctx, request, "UpdateFunctionCode")
    with ctx.store.write() as state:
        latest = _get_latest(state.find(FunctionVersion, f"{name.arn}:{LATEST}"), name, request)
        settings = latest.configuration.settings
        if request.get("Architectures"):
            settings = {**settings, "Architectures": request["Architectures"]}
        configuration = dataclasses.replace(latest.configuration, code=code, settings=settings)
        if request.get("DryRun"):
            return describe_version(dataclasses.replace(latest, configuration=configuration), qualified=False)
        changed = _put_latest(ctx, state, name.arn, configuration)
        return _answer(ctx, state, changed, publishes=bool(request.get("Publish")))


@operation("UpdateFunctionConfiguration")
def update_function_configuration(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change the configuration of the newest version; what a request does not give stays."""
    name = parse_name(ctx, request["FunctionName"])
    latest = _get_latest(ctx.state.find(FunctionVersion, f"{name.arn}:{LATEST}"), name, request)
    configuration = change_configuration(latest.configuration, request)
    changed = _put_latest(ctx, ctx.state, name.arn, configuration)
    return describe_version(changed, qualified=False)


@operation("DeleteFunction")
def delete_function(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Delete a function with all its versions, aliases and policies, or one version of it."""
    name = parse_name(ctx, request["FunctionName"], request.get("Qualifier"))
    get_function(ctx.state, name)
    if name.qualifier is not None:
        _delete_version(ctx.state, name)
        return {"StatusCode": 204}
    for kind in (FunctionVersion, Alias, Policy):
        for owned in ctx.state.list(kind, name.arn):
            ctx.state.delete(kind, owned.key)
    ctx.state.delete(Function, name.arn)
    return {"StatusCode": 204}


@operation("ListFunctions", reads=True)
def list_functions(ctx: ReadContext, request: dict[str, Any]) -> dict[str, Any]:
    """List the functions of the region by name; with ``FunctionVersion`` ALL every version of each."""
    functions = sorted(ctx.state.list(Function, ctx.home), key=lambda function: function.name)
    versions: list[FunctionVersion] = []
    everything = request.get("FunctionVersion") == "ALL"
    for function in functions:
        if everything:
            versions += ctx.state.list(FunctionVersion, function.arn)
        else:
            versions.append(ctx.state.get(FunctionVersion, f"{function.arn}:{LATEST}"))
    items, more = page(versions, request)
    return {"Functions": [describe_version(version, qualified=everything) for version in items], **more}


# --- helpers -------------------------------------------------------------------------------------------------


def _check_is_new(function: Function | None) -> None:
    if function is not None:
        raise errors.function_exists(function.name)


def _get_latest(
    latest: FunctionVersion | None, name: FunctionName, request: Mapping[str, Any]
) -> FunctionVersion:
    if latest is None:
        raise errors.function_not_found(name.arn)
    if request.get("RevisionId") not in (None, latest.revision_id):
        raise errors.stale_revision()
    return latest


def _put_latest(
    ctx: Context | LongContext, state: Writer, arn: str, configuration: Configuration
) -> FunctionVersion:
    version = FunctionVersion(arn, LATEST, configuration, ctx.clock.now(), ctx.ids.uuid())
    state.put(version)
    return version


def _answer(ctx: LongContext, state: Writer, latest: FunctionVersion, *, publishes: bool) -> dict[str, Any]:
    if publishes:
        return describe_version(publish(ctx, state, latest), qualified=True)
    return describe_version(latest, qualified=False)


def _describe_as_named(version: FunctionVersion, name: FunctionName) -> dict[str, Any]:
    described = describe_version(version, qualified=False)
    return {**described, "FunctionArn": name.resource}


def _delete_version(state: Writer, name: FunctionName) -> None:
    if name.qualifier == LATEST:
        raise errors.invalid_parameter("$LATEST version cannot be deleted without deleting the function.")
    if state.find(FunctionVersion, name.resource) is None:
        if state.find(Alias, name.resource) is not None:
            raise errors.invalid_parameter("Deletion of aliases is not currently supported.")
        return
    users = [
        alias.name
        for alias in state.list(Alias, name.arn)
        if name.qualifier == alias.version or name.qualifier in alias.weights
    ]
    if users:
        raise errors.version_in_use(users)
    state.delete(FunctionVersion, name.resource)
    if state.find(Policy, name.resource) is not None:
        state.delete(Policy, name.resource)
