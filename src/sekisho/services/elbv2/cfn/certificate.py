"""How CloudFormation adds certificates to listeners.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listenercertificate.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired
from sekisho.services.elbv2.cfn.common import (
    delete_resource,
    pick,
    without,
)


def _create_listener_certificate(calls: Calls, desired: Desired) -> str:
    calls("AddListenerCertificates", pick(desired.properties, "ListenerArn", "Certificates"))
    return desired.generated_name(128)


def _update_listener_certificate(calls: Calls, desired: Desired, applied: Applied) -> None:
    listener = pick(desired.properties, "ListenerArn")
    wanted, had = desired.properties["Certificates"], applied.properties["Certificates"]
    new, gone = without(wanted, had), without(had, wanted)
    if new:
        calls("AddListenerCertificates", {**listener, "Certificates": new})
    if gone:
        calls("RemoveListenerCertificates", {**listener, "Certificates": gone})


def _delete_listener_certificate(calls: Calls, applied: Applied) -> None:
    params = pick(applied.properties, "ListenerArn", "Certificates")
    delete_resource(calls, "RemoveListenerCertificates", params, "ListenerNotFound")


def _read_listener_certificate(_calls: Calls, applied: Applied) -> Mapping[str, Any]:
    return {"Id": applied.physical_id}


LISTENER_CERTIFICATE = CoreType(
    name="AWS::ElasticLoadBalancingV2::ListenerCertificate",
    service="elbv2",
    properties=frozenset(("Certificates", "ListenerArn")),
    create=_create_listener_certificate,
    update=_update_listener_certificate,
    delete=_delete_listener_certificate,
    read=_read_listener_certificate,
    required=frozenset(("Certificates", "ListenerArn")),
    create_only=frozenset(("ListenerArn",)),
)
