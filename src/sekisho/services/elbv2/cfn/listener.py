"""How CloudFormation makes listeners.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listener.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired
from sekisho.services.elbv2.cfn.common import (
    delete_resource,
    has_changed,
    pick,
    update_tags,
)

_LISTENER = (
    "AlpnPolicy",
    "Certificates",
    "DefaultActions",
    "MutualAuthentication",
    "Port",
    "Protocol",
    "SslPolicy",
)


def _create_listener(calls: Calls, desired: Desired) -> str:
    given = desired.properties
    _check_port_is_free(calls, given)
    params = pick(given, "LoadBalancerArn", *_LISTENER, "Tags")
    arn = str(calls("CreateListener", params)["Listeners"][0]["ListenerArn"])
    _set_listener_attributes(calls, arn, given)
    return arn


def _check_port_is_free(calls: Calls, given: Mapping[str, Any]) -> None:
    """Refuse a port that is taken: the operation may answer with a listener that is not the stack's own.

    Raises:
        ServiceError: ``DuplicateListener``.
    """
    arn = given["LoadBalancerArn"]
    listeners = calls("DescribeListeners", {"LoadBalancerArn": arn})["Listeners"]
    if any(str(one.get("Port")) == str(given.get("Port")) for one in listeners):
        raise ServiceError(
            "DuplicateListener", f"A listener already exists on this port for this load balancer '{arn}'"
        )


def _update_listener(calls: Calls, desired: Desired, applied: Applied) -> None:
    arn, given = applied.physical_id, desired.properties
    if has_changed(desired, applied, *_LISTENER):
        calls("ModifyListener", {"ListenerArn": arn, **pick(given, *_LISTENER)})
    if has_changed(desired, applied, "ListenerAttributes"):
        _set_listener_attributes(calls, arn, given)
    update_tags(calls, desired, applied)


def _set_listener_attributes(calls: Calls, arn: str, given: Mapping[str, Any]) -> None:
    if given.get("ListenerAttributes"):
        calls("ModifyListenerAttributes", {"ListenerArn": arn, "Attributes": given["ListenerAttributes"]})


def _delete_listener(calls: Calls, applied: Applied) -> None:
    delete_resource(calls, "DeleteListener", {"ListenerArn": applied.physical_id}, "ListenerNotFound")


def _read_listener(_calls: Calls, applied: Applied) -> Mapping[str, Any]:
    return {"ListenerArn": applied.physical_id}


LISTENER = CoreType(
    name="AWS::ElasticLoadBalancingV2::Listener",
    service="elbv2",
    properties=frozenset((*_LISTENER, "ListenerAttributes", "LoadBalancerArn", "Tags")),
    create=_create_listener,
    update=_update_listener,
    delete=_delete_listener,
    read=_read_listener,
    required=frozenset(("DefaultActions", "LoadBalancerArn")),
    create_only=frozenset(("LoadBalancerArn",)),
)
