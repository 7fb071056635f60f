"""How CloudFormation makes listeners.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listener.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired
from sekisho.model.ssl_policies import DEFAULT_SSL_POLICY
from sekisho.services.elbv2.attributes import HTTPS_LISTENER_ATTRIBUTES, default_attributes
from sekisho.services.elbv2.cfn.common import (
    attribute_changes,
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
        _check_kept(given)
        policy = {"SslPolicy": DEFAULT_SSL_POLICY} if given["Protocol"] == "HTTPS" else {}
        calls("ModifyListener", {"ListenerArn": arn, **policy, **pick(given, *_LISTENER)})
    if has_changed(desired, applied, "ListenerAttributes"):
        _set_listener_attributes(calls, arn, given, applied.properties.get("ListenerAttributes") or ())
    update_tags(calls, desired, applied)


def _check_kept(given: Mapping[str, Any]) -> None:
    """Refuse to take away what a listener cannot be without: an update would leave it as it was.

    Raises:
        ServiceError: ``ValidationError``.
    """
    needed = (
        ("Port", "Protocol", "Certificates") if given.get("Protocol") == "HTTPS" else ("Port", "Protocol")
    )
    for name in needed:
        if name not in given:
            raise ServiceError("ValidationError", f"{name}: a listener must have it")


def _set_listener_attributes(
    calls: Calls, arn: str, given: Mapping[str, Any], had: Sequence[Mapping[str, Any]] = ()
) -> None:
    defaults = default_attributes(HTTPS_LISTENER_ATTRIBUTES)
    changes = attribute_changes(given.get("ListenerAttributes") or (), had, defaults)
    if changes:
        calls("ModifyListenerAttributes", {"ListenerArn": arn, "Attributes": changes})


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
