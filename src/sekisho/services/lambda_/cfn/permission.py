"""How CloudFormation makes statements of resource policies.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired
from sekisho.services.lambda_.cfn.common import delete_resource, pick

_PROPERTIES = (
    "Action",
    "EventSourceToken",
    "FunctionName",
    "FunctionUrlAuthType",
    "InvokedViaFunctionUrl",
    "Principal",
    "PrincipalOrgID",
    "SourceAccount",
    "SourceArn",
)
_SID_LIMIT = 100


def _create_permission(calls: Calls, desired: Desired) -> str:
    sid = desired.generated_name(_SID_LIMIT)
    calls("AddPermission", {**pick(desired.properties, *_PROPERTIES), "StatementId": sid})
    return sid


def _delete_permission(calls: Calls, applied: Applied) -> None:
    params = {**pick(applied.properties, "FunctionName"), "StatementId": applied.physical_id}
    delete_resource(calls, "RemovePermission", params)


def _read_permission(_calls: Calls, applied: Applied) -> Mapping[str, Any]:
    return {"Id": applied.physical_id}


PERMISSION = CoreType(
    name="AWS::Lambda::Permission",
    service="lambda",
    properties=frozenset(_PROPERTIES),
    create=_create_permission,
    update=None,
    delete=_delete_permission,
    read=_read_permission,
    required=frozenset(("Action", "FunctionName", "Principal")),
)
