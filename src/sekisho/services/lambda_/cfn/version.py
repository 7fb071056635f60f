"""How CloudFormation publishes versions.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-version.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired
from sekisho.services.lambda_.cfn.common import delete_resource, pick


def _create_version(calls: Calls, desired: Desired) -> str:
    function = pick(desired.properties, "FunctionName")
    before = _list_versions(calls, function)
    published = calls("PublishVersion", {**function, **pick(desired.properties, "CodeSha256", "Description")})
    number = published["Version"]
    if number in before:
        raise ServiceError(
            "AlreadyExists",
            f"A version for this Lambda function exists ( {number} ). Modify the function to create a new version.",
        )
    return str(published["FunctionArn"])


def _list_versions(calls: Calls, function: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    marker: str | None = None
    while True:
        answer = calls("ListVersionsByFunction", {**function, "Marker": marker})
        found |= {version["Version"] for version in answer["Versions"]}
        marker = answer.get("NextMarker")
        if marker is None:
            return found


def _delete_version(calls: Calls, applied: Applied) -> None:
    delete_resource(calls, "DeleteFunction", {"FunctionName": applied.physical_id})


def _read_version(_calls: Calls, applied: Applied) -> Mapping[str, Any]:
    return {"FunctionArn": applied.physical_id, "Version": applied.physical_id.rpartition(":")[2]}


VERSION = CoreType(
    name="AWS::Lambda::Version",
    service="lambda",
    properties=frozenset(
        (
            "CodeSha256",
            "Description",
            "FunctionName",
            "ProvisionedConcurrencyConfig",  # about starting early, and workers are kept warm here
        )
    ),
    create=_create_version,
    update=None,
    delete=_delete_version,
    read=_read_version,
    required=frozenset(("FunctionName",)),
)
