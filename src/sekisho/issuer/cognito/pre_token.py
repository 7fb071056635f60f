"""The trigger that changes tokens before they are signed, in its three versions.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sekisho.issuer.cognito.claims import Membership
from sekisho.issuer.cognito.triggers import Triggers
from sekisho.kernel.errors import ServiceError
from sekisho.model.cognito import AppClient, UserPool
from sekisho.model.triggers import TriggerCall
from sekisho.model.user_tokens import SignIn

TRIGGER = "PreTokenGeneration"
CLIENT_CREDENTIALS = "TokenGeneration_ClientCredentials"
_EVENT_VERSIONS = {"V1_0": "1", "V2_0": "2", "V3_0": "3"}
_OVERRIDES = {"V1_0": "claimsOverrideDetails"}
_NEW_OVERRIDES = "claimsAndScopeOverrideDetails"

_FIXED = frozenset(
    (
        "acr",
        "amr",
        "at_hash",
        "auth_time",
        "azp",
        "exp",
        "iat",
        "iss",
        "jti",
        "nbf",
        "nonce",
        "origin_jti",
        "sub",
        "token_use",
        "cognito:username",
        "username",
    )
)
_FIXED_IN_ID = _FIXED | {"aud", "identities"}
_FIXED_IN_ACCESS = _FIXED | {"client_id", "device_key", "event_id", "version", "aud", "scope"}


@dataclass(frozen=True, slots=True)
class Change:
    """What the trigger does to one token."""

    add: Mapping[str, Any]
    suppress: tuple[str, ...] = ()
    add_scopes: tuple[str, ...] = ()
    suppress_scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the trigger answered; ``member`` None leaves the groups as they are."""

    id_token: Change = Change({})
    access_token: Change = Change({})
    member: Membership | None = None


def run_for_user(triggers: Triggers, sign_in: SignIn, member: Membership) -> Overrides:
    """Run the trigger for a user's tokens (COGNITO-11).

    Raises:
        ServiceError: it failed, or answered what cannot be put into a token.
    """
    pool = sign_in.pool
    if TRIGGER not in pool.triggers:
        return Overrides()
    request: dict[str, Any] = {
        "userAttributes": sign_in.user.trigger_attributes,
        "groupConfiguration": {
            "groupsToOverride": list(member.groups),
            "iamRolesToOverride": list(member.roles),
            "preferredRole": member.preferred_role,
        },
    }
    if pool.pre_token_version != "V1_0":
        request["scopes"] = list(sign_in.scopes)
    if sign_in.metadata:
        request["clientMetadata"] = dict(sign_in.metadata)
    response = _run(triggers, pool, sign_in.source, sign_in.user.username, sign_in.client, request)
    return _read(pool, response)


def run_for_client(
    triggers: Triggers, pool: UserPool, client: AppClient, scopes: Sequence[str], metadata: Mapping[str, str]
) -> Overrides:
    """Run the trigger for the token of an app client itself; only V3 is told of those.

    Raises:
        ServiceError: as for :func:`run_for_user`.
    """
    if TRIGGER not in pool.triggers or pool.pre_token_version != "V3_0":
        return Overrides()
    request: dict[str, Any] = {"userAttributes": {}, "groupConfiguration": None, "scopes": list(scopes)}
    if metadata:
        request["clientMetadata"] = dict(metadata)
    return _read(pool, _run(triggers, pool, CLIENT_CREDENTIALS, "ClientCredentials", client, request))


def apply_to_id_token(claims: dict[str, Any], change: Change) -> dict[str, Any]:
    """Return the claims of an ID token with the change made."""
    return _apply(claims, change, _FIXED_IN_ID)


def apply_to_access_token(claims: dict[str, Any], change: Change) -> dict[str, Any]:
    """Return the claims of an access token with the change made; ``aud`` may be set to the client id only.

    Raises:
        ServiceError: the trigger sets another ``aud``.
    """
    changed = _apply(claims, change, _FIXED_IN_ACCESS)
    audience = change.add.get("aud")
    if audience is not None:
        if audience != claims["client_id"]:  # COGNITO-12
            raise _invalid("aud must be the app client id")
        changed["aud"] = audience
    kept = [scope for scope in str(claims["scope"]).split() if scope not in change.suppress_scopes]
    changed["scope"] = " ".join(dict.fromkeys([*kept, *change.add_scopes]))
    return changed


def _apply(claims: dict[str, Any], change: Change, fixed: frozenset[str]) -> dict[str, Any]:
    kept = {name: value for name, value in claims.items() if name in fixed or name not in change.suppress}
    return kept | {name: value for name, value in change.add.items() if name not in fixed}


def _run(
    triggers: Triggers, pool: UserPool, source: str, name: str, client: AppClient, request: dict[str, Any]
) -> Mapping[str, Any]:
    return triggers.run(
        TriggerCall(
            pool,
            TRIGGER,
            source,
            user_name=name,
            client_id=client.client_id,
            request=request,
            response={_OVERRIDES.get(pool.pre_token_version, _NEW_OVERRIDES): None},
            version=_EVENT_VERSIONS[pool.pre_token_version],
        )
    )


def _read(pool: UserPool, response: Mapping[str, Any]) -> Overrides:
    is_first = pool.pre_token_version == "V1_0"
    details = _mapping(response.get(_OVERRIDES.get(pool.pre_token_version, _NEW_OVERRIDES)))
    overrides = Overrides(member=_read_groups(details))
    if is_first:
        change = _read_change(details)
        if not all(isinstance(value, str) for value in change.add.values()):
            raise _invalid("claimsToAddOrOverride holds a value that is not a string")
        return replace(overrides, id_token=change)
    return replace(
        overrides,
        id_token=_read_change(_mapping(details.get("idTokenGeneration"))),
        access_token=_read_change(_mapping(details.get("accessTokenGeneration"))),
    )


def _read_change(details: Mapping[str, Any]) -> Change:
    scopes = _strings(details.get("scopesToAdd"))
    if any(" " in scope for scope in scopes):
        raise _invalid("scopesToAdd holds a scope with a space")
    return Change(
        _mapping(details.get("claimsToAddOrOverride")),
        _strings(details.get("claimsToSuppress")),
        scopes,
        _strings(details.get("scopesToSuppress")),
    )


def _read_groups(details: Mapping[str, Any]) -> Membership | None:
    given = details.get("groupOverrideDetails")
    if not given:
        return None
    groups = _mapping(given)
    preferred = groups.get("preferredRole")
    if preferred is not None and not isinstance(preferred, str):
        raise _invalid("preferredRole is not a string")
    return Membership(
        _strings(groups.get("groupsToOverride")),
        _strings(groups.get("iamRolesToOverride")),
        preferred or None,
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _invalid("an object was expected")
    return value


def _strings(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _invalid("a list of strings was expected")
    return tuple(value)


def _invalid(reason: str) -> ServiceError:
    return ServiceError("InvalidLambdaResponseException", f"Invalid lambda function output : {reason}")
