"""Template, parameters and tags as requests give them."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from sekisho.cfn.capabilities import find_missing_capabilities
from sekisho.cfn.load import load_template
from sekisho.cfn.parameters import load_parameters
from sekisho.cfn.transforms import apply_transforms
from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Stack, StackInput
from sekisho.services.cloudformation.engine import TRANSFORMS

_STACK_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]*")
_LONGEST_STACK_NAME = 128


def check_stack_name(name: str) -> None:
    """Check the name of a stack that is to be created.

    Raises:
        ServiceError: it is too long or has a character that none may have.
    """
    if len(name) > _LONGEST_STACK_NAME:
        constraint = f"Member must have length less than or equal to {_LONGEST_STACK_NAME}"
    elif not _STACK_NAME.fullmatch(name):
        constraint = f"Member must satisfy regular expression pattern: {_STACK_NAME.pattern}"
    else:
        return
    raise ServiceError(
        "ValidationError",
        f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: {constraint}",
    )


def decode_template(request: Mapping[str, Any]) -> str:
    """Return the text of the template.

    Raises:
        ServiceError: none is given, or it would have to be fetched from S3.
    """
    body = request.get("TemplateBody")
    if body is not None:
        return str(body)
    if request.get("TemplateURL") is not None:
        raise ServiceError("ValidationError", "TemplateURL must be a supported URL.")
    raise ServiceError("ValidationError", "Either Template URL or Template Body must be specified.")


def decode_input(
    request: Mapping[str, Any], previous: StackInput | None = None, *, is_reviewed: bool = False
) -> StackInput:
    """Return what a request wants a stack to be made from.

    ``previous`` is what it was made from before; ``is_reviewed`` tells that a change set is made.

    Raises:
        ServiceError: it is incomplete, or needs capabilities that are not acknowledged.
    """
    folder = ""
    if request.get("UsePreviousTemplate") and previous is not None:
        text, folder = previous.template, previous.folder
    else:
        text = decode_template(request)
    document = load_template(text)
    capabilities = tuple(request.get("Capabilities") or ())
    parameters = _decode_parameters(request, previous, load_parameters(document).keys())
    processed = apply_transforms(document, parameters, TRANSFORMS, folder)
    missing = find_missing_capabilities(document, processed, capabilities, is_reviewed=is_reviewed)
    if missing:
        needed = ", ".join(missing)
        raise ServiceError("InsufficientCapabilitiesException", f"Requires capabilities : [{needed}]")
    tags = _decode_tags(request, previous)
    return StackInput(text, parameters, folder=folder, tags=tags, capabilities=capabilities)


def _decode_parameters(
    request: Mapping[str, Any], previous: StackInput | None, declared: Collection[str]
) -> dict[str, str]:
    had = previous.parameters if previous else {}
    parameters = {}
    for one in request.get("Parameters") or ():
        key = one.get("ParameterKey")
        if key is None:
            raise ServiceError("ValidationError", "ParameterKey is a required member of every parameter.")
        if not one.get("UsePreviousValue"):
            parameters[key] = one.get("ParameterValue", "")
        elif previous is None or key not in declared:
            raise ServiceError(
                "ValidationError",
                f"Invalid input for parameter key {key}. Cannot specify usePreviousValue as true for a parameter "
                "key not in the previous template.",
            )
        elif key in had:
            parameters[key] = had[key]
    return parameters


def _decode_tags(request: Mapping[str, Any], previous: StackInput | None) -> dict[str, str]:
    tags = request.get("Tags")
    if tags is None:
        return dict(previous.tags) if previous else {}
    return {tag["Key"]: tag["Value"] for tag in tags}


def encode_tags(given: StackInput | None) -> list[dict[str, str]]:
    """Return tags in the shape of the AWS model."""
    return [{"Key": key, "Value": value} for key, value in (given.tags if given else {}).items()]


def encode_parameters(given: StackInput | None) -> list[dict[str, str]]:
    """Return the values of all parameters, defaults included; those with ``NoEcho`` as asterisks."""
    if given is None:
        return []
    encoded = []
    for name, parameter in load_parameters(load_template(given.template)).items():
        value = given.parameters.get(name, parameter.default or "")
        encoded.append({"ParameterKey": name, "ParameterValue": "****" if parameter.no_echo else value})
    return encoded


def current_input(stack: Stack) -> StackInput | None:
    """Return what the stack is made from, or is being made from."""
    return stack.applied or stack.pending
