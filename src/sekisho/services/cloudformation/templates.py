"""Templates: reading back a stack's own, and looking into one before it is deployed.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplateSummary.html
"""

import json
from collections.abc import Mapping
from typing import Any

from sekisho.cfn.capabilities import find_missing_capabilities
from sekisho.cfn.document import Document
from sekisho.cfn.load import load_template
from sekisho.cfn.parameters import Parameter, load_parameters
from sekisho.cfn.template import check_references, check_structure
from sekisho.cfn.transforms import SERVERLESS, apply_transforms
from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Status
from sekisho.services.cloudformation.engine import TRANSFORMS, TYPES, get_stack, located_errors
from sekisho.services.cloudformation.inputs import current_input, decode_template
from sekisho.services.cloudformation.lookup import get_change_set
from sekisho.services.context import Context, ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "GetTemplateInput": members(enforced="StackName ChangeSetName TemplateStage"),
    "GetTemplateSummaryInput": members(
        enforced="TemplateBody TemplateURL StackName",
        stored="TemplateSummaryConfig",
        rejected="StackSetName CallAs",
    ),
    "TemplateSummaryConfig": members(stored="TreatUnrecognizedResourceTypesAsWarnings"),
    "ValidateTemplateInput": members(enforced="TemplateBody TemplateURL"),
}


@operation("GetTemplate", reads=True)
def get_template(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template of a stack or a change set, as it was given or as its transforms have made it."""
    change_set = request.get("ChangeSetName")
    if change_set is not None:
        given = get_change_set(ctx.state, ctx.home, change_set, request.get("StackName")).given
    else:
        if request.get("StackName") is None:
            raise ServiceError("ValidationError", "StackName is a required parameter.")
        stack = get_stack(ctx.state, ctx.home, request["StackName"])
        found = current_input(stack)
        if found is None:
            raise ServiceError("ValidationError", f"Stack [{stack.name}] has no template")
        given = found
    stages = ["Original", "Processed"]
    document = load_template(given.template, given.source)
    if request.get("TemplateStage") != "Processed" or not document.body.get("Transform"):
        return {"TemplateBody": given.template, "StagesAvailable": stages}
    with located_errors():
        processed = apply_transforms(document, given.parameters, TRANSFORMS, given.folder)
    return {"TemplateBody": json.dumps(processed.body), "StagesAvailable": stages}


@operation("GetTemplateSummary", reads=True)
def get_template_summary(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Say which parameters, types and capabilities a template or a stack's template has."""
    document = _load(ctx, request)
    resources = document.section("Resources")
    types = sorted({str(body.get("Type")) for body in resources.values() if isinstance(body, dict)})
    summary: dict[str, Any] = {
        "Parameters": [_encode_declaration(one) for one in load_parameters(document).values()],
        "ResourceTypes": types,
        **_encode_needs(document),
    }
    if "AWSTemplateFormatVersion" in document.body:
        summary["Version"] = str(document.body["AWSTemplateFormatVersion"])
    return summary


@operation("ValidateTemplate")
def validate_template(_ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Check a template without its parameters' values."""
    with located_errors():
        document = load_template(decode_template(request))
        # What a transform would make of it is not known here.
        if not document.body.get("Transform"):
            check_structure(document, TYPES)
            check_references(document, TYPES)
        parameters = load_parameters(document).values()
    return {
        "Parameters": [_encode_parameter(parameter) for parameter in parameters],
        **_encode_needs(document),
    }


def _load(ctx: ReadContext, request: Mapping[str, Any]) -> Document:
    name = request.get("StackName")
    with located_errors():
        if name is None:
            return load_template(decode_template(request))
        stack = get_stack(ctx.state, ctx.home, name)
        if stack.status is Status.REVIEW_IN_PROGRESS:
            raise ServiceError(
                "ValidationError", "GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks."
            )
        given = current_input(stack)
        return load_template(given.template if given else "")


def _encode_needs(document: Document) -> dict[str, Any]:
    needs: dict[str, Any] = {}
    description = document.body.get("Description")
    if isinstance(description, str):
        needs["Description"] = description
    capabilities = find_missing_capabilities(document, document, ())
    if capabilities:
        iam = [
            str(body["Type"])
            for body in document.section("Resources").values()
            if isinstance(body, dict) and str(body.get("Type")).startswith("AWS::IAM::")
        ]
        needs["Capabilities"] = capabilities
        needs["CapabilitiesReason"] = (
            f"The following resource(s) require capabilities: [{', '.join(sorted(set(iam)) or [SERVERLESS])}]"
        )
    transforms = document.body.get("Transform", [])
    names = transforms if isinstance(transforms, list) else [transforms]
    if names:
        needs["DeclaredTransforms"] = [
            str(one.get("Name", "")) if isinstance(one, dict) else str(one) for one in names
        ]
    return needs


def _encode_parameter(parameter: Parameter) -> dict[str, Any]:
    encoded: dict[str, Any] = {"ParameterKey": parameter.name, "NoEcho": parameter.no_echo}
    if parameter.default is not None:
        encoded["DefaultValue"] = parameter.default
    if parameter.description is not None:
        encoded["Description"] = parameter.description
    return encoded


def _encode_declaration(parameter: Parameter) -> dict[str, Any]:
    constraints = {"AllowedValues": list(parameter.allowed_values)} if parameter.allowed_values else {}
    return {
        **_encode_parameter(parameter),
        "ParameterType": parameter.type,
        "ParameterConstraints": constraints,
    }
