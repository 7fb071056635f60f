"""The actions of a rule or listener: reading, checking and describing them.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sekisho.model.elbv2 import Action, FixedResponseConfig, ForwardConfig, TargetGroupTuple
from sekisho.services.elbv2 import limits
from sekisho.services.elbv2.errors import invalid_action, too_many, validation_error
from sekisho.services.elbv2.jwt_validation import decode_jwt_validation, encode_jwt_validation
from sekisho.services.elbv2.redirects import decode_redirect, encode_redirect
from sekisho.services.ledger import members

LEDGER = {
    "Action": members(
        enforced="Type TargetGroupArn Order RedirectConfig FixedResponseConfig ForwardConfig JwtValidationConfig",
        rejected="AuthenticateOidcConfig AuthenticateCognitoConfig",
    ),
    "ForwardActionConfig": members(enforced="TargetGroups TargetGroupStickinessConfig"),
    "TargetGroupTuple": members(enforced="TargetGroupArn Weight"),
    "TargetGroupStickinessConfig": members(enforced="Enabled DurationSeconds"),
    "FixedResponseActionConfig": members(enforced="MessageBody StatusCode ContentType"),
}

TERMINAL = ("redirect", "fixed-response", "forward")
_CONFIGS = {
    "forward": "ForwardConfig",
    "redirect": "RedirectConfig",
    "fixed-response": "FixedResponseConfig",
    "jwt-validation": "JwtValidationConfig",
}
_CONTENT_TYPES = ("text/html", "application/json", "application/javascript", "text/css", "text/plain")
_GREATEST_WEIGHT = 999
_LONGEST_STICKINESS = 604_800


def decode_actions(raw: Sequence[Mapping[str, Any]], protocol: str) -> tuple[Action, ...]:
    """Return the actions for a listener of the given protocol, in the order of execution.

    Whether the target groups exist is not looked at here (see ``target_group_use``).

    Raises:
        ServiceError: InvalidLoadBalancerAction for a list that makes no sense, TooManyActions for one too many of
            a kind, ValidationError for a value that breaks a constraint.
    """
    actions = _sort(tuple(_decode_action(entry, protocol) for entry in raw))
    terminal = [action for action in actions if action.type in TERMINAL]
    if not terminal:  # ELB-02
        raise invalid_action(f"One action of the following types must be specified: {','.join(TERMINAL)}")
    if len(terminal) > 1 or len(actions) > 2:
        raise too_many("Actions", 2 if protocol == "HTTPS" else 1)
    if actions[-1] is not terminal[0]:
        raise invalid_action(f"The last action must be one of: {','.join(TERMINAL)}")
    return actions


def encode_actions(actions: Sequence[Action]) -> list[dict[str, Any]]:
    """Return actions as the Describe operations answer them."""
    return [_encode_action(action) for action in actions]


def _sort(actions: tuple[Action, ...]) -> tuple[Action, ...]:
    if len(actions) < 2:
        return actions
    orders = [action.order for action in actions if action.order is not None]
    if len(orders) < len(actions):  # ELB-04
        raise invalid_action("An order must be specified for every action of a rule with several actions")
    if len(set(orders)) < len(orders):
        raise invalid_action("The orders of the actions of a rule must be unique")
    return tuple(sorted(actions, key=lambda action: action.order or 0))


def _decode_action(raw: Mapping[str, Any], protocol: str) -> Action:
    kind = raw["Type"]
    if kind not in _CONFIGS:
        raise invalid_action(f"Sekisho does not support actions of type '{kind}'")
    for other, name in _CONFIGS.items():
        if other != kind and raw.get(name) is not None:
            raise invalid_action(f"'{name}' cannot be specified for an action of type '{kind}'")
    if kind != "forward" and raw.get("TargetGroupArn") is not None:
        raise invalid_action(f"'TargetGroupArn' cannot be specified for an action of type '{kind}'")
    config = raw.get(_CONFIGS[kind])
    if config is None and kind != "forward":
        raise invalid_action(f"A '{_CONFIGS[kind]}' must be specified for an action of type '{kind}'")
    order = raw.get("Order")
    if kind == "forward":
        return Action(kind, order, forward=_decode_forward(raw, config or {}))
    if kind == "redirect":
        return Action(kind, order, redirect=decode_redirect(config or {}, protocol))
    if kind == "fixed-response":
        return Action(kind, order, fixed_response=_decode_fixed_response(config or {}))
    if protocol != "HTTPS":  # ELB-03
        raise invalid_action(f"Actions of type '{kind}' are supported only on HTTPS listeners")
    return Action(kind, order, jwt_validation=decode_jwt_validation(config or {}))


def _decode_forward(raw: Mapping[str, Any], config: Mapping[str, Any]) -> ForwardConfig:
    arn = raw.get("TargetGroupArn")
    groups = config.get("TargetGroups") or ([{"TargetGroupArn": arn}] if arn else [])
    if not groups:
        raise invalid_action("A target group must be specified for an action of type 'forward'")
    if arn is not None and (len(groups) > 1 or groups[0].get("TargetGroupArn") != arn):
        raise invalid_action("'TargetGroupArn' and 'ForwardConfig' must name the same target group")
    if len(groups) > limits.TARGET_GROUPS_PER_ACTION:
        raise too_many("TargetGroups", limits.TARGET_GROUPS_PER_ACTION)
    tuples = tuple(_decode_tuple(group) for group in groups)
    if len({each.target_group_arn for each in tuples}) < len(tuples):
        raise invalid_action("A target group can only be specified once in an action")
    stickiness = config.get("TargetGroupStickinessConfig") or {}
    enabled, seconds = bool(stickiness.get("Enabled")), stickiness.get("DurationSeconds")
    if enabled and seconds is None:
        raise validation_error("A duration must be specified when target group stickiness is enabled")
    if seconds is not None and not 1 <= seconds <= _LONGEST_STICKINESS:
        raise validation_error(f"Target group stickiness lasts from 1 to {_LONGEST_STICKINESS} seconds")
    return ForwardConfig(tuples, enabled, seconds)


def _decode_tuple(raw: Mapping[str, Any]) -> TargetGroupTuple:
    arn, weight = raw.get("TargetGroupArn"), raw.get("Weight")
    if not arn:
        raise invalid_action("A 'TargetGroupArn' must be specified for every target group of 'ForwardConfig'")
    if weight is not None and not 0 <= weight <= _GREATEST_WEIGHT:
        raise validation_error(f"Weight '{weight}' must be between '0' and '{_GREATEST_WEIGHT}'")
    return TargetGroupTuple(arn, 1 if weight is None else weight)


def _decode_fixed_response(config: Mapping[str, Any]) -> FixedResponseConfig:
    content_type = config.get("ContentType")
    if content_type is not None and content_type not in _CONTENT_TYPES:
        raise validation_error(f"The ContentType must be one of:{', '.join(map(repr, _CONTENT_TYPES))}")
    return FixedResponseConfig(config["StatusCode"], content_type, config.get("MessageBody"))


def _encode_action(action: Action) -> dict[str, Any]:
    encoded: dict[str, Any] = {"Type": action.type}
    if action.order is not None:
        encoded["Order"] = action.order
    if action.forward is not None:
        encoded |= _encode_forward(action.forward)
    if action.redirect is not None:
        encoded["RedirectConfig"] = encode_redirect(action.redirect)
    if action.fixed_response is not None:
        encoded["FixedResponseConfig"] = _encode_fixed_response(action.fixed_response)
    if action.jwt_validation is not None:
        encoded["JwtValidationConfig"] = encode_jwt_validation(action.jwt_validation)
    return encoded


def _encode_forward(forward: ForwardConfig) -> dict[str, Any]:
    stickiness: dict[str, Any] = {"Enabled": forward.stickiness_enabled}
    if forward.stickiness_seconds is not None:
        stickiness["DurationSeconds"] = forward.stickiness_seconds
    groups = [
        {"TargetGroupArn": each.target_group_arn, "Weight": each.weight} for each in forward.target_groups
    ]
    encoded = {"ForwardConfig": {"TargetGroups": groups, "TargetGroupStickinessConfig": stickiness}}
    # ELB-09
    return encoded if len(groups) > 1 else {"TargetGroupArn": groups[0]["TargetGroupArn"], **encoded}


def _encode_fixed_response(config: FixedResponseConfig) -> dict[str, str]:
    encoded = {
        "MessageBody": config.message_body,
        "StatusCode": config.status_code,
        "ContentType": config.content_type,
    }
    return {name: value for name, value in encoded.items() if value is not None}
