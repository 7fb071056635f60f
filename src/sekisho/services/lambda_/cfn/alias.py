"""How CloudFormation makes aliases.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-alias.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired
from sekisho.services.lambda_.cfn.common import delete_resource, pick


def _create_alias(calls: Calls, desired: Desired) -> str:
    named = pick(desired.properties, "FunctionName", "Name")
    return str(calls("CreateAlias", {**named, **_settings(desired)})["AliasArn"])


def _update_alias(calls: Calls, desired: Desired, _applied: Applied) -> None:
    named = pick(desired.properties, "FunctionName", "Name")
    calls("UpdateAlias", {**named, "Description": "", **_settings(desired)})


def _settings(desired: Desired) -> dict[str, Any]:
    weights = desired.properties.get("RoutingConfig", {}).get("AdditionalVersionWeights") or []
    by_version = {weight["FunctionVersion"]: weight["FunctionWeight"] for weight in weights}
    return {
        **pick(desired.properties, "FunctionVersion", "Description"),
        "RoutingConfig": {"AdditionalVersionWeights": by_version},
    }


def _delete_alias(calls: Calls, applied: Applied) -> None:
    delete_resource(calls, "DeleteAlias", pick(applied.properties, "FunctionName", "Name"))


def _read_alias(_calls: Calls, applied: Applied) -> Mapping[str, Any]:
    return {"AliasArn": applied.physical_id}


ALIAS = CoreType(
    name="AWS::Lambda::Alias",
    service="lambda",
    properties=frozenset(
        (
            "Description",
            "FunctionName",
            "FunctionVersion",
            "Name",
            "ProvisionedConcurrencyConfig",  # about starting early, and workers are kept warm here
            "RoutingConfig",
        )
    ),
    create=_create_alias,
    update=_update_alias,
    delete=_delete_alias,
    read=_read_alias,
    required=frozenset(("FunctionName", "FunctionVersion", "Name")),
    create_only=frozenset(("FunctionName", "Name")),
)
