"""Listeners, with the default rule that each one holds, and their attributes.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Listener.html
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sekisho.model.elbv2 import Listener, Rule
from sekisho.model.ssl_policies import DEFAULT_SSL_POLICY, SSL_POLICIES
from sekisho.services.context import Context, ReadContext
from sekisho.services.elbv2 import errors, limits
from sekisho.services.elbv2.actions import decode_actions, encode_actions
from sekisho.services.elbv2.attributes import (
    HTTP_LISTENER_ATTRIBUTES,
    HTTPS_LISTENER_ATTRIBUTES,
    Attribute,
    change_attributes,
    default_attributes,
    encode_attributes,
)
from sekisho.services.elbv2.certificates import decode_default_certificate
from sekisho.services.elbv2.lookup import check_arn_count, get_listener, get_load_balancer, new_id
from sekisho.services.elbv2.paging import page
from sekisho.services.elbv2.tag_values import decode_tags
from sekisho.services.elbv2.target_group_use import check_target_groups
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "CreateListenerInput": members(
        enforced="LoadBalancerArn Protocol Port SslPolicy Certificates DefaultActions",
        stored="Tags MutualAuthentication",
        rejected="AlpnPolicy",  # for TLS listeners of Network Load Balancers
    ),
    "ModifyListenerInput": members(
        enforced="ListenerArn Protocol Port SslPolicy Certificates DefaultActions",
        stored="MutualAuthentication",
        rejected="AlpnPolicy",
    ),
    # The only mode that is taken is "off".
    "MutualAuthenticationAttributes": members(
        stored="Mode",
        rejected="TrustStoreArn IgnoreClientCertificateExpiry TrustStoreAssociationStatus"
        " AdvertiseTrustStoreCaNames",
    ),
    "DescribeListenersInput": members(enforced="LoadBalancerArn ListenerArns Marker PageSize"),
    "DeleteListenerInput": members(enforced="ListenerArn"),
    "DescribeListenerAttributesInput": members(enforced="ListenerArn"),
    # What becomes of each key is said in attributes.py.
    "ModifyListenerAttributesInput": members(enforced="ListenerArn Attributes"),
    "ListenerAttribute": members(enforced="Key Value"),
}

_PROTOCOLS = ("HTTP", "HTTPS")


@operation("CreateListener")
def create_listener(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a listener, or return the one that was created with the same settings."""
    load_balancer = get_load_balancer(ctx, request["LoadBalancerArn"])
    protocol = _check_protocol(request.get("Protocol"))
    if request.get("Port") is None:
        raise errors.validation_error("A listener port must be specified")
    _check_mutual_authentication(request)
    resource_id = new_id(ctx.ids)
    arn = f"{load_balancer.arn.replace(':loadbalancer/', ':listener/')}/{resource_id}"
    wanted = Listener(
        arn=arn,
        load_balancer_arn=load_balancer.arn,
        port=request["Port"],
        protocol=protocol,
        default_rule_arn=f"{arn.replace(':listener/', ':listener-rule/')}/{new_id(ctx.ids)}",
        default_actions=decode_actions(request["DefaultActions"], protocol),
        certificates=decode_default_certificate(ctx, protocol, request.get("Certificates")),
        ssl_policy=_decode_ssl_policy(protocol, request.get("SslPolicy")),
        attributes=default_attributes(_attributes(protocol)),
        tags=decode_tags(request.get("Tags")),
    )
    check_target_groups(ctx, load_balancer.arn, protocol, wanted.default_actions)
    siblings = ctx.state.list(Listener, load_balancer.arn)
    existing = next((each for each in siblings if each.port == wanted.port), None)
    if existing is not None:
        if not _is_same(wanted, existing):
            raise errors.duplicate_listener(load_balancer.arn)
        return {"Listeners": [_encode(existing)]}  # ELB-01
    if len(siblings) >= limits.LISTENERS_PER_LOAD_BALANCER:
        raise errors.too_many("Listeners", limits.LISTENERS_PER_LOAD_BALANCER)
    ctx.state.put(wanted)
    return {"Listeners": [_encode(wanted)]}


@operation("DescribeListeners", reads=True)
def describe_listeners(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the listeners that are named, or all of a load balancer."""
    arns, load_balancer_arn = request.get("ListenerArns"), request.get("LoadBalancerArn")
    if bool(arns) == bool(load_balancer_arn):
        raise errors.validation_error("You must specify either listener ARNs or a load balancer ARN")
    if arns:
        check_arn_count(arns)
        found = [get_listener(ctx, arn) for arn in dict.fromkeys(arns)]
    else:
        found = ctx.state.list(Listener, get_load_balancer(ctx, str(load_balancer_arn)).arn)
    items, more = page(found, request)
    return {"Listeners": [_encode(each) for each in items], **more}


@operation("ModifyListener")
def modify_listener(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the properties that are given."""
    listener = get_listener(ctx, request["ListenerArn"])
    protocol = _check_protocol(request.get("Protocol") or listener.protocol)
    _check_mutual_authentication(request)
    port = request.get("Port") or listener.port
    if any(
        each.port == port for each in ctx.state.list(Listener, listener.load_balancer_arn) if each != listener
    ):
        raise errors.duplicate_listener(listener.load_balancer_arn)
    # The actions that stay are looked at again too: the new protocol may not allow them.
    raw_actions = request.get("DefaultActions")
    if raw_actions is None:
        raw_actions = encode_actions(listener.default_actions)
    actions = decode_actions(raw_actions, protocol)
    check_target_groups(ctx, listener.load_balancer_arn, protocol, actions)
    changed = dataclasses.replace(
        _change_protocol(ctx, listener, protocol, request), port=port, default_actions=actions
    )
    ctx.state.put(changed)
    return {"Listeners": [_encode(changed)]}


@operation("DeleteListener")
def delete_listener(ctx: Context, request: Mapping[str, Any]) -> None:
    """Delete a listener with its rules."""
    remove_listener(ctx, get_listener(ctx, request["ListenerArn"]))


@operation("DescribeListenerAttributes", reads=True)
def describe_listener_attributes(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe every attribute of a listener."""
    return {"Attributes": encode_attributes(get_listener(ctx, request["ListenerArn"]).attributes)}


@operation("ModifyListenerAttributes")
def modify_listener_attributes(ctx: Context, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change the attributes that are named."""
    listener = get_listener(ctx, request["ListenerArn"])
    table = _attributes(listener.protocol)
    attributes = change_attributes("Listener", table, listener.attributes, request["Attributes"])
    ctx.state.put(dataclasses.replace(listener, attributes=attributes))
    return {"Attributes": encode_attributes(attributes)}


# --- helpers -------------------------------------------------------------------------------------------------


def remove_listener(ctx: Context, listener: Listener) -> None:
    """Delete a listener and its rules from the state."""
    for rule in ctx.state.list(Rule, listener.arn):
        ctx.state.delete(Rule, rule.arn)
    ctx.state.delete(Listener, listener.arn)


def _attributes(protocol: str) -> tuple[Attribute, ...]:
    return HTTPS_LISTENER_ATTRIBUTES if protocol == "HTTPS" else HTTP_LISTENER_ATTRIBUTES


def _check_protocol(protocol: str | None) -> str:
    if protocol is None:
        raise errors.validation_error("A listener protocol must be specified")
    if protocol not in _PROTOCOLS:
        raise errors.unsupported_protocol(protocol)
    return protocol


def _check_mutual_authentication(request: Mapping[str, Any]) -> None:
    mode = (request.get("MutualAuthentication") or {}).get("Mode") or "off"
    if mode != "off":
        raise errors.validation_error(f"Sekisho does not support the mutual authentication mode '{mode}'")


def _decode_ssl_policy(protocol: str, name: str | None) -> str | None:
    if protocol == "HTTP":
        if name:
            raise errors.validation_error("An SSL policy cannot be specified for HTTP listeners")
        return None
    if name and name not in SSL_POLICIES:
        raise errors.ssl_policy_not_found(name)
    return name or DEFAULT_SSL_POLICY  # ELB-21


def _change_protocol(ctx: Context, listener: Listener, protocol: str, request: Mapping[str, Any]) -> Listener:
    """Return the listener with protocol, certificates and security policy as a ModifyListener request asks."""
    raw = request.get("Certificates")
    if protocol == "HTTP" or listener.protocol == "HTTP":  # ELB-27
        certificates = decode_default_certificate(ctx, protocol, raw)
    elif raw is None:
        certificates = listener.certificates
    else:
        certificates = (*decode_default_certificate(ctx, protocol, raw), *listener.certificates[1:])
    kept_policy = listener.ssl_policy if protocol == "HTTPS" else None
    changed = dataclasses.replace(
        listener,
        protocol=protocol,
        certificates=certificates,
        ssl_policy=_decode_ssl_policy(protocol, request.get("SslPolicy") or kept_policy),
    )
    if protocol == listener.protocol:
        return changed
    _check_rules(ctx, listener, protocol)
    defaults = default_attributes(_attributes(protocol))
    return dataclasses.replace(changed, attributes={**defaults, **_kept(listener.attributes, defaults)})


def _kept(attributes: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in attributes.items() if key in known}


def _check_rules(ctx: Context, listener: Listener, protocol: str) -> None:
    """Check that every rule of the listener can stay under another protocol."""
    for rule in ctx.state.list(Rule, listener.arn):
        actions = decode_actions(encode_actions(rule.actions), protocol)
        check_target_groups(ctx, listener.load_balancer_arn, protocol, actions)


def _is_same(wanted: Listener, existing: Listener) -> bool:
    return (
        wanted.protocol == existing.protocol
        and wanted.default_actions == existing.default_actions
        and wanted.certificates[:1] == existing.certificates[:1]
        and wanted.ssl_policy == existing.ssl_policy
        and wanted.tags == existing.tags
    )


def _encode(listener: Listener) -> dict[str, Any]:
    encoded: dict[str, Any] = {
        "ListenerArn": listener.arn,
        "LoadBalancerArn": listener.load_balancer_arn,
        "Port": listener.port,
        "Protocol": listener.protocol,
        "DefaultActions": encode_actions(listener.default_actions),
    }
    if listener.protocol == "HTTPS":
        encoded["Certificates"] = [{"CertificateArn": listener.certificates[0]}]
        encoded["SslPolicy"] = listener.ssl_policy
        encoded["MutualAuthentication"] = {"Mode": "off"}
    return encoded
