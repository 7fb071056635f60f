"""The operations that sign users in.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.lookup import get_client, get_client_and_pool, get_pool
from sekisho.services.cognito_idp.sign_in.attempt import Attempt
from sekisho.services.cognito_idp.sign_in.custom import (
    answer_custom_challenge,
    answer_password_verifier,
    start_custom,
)
from sekisho.services.cognito_idp.sign_in.new_password import answer_new_password
from sekisho.services.cognito_idp.sign_in.password import start_password
from sekisho.services.cognito_idp.sign_in.refresh import start_refresh
from sekisho.services.cognito_idp.sign_in.srp_flow import start_srp
from sekisho.services.context import LongContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

# What tells Amazon's threat protection about the device changes nothing here.
_CONTEXT = "AnalyticsMetadata"

LEDGER = {
    "InitiateAuthRequest": members(
        enforced="AuthFlow AuthParameters ClientMetadata ClientId",
        stored=f"{_CONTEXT} UserContextData",
        rejected="Session",
    ),
    "AdminInitiateAuthRequest": members(
        enforced="UserPoolId ClientId AuthFlow AuthParameters ClientMetadata",
        stored=f"{_CONTEXT} ContextData",
        rejected="Session",
    ),
    "RespondToAuthChallengeRequest": members(
        enforced="ClientId ChallengeName Session ChallengeResponses ClientMetadata",
        stored=f"{_CONTEXT} UserContextData",
    ),
    "AdminRespondToAuthChallengeRequest": members(
        enforced="UserPoolId ClientId ChallengeName ChallengeResponses Session ClientMetadata",
        stored=f"{_CONTEXT} ContextData",
    ),
    "AnalyticsMetadataType": members(stored="AnalyticsEndpointId"),
    "UserContextDataType": members(stored="IpAddress EncodedData"),
    "ContextDataType": members(stored="IpAddress ServerName ServerPath HttpHeaders EncodedData"),
    "HttpHeader": members(stored="headerName headerValue"),
}


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow: what an app client must allow for it, who may start it, how it starts."""

    allowed_by: str
    start: Callable[[Attempt], dict[str, Any]]
    refusal: str
    by_users: bool = True
    by_admins: bool = True


FLOWS: Mapping[str, Flow] = {
    "USER_PASSWORD_AUTH": Flow(
        "ALLOW_USER_PASSWORD_AUTH",
        start_password,
        "USER_PASSWORD_AUTH flow not enabled for this client",
        by_admins=False,
    ),
    "ADMIN_USER_PASSWORD_AUTH": Flow(
        "ALLOW_ADMIN_USER_PASSWORD_AUTH",
        start_password,
        "Auth flow not enabled for this client",
        by_users=False,
    ),
    "USER_SRP_AUTH": Flow("ALLOW_USER_SRP_AUTH", start_srp, "USER_SRP_AUTH is not enabled for the client."),
    "CUSTOM_AUTH": Flow("ALLOW_CUSTOM_AUTH", start_custom, "CUSTOM_AUTH is not enabled for the client."),
    "REFRESH_TOKEN_AUTH": Flow(
        "ALLOW_REFRESH_TOKEN_AUTH", start_refresh, "Auth flow not enabled for this client"
    ),
}
"""The flows; another is a file and a line here."""

_OLD_NAMES = {"ADMIN_NO_SRP_AUTH": "ADMIN_USER_PASSWORD_AUTH", "REFRESH_TOKEN": "REFRESH_TOKEN_AUTH"}

ANSWERS: Mapping[str, Callable[[Attempt, str | None], dict[str, Any]]] = {
    "NEW_PASSWORD_REQUIRED": answer_new_password,
    "PASSWORD_VERIFIER": answer_password_verifier,
    "CUSTOM_CHALLENGE": answer_custom_challenge,
}
"""What verifies the answer to each challenge, given the attempt and the session."""


@operation("InitiateAuth", transaction=False)
def initiate_auth(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Start to sign in, as a user's own app does."""
    return _start(_attempt(ctx, request, "AuthParameters", is_admin=False), request["AuthFlow"])


@operation("AdminInitiateAuth", transaction=False)
def admin_initiate_auth(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Start to sign a user in, as a server does."""
    return _start(_attempt(ctx, request, "AuthParameters", is_admin=True), request["AuthFlow"])


@operation("RespondToAuthChallenge", transaction=False)
def respond_to_auth_challenge(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a challenge, as a user's own app does."""
    return _answer(_attempt(ctx, request, "ChallengeResponses", is_admin=False), request)


@operation("AdminRespondToAuthChallenge", transaction=False)
def admin_respond_to_auth_challenge(ctx: LongContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a challenge, as a server does."""
    return _answer(_attempt(ctx, request, "ChallengeResponses", is_admin=True), request)


# --- helpers -------------------------------------------------------------------------------------------------


def _attempt(ctx: LongContext, request: Mapping[str, Any], parameters: str, *, is_admin: bool) -> Attempt:
    """Return the attempt that a request is; ``parameters`` is the member with what the user gives."""
    with ctx.store.read() as state:
        if is_admin:
            pool = get_pool(ctx, state, request["UserPoolId"])
            client = get_client(state, pool, request["ClientId"])
        else:
            client, pool = get_client_and_pool(state, request["ClientId"])
    given, metadata = request.get(parameters) or {}, request.get("ClientMetadata") or {}
    return Attempt(ctx, pool, client, given, metadata, is_admin=is_admin)


def _start(attempt: Attempt, name: str) -> dict[str, Any]:
    flow = FLOWS.get(_OLD_NAMES.get(name, name))
    if flow is None:
        raise errors.invalid_parameter(f"Sekisho does not support the flow {name}.")
    if not (flow.by_admins if attempt.is_admin else flow.by_users):
        raise errors.invalid_parameter("Initiate Auth method not supported.")
    if flow.allowed_by not in attempt.client.auth_flows:
        raise errors.invalid_parameter(flow.refusal)
    return flow.start(attempt)


def _answer(attempt: Attempt, request: Mapping[str, Any]) -> dict[str, Any]:
    name = request["ChallengeName"]
    answer = ANSWERS.get(name)
    if answer is None:
        raise errors.invalid_parameter(f"Sekisho does not support the challenge {name}.")
    return answer(attempt, request.get("Session"))
