"""How CloudFormation makes functions.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired
from sekisho.services.lambda_.cfn.common import delete_resource, has_changed, pick
from sekisho.services.lambda_.cfn.inline_code import pack_inline

_NAME_LIMIT = 64
_MANDATORY = "Runtime and Handler are mandatory parameters for functions created with deployment packages."
_DEFAULTS: Mapping[str, Any] = {
    "DeadLetterConfig": {},
    "Description": "",
    "Environment": {"Variables": {}},
    "EphemeralStorage": {"Size": 512},
    "FileSystemConfigs": [],
    "Handler": None,
    "KmsKeyArn": "",
    "Layers": [],
    "LoggingConfig": {"LogFormat": "Text"},
    "MemorySize": 128,
    "Role": None,
    "Runtime": None,
    "SnapStart": {"ApplyOn": "None"},
    "Timeout": 3,
    "TracingConfig": {"Mode": "PassThrough"},
    "VpcConfig": {},
}
"""Properties of the configuration, and what one becomes that is taken out of the template."""


def _create_function(calls: Calls, desired: Desired) -> str:
    given = desired.properties
    params = {
        "FunctionName": desired.generated_name(_NAME_LIMIT),
        **pick(given, "FunctionName", "PackageType", "Architectures"),
        **_configuration(given),
        "Code": _code(given),
        "Tags": _tags(given) or None,
    }
    name = str(calls("CreateFunction", params)["FunctionName"])
    if "ReservedConcurrentExecutions" in given:
        calls("PutFunctionConcurrency", {"FunctionName": name, **pick(given, "ReservedConcurrentExecutions")})
    return name


def _update_function(calls: Calls, desired: Desired, applied: Applied) -> None:
    given, function = desired.properties, {"FunctionName": applied.physical_id}
    if has_changed(desired, applied, "Code", "Architectures"):
        calls("UpdateFunctionCode", {**function, **_code(given), **pick(given, "Architectures")})
    if has_changed(desired, applied, *_DEFAULTS):
        _check_kept(desired, applied)
        removed = applied.properties.keys() & _DEFAULTS.keys() - given.keys()
        restored = {name: _DEFAULTS[name] for name in removed}
        calls("UpdateFunctionConfiguration", {**function, **_configuration({**given, **restored})})
    if has_changed(desired, applied, "ReservedConcurrentExecutions"):
        reserved = pick(given, "ReservedConcurrentExecutions")
        operation = "PutFunctionConcurrency" if reserved else "DeleteFunctionConcurrency"
        calls(operation, {**function, **reserved})
    _update_tags(calls, desired, applied)


def _check_kept(desired: Desired, applied: Applied) -> None:
    """Refuse to take away what a function cannot be without: an update would leave it as it was.

    Raises:
        ServiceError: ``InvalidParameterValueException``.
    """
    for name in ("Handler", "Runtime"):
        if name in applied.properties and name not in desired.properties:
            raise ServiceError("InvalidParameterValueException", _MANDATORY)


def _configuration(given: Mapping[str, Any]) -> dict[str, Any]:
    found = pick(given, *_DEFAULTS)
    if "KmsKeyArn" in found:
        found["KMSKeyArn"] = found.pop("KmsKeyArn")
    return found


def _code(given: Mapping[str, Any]) -> dict[str, Any]:
    code = dict(given["Code"])
    if "ZipFile" in code:
        code["ZipFile"] = pack_inline(str(code["ZipFile"]), str(given.get("Runtime", "")))
    return code


def _tags(given: Mapping[str, Any]) -> dict[str, Any]:
    return {tag["Key"]: tag.get("Value", "") for tag in given.get("Tags") or []}


def _update_tags(calls: Calls, desired: Desired, applied: Applied) -> None:
    wanted, had = _tags(desired.properties), _tags(applied.properties)
    if wanted == had:
        return
    arn = calls("GetFunctionConfiguration", {"FunctionName": applied.physical_id})["FunctionArn"]
    if had.keys() - wanted.keys():
        calls("UntagResource", {"Resource": arn, "TagKeys": sorted(had.keys() - wanted.keys())})
    if wanted:
        calls("TagResource", {"Resource": arn, "Tags": wanted})


def _delete_function(calls: Calls, applied: Applied) -> None:
    delete_resource(calls, "DeleteFunction", {"FunctionName": applied.physical_id})


def _read_function(calls: Calls, applied: Applied) -> Mapping[str, Any]:
    found = calls("GetFunctionConfiguration", {"FunctionName": applied.physical_id})
    snap_start = found["SnapStart"]
    return {
        "Arn": found["FunctionArn"],
        "SnapStartResponse": snap_start,
        "SnapStartResponse.ApplyOn": snap_start["ApplyOn"],
        "SnapStartResponse.OptimizationStatus": snap_start["OptimizationStatus"],
    }


FUNCTION = CoreType(
    name="AWS::Lambda::Function",
    service="lambda",
    properties=frozenset(
        (
            *_DEFAULTS,
            "Architectures",
            "Code",
            "FunctionName",
            "PackageType",
            "RecursiveLoop",  # about loops through services that do not run here
            "ReservedConcurrentExecutions",
            "RuntimeManagementConfig",  # about patches of runtimes, and this machine's are used
            "Tags",
        )
    ),
    create=_create_function,
    update=_update_function,
    delete=_delete_function,
    read=_read_function,
    required=frozenset(("Code", "Role")),
    create_only=frozenset(("FunctionName", "PackageType")),
    name_property="FunctionName",
)
