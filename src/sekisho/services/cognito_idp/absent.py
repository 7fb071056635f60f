"""Lists of what no user pool here has: identity providers, devices, passkeys, import jobs, assessed risks.

Tools that describe a whole pool ask for them. What would create one of them is refused as an operation.
"""

from collections.abc import Mapping
from typing import Any

from sekisho.services.cognito_idp import errors
from sekisho.services.cognito_idp.lookup import find_user, get_client, get_pool, get_user
from sekisho.services.cognito_idp.owner import find_owner
from sekisho.services.context import ReadContext
from sekisho.services.ledger import members
from sekisho.services.registry import operation

LEDGER = {
    "ListIdentityProvidersRequest": members(enforced="UserPoolId MaxResults NextToken"),
    "DescribeIdentityProviderRequest": members(enforced="UserPoolId ProviderName"),
    "GetIdentityProviderByIdentifierRequest": members(enforced="UserPoolId IdpIdentifier"),
    "ListDevicesRequest": members(enforced="AccessToken Limit PaginationToken"),
    "AdminListDevicesRequest": members(enforced="UserPoolId Username Limit PaginationToken"),
    "ListWebAuthnCredentialsRequest": members(enforced="AccessToken MaxResults NextToken"),
    "GetUserAuthFactorsRequest": members(enforced="AccessToken"),
    "AdminGetUserAuthFactorsRequest": members(enforced="UserPoolId Username"),
    "ListUserImportJobsRequest": members(enforced="UserPoolId MaxResults PaginationToken"),
    "DescribeRiskConfigurationRequest": members(enforced="UserPoolId ClientId"),
}

_PASSWORD_ONLY = ["PASSWORD"]


@operation("ListIdentityProviders", reads=True)
def list_identity_providers(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the identity providers of a pool: none."""
    get_pool(ctx, ctx.state, request["UserPoolId"])
    return {"Providers": []}


@operation("DescribeIdentityProvider", reads=True)
def describe_identity_provider(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe an identity provider: there is none."""
    get_pool(ctx, ctx.state, request["UserPoolId"])
    raise errors.not_found(f"Identity provider {request['ProviderName']} does not exist.")


@operation("GetIdentityProviderByIdentifier", reads=True)
def get_identity_provider_by_identifier(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe an identity provider: there is none."""
    get_pool(ctx, ctx.state, request["UserPoolId"])
    raise errors.not_found(f"Identity provider {request['IdpIdentifier']} does not exist.")


@operation("ListDevices", reads=True)
def list_devices(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the remembered devices of the user: none."""
    find_owner(ctx, ctx.state, request["AccessToken"])
    return {"Devices": []}


@operation("AdminListDevices", reads=True)
def admin_list_devices(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the remembered devices of a user: none."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    if find_user(ctx.state, pool, request["Username"]) is None:
        raise errors.not_found("User does not exist.")  # the model has no error of its own for it
    return {"Devices": []}


@operation("ListWebAuthnCredentials", reads=True)
def list_web_authn_credentials(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the passkeys of the user: none."""
    find_owner(ctx, ctx.state, request["AccessToken"])
    return {"Credentials": []}


@operation("GetUserAuthFactors", reads=True)
def get_user_auth_factors(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Tell what the user signs in with: a password."""
    owner = find_owner(ctx, ctx.state, request["AccessToken"])
    return {"Username": owner.user.username, "ConfiguredUserAuthFactors": _PASSWORD_ONLY}


@operation("AdminGetUserAuthFactors", reads=True)
def admin_get_user_auth_factors(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Tell what a user signs in with: a password."""
    user = get_user(ctx.state, get_pool(ctx, ctx.state, request["UserPoolId"]), request["Username"])
    return {"Username": user.username, "ConfiguredUserAuthFactors": _PASSWORD_ONLY}


@operation("ListUserImportJobs", reads=True)
def list_user_import_jobs(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the jobs that import users: none."""
    get_pool(ctx, ctx.state, request["UserPoolId"])
    return {"UserImportJobs": []}


@operation("DescribeRiskConfiguration", reads=True)
def describe_risk_configuration(ctx: ReadContext, request: Mapping[str, Any]) -> dict[str, Any]:
    """Tell what is done about risks: nothing."""
    pool = get_pool(ctx, ctx.state, request["UserPoolId"])
    client_id = request.get("ClientId")
    if client_id is not None:
        get_client(ctx.state, pool, client_id)
    return {"RiskConfiguration": {"UserPoolId": pool.id, "ClientId": client_id}}
