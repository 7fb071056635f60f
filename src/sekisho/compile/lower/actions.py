"""The actions of a rule: who may pass, and what happens then.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html
"""

from collections.abc import Callable, Collection

from sekisho.model.elbv2 import Action as RuleAction
from sekisho.model.elbv2 import FixedResponseConfig, ForwardConfig, JwtValidationConfig, RedirectConfig
from sekisho.model.ir import (
    Action,
    AlbGuard,
    ClaimCheck,
    ClaimFormat,
    FixedResponse,
    Forward,
    Redirect,
    Refuse,
    WeightedUpstream,
)

_STATUS = {"HTTP_301": 301, "HTTP_302": 302}


def lower_guard(actions: tuple[RuleAction, ...], key_set_of: Callable[[str], str]) -> AlbGuard | None:
    """Return the guard of a rule; ``key_set_of`` names the key set behind a JWKS URL."""
    for action in actions:
        if action.jwt_validation is not None:
            return _guard(action.jwt_validation, key_set_of)
    return None


def _guard(config: JwtValidationConfig, key_set_of: Callable[[str], str]) -> AlbGuard:
    claims = tuple(
        ClaimCheck(claim.name, ClaimFormat(claim.format), claim.values) for claim in config.additional_claims
    )
    return AlbGuard(config.issuer, key_set_of(config.jwks_endpoint), claims)


def lower_action(actions: tuple[RuleAction, ...], target_groups: Collection[str]) -> Action:
    """Return what a rule does in the end; :class:`Refuse` where it asks for something that is not run."""
    action: Action | None = None
    for step in actions:
        if step.forward is not None:
            action = _forward(step.forward, target_groups)
        elif step.redirect is not None:
            action = _redirect(step.redirect)
        elif step.fixed_response is not None:
            action = _fixed_response(step.fixed_response)
        elif step.jwt_validation is None:
            return Refuse("action-unsupported")
    return action or Refuse("action-missing")


def _forward(config: ForwardConfig, target_groups: Collection[str]) -> Action:
    if any(part.target_group_arn not in target_groups for part in config.target_groups):
        return Refuse("target-group-missing")
    upstreams = tuple(WeightedUpstream(part.target_group_arn, part.weight) for part in config.target_groups)
    return Forward(upstreams, config.stickiness_seconds if config.stickiness_enabled else None)


def _redirect(config: RedirectConfig) -> Action:
    status = _STATUS.get(config.status_code)
    if status is None:
        return Refuse("action-unsupported")
    return Redirect(status, config.protocol, config.host, config.port, config.path, config.query)


def _fixed_response(config: FixedResponseConfig) -> Action:
    if not (config.status_code.isascii() and config.status_code.isdigit()):
        return Refuse("action-unsupported")
    content_type = f"{config.content_type}; charset=utf-8" if config.content_type else None
    return FixedResponse(int(config.status_code), content_type, config.message_body or "")
