"""The configuration of a function: what the operations take of it, and how they describe it.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.kernel.arn import Arn
from sekisho.model.lambda_ import LATEST, Code, Configuration, FunctionVersion
from sekisho.services.lambda_ import errors
from sekisho.services.ledger import members

STORED = (
    "VpcConfig", "DeadLetterConfig", "KMSKeyArn", "TracingConfig", "Layers", "FileSystemConfigs",
    "EphemeralStorage", "SnapStart", "LoggingConfig",
)  # fmt: skip
"""Members that are described and change nothing here."""

LEDGER = {
    "VpcConfig": members(stored="SubnetIds SecurityGroupIds Ipv6AllowedForDualStack"),
    "DeadLetterConfig": members(stored="TargetArn"),
    "Environment": members(enforced="Variables"),
    "TracingConfig": members(stored="Mode"),
    "FileSystemConfig": members(stored="Arn LocalMountPath S3FilesConfig"),
    "S3FilesConfig": members(stored="DirectS3Read"),
    "EphemeralStorage": members(stored="Size"),
    "SnapStart": members(stored="ApplyOn"),
    "LoggingConfig": members(stored="LogFormat ApplicationLogLevel SystemLogLevel LogGroup"),
}

_LONGEST_TIMEOUT = 900
_ENVIRONMENT_LIMIT = 4096
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_RESERVED = frozenset(
    (
        "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
    )
)  # fmt: skip


def new_configuration(request: Mapping[str, Any], code: Code) -> Configuration:
    """Return the configuration of a new function.

    Raises:
        ServiceError: runtime or handler is missing, or a value cannot be.
    """
    if not request.get("Runtime") or not request.get("Handler"):
        raise errors.invalid_parameter(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )
    blank = Configuration(code, request["Role"], request["Runtime"], request["Handler"])
    architectures = {"Architectures": request["Architectures"]} if request.get("Architectures") else {}
    return change_configuration(dataclasses.replace(blank, settings=architectures), request)


def change_configuration(old: Configuration, request: Mapping[str, Any]) -> Configuration:
    """Return the configuration with the members that a request gives.

    Raises:
        ServiceError: a value cannot be.
    """
    fields = {"Role": "role", "Runtime": "runtime", "Handler": "handler", "Description": "description"}
    fields |= {"Timeout": "timeout", "MemorySize": "memory"}
    changes = {field: request[name] for name, field in fields.items() if request.get(name) is not None}
    if request.get("Environment") is not None:
        changes["environment"] = dict(request["Environment"].get("Variables") or {})
    given = {name: request[name] for name in STORED if request.get(name) is not None}
    changed = dataclasses.replace(old, **changes, settings={**old.settings, **given})
    _check_timeout(changed.timeout)
    _check_environment(changed.environment)
    return changed


def describe_version(version: FunctionVersion, *, qualified: bool) -> dict[str, Any]:
    """Return a version as FunctionConfiguration; ``qualified`` has the version in the ARN."""
    configuration = version.configuration
    name = Arn.parse(version.function_arn).resource.removeprefix("function:")
    settings = configuration.settings
    described = {
        "FunctionName": name,
        "FunctionArn": version.arn if qualified else version.function_arn,
        "Runtime": configuration.runtime,
        "Role": configuration.role,
        "Handler": configuration.handler,
        "CodeSize": configuration.code.size,
        "Description": configuration.description,
        "Timeout": configuration.timeout,
        "MemorySize": configuration.memory,
        "LastModified": version.last_modified.strftime("%Y-%m-%dT%H:%M:%S.")
        + f"{version.last_modified.microsecond // 1000:03d}+0000",
        "CodeSha256": configuration.code.sha256,
        "Version": version.version,
        "RevisionId": version.revision_id,
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": settings.get("Architectures", ["x86_64"]),
        "EphemeralStorage": settings.get("EphemeralStorage", {"Size": 512}),
        "TracingConfig": {"Mode": "PassThrough", **settings.get("TracingConfig", {})},
        "SnapStart": _describe_snap_start(version),
        "LoggingConfig": {
            "LogFormat": "Text",
            "LogGroup": f"/aws/lambda/{name}",
            **settings.get("LoggingConfig", {}),
        },
    }
    return {**described, **_describe_optional(configuration)}


def _describe_snap_start(version: FunctionVersion) -> dict[str, str]:
    apply_on = version.configuration.settings.get("SnapStart", {}).get("ApplyOn", "None")
    is_on = apply_on == "PublishedVersions" and version.version != LATEST
    return {"ApplyOn": apply_on, "OptimizationStatus": "On" if is_on else "Off"}


def _describe_optional(configuration: Configuration) -> dict[str, Any]:
    """Return the members that are there only when they were given."""
    settings = configuration.settings
    described: dict[str, Any] = {
        name: settings[name]
        for name in ("DeadLetterConfig", "KMSKeyArn", "FileSystemConfigs")
        if settings.get(name)
    }
    if configuration.environment:
        described["Environment"] = {"Variables": dict(configuration.environment)}
    if settings.get("VpcConfig"):
        defaults = {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": "", "Ipv6AllowedForDualStack": False}
        described["VpcConfig"] = {**defaults, **settings["VpcConfig"]}
    if settings.get("Layers"):
        described["Layers"] = [{"Arn": arn, "CodeSize": 0} for arn in settings["Layers"]]
    return described


def _check_timeout(timeout: int) -> None:
    if timeout > _LONGEST_TIMEOUT:
        raise errors.validation(
            f"Value '{timeout}' at 'timeout' failed to satisfy constraint: Member must have value less than or"
            f" equal to {_LONGEST_TIMEOUT}"
        )


def _check_environment(variables: Mapping[str, str]) -> None:
    lead = (
        "Lambda was unable to configure your environment variables because the environment variables you have"
        " provided"
    )
    reserved = sorted(_RESERVED & variables.keys())
    if reserved:
        raise errors.invalid_parameter(
            f"{lead} contains reserved keys that are currently not supported for modification. Reserved keys"
            f" used in this request: {', '.join(reserved)}"
        )
    size = sum(len(name.encode()) + len(value.encode()) for name, value in variables.items())
    if size > _ENVIRONMENT_LIMIT:
        raise errors.invalid_parameter(f"{lead} exceeded the 4KB limit. Size measured: {size}")
