"""How CloudFormation makes app clients, domains and resource servers."""

from collections.abc import Mapping
from typing import Any

from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired
from sekisho.services.cognito_idp.cfn.common import NAME_LIMIT, POOL, SERVICE, delete, pick

_CLIENT_SETTINGS = (
    "AccessTokenValidity",
    "AllowedOAuthFlows",
    "AllowedOAuthFlowsUserPoolClient",
    "AllowedOAuthScopes",
    "AnalyticsConfiguration",
    "AuthSessionValidity",
    "CallbackURLs",
    "DefaultRedirectURI",
    "EnablePropagateAdditionalUserContextData",
    "EnableTokenRevocation",
    "ExplicitAuthFlows",
    "IdTokenValidity",
    "LogoutURLs",
    "PreventUserExistenceErrors",
    "ReadAttributes",
    "RefreshTokenRotation",
    "RefreshTokenValidity",
    "SupportedIdentityProviders",
    "TokenValidityUnits",
    "WriteAttributes",
)


def _client_params(desired: Desired) -> dict[str, Any]:
    return {
        "UserPoolId": desired.properties["UserPoolId"],
        "ClientName": desired.properties.get("ClientName") or desired.generated_name(NAME_LIMIT),
        **pick(desired.properties, *_CLIENT_SETTINGS),
    }


def _client_key(applied: Applied) -> dict[str, Any]:
    return {"UserPoolId": applied.properties["UserPoolId"], "ClientId": applied.physical_id}


def _create_client(calls: Calls, desired: Desired) -> str:
    params = {**_client_params(desired), **pick(desired.properties, "GenerateSecret")}
    return str(calls("CreateUserPoolClient", params)["UserPoolClient"]["ClientId"])


def _update_client(calls: Calls, desired: Desired, applied: Applied) -> None:
    calls("UpdateUserPoolClient", {**_client_params(desired), "ClientId": applied.physical_id})


def _delete_client(calls: Calls, applied: Applied) -> None:
    delete(calls, "DeleteUserPoolClient", _client_key(applied))


def _read_client(calls: Calls, applied: Applied) -> Mapping[str, Any]:
    client = calls("DescribeUserPoolClient", _client_key(applied))["UserPoolClient"]
    secret = client.get("ClientSecret")
    return {
        "ClientId": client["ClientId"],
        "Name": client["ClientName"],
        **({} if secret is None else {"ClientSecret": secret}),
    }


USER_POOL_CLIENT = CoreType(
    name="AWS::Cognito::UserPoolClient",
    service=SERVICE,
    properties=frozenset((*_CLIENT_SETTINGS, "ClientName", "GenerateSecret", "UserPoolId")),
    create=_create_client,
    update=_update_client,
    delete=_delete_client,
    read=_read_client,
    required=POOL,
    create_only=frozenset({"GenerateSecret", "UserPoolId"}),
)


def _domain_params(desired: Desired) -> dict[str, Any]:
    names = ("UserPoolId", "Domain", "CustomDomainConfig", "ManagedLoginVersion")
    return pick(desired.properties, *names)


def _create_domain(calls: Calls, desired: Desired) -> str:
    calls("CreateUserPoolDomain", _domain_params(desired))
    return str(desired.properties["Domain"])


def _update_domain(calls: Calls, desired: Desired, _applied: Applied) -> None:
    calls("UpdateUserPoolDomain", {"ManagedLoginVersion": 1, **_domain_params(desired)})


def _delete_domain(calls: Calls, applied: Applied) -> None:
    described = calls("DescribeUserPoolDomain", {"Domain": applied.physical_id})["DomainDescription"]
    pool_id = applied.properties["UserPoolId"]
    if described.get("UserPoolId") == pool_id:
        calls("DeleteUserPoolDomain", {"Domain": applied.physical_id, "UserPoolId": pool_id})


def _read_domain(calls: Calls, applied: Applied) -> Mapping[str, Any]:
    described = calls("DescribeUserPoolDomain", {"Domain": applied.physical_id})["DomainDescription"]
    return {"CloudFrontDistribution": described["CloudFrontDistribution"]}


USER_POOL_DOMAIN = CoreType(
    name="AWS::Cognito::UserPoolDomain",
    service=SERVICE,
    properties=frozenset({"UserPoolId", "Domain", "CustomDomainConfig", "ManagedLoginVersion"}),
    create=_create_domain,
    update=_update_domain,
    delete=_delete_domain,
    read=_read_domain,
    required=frozenset({"UserPoolId", "Domain"}),
    create_only=frozenset({"UserPoolId", "Domain"}),
    name_property="Domain",
)


def _create_resource_server(calls: Calls, desired: Desired) -> str:
    calls("CreateResourceServer", dict(desired.properties))
    return str(desired.properties["Identifier"])


def _update_resource_server(calls: Calls, desired: Desired, _applied: Applied) -> None:
    calls("UpdateResourceServer", dict(desired.properties))


def _delete_resource_server(calls: Calls, applied: Applied) -> None:
    key = {"UserPoolId": applied.properties["UserPoolId"], "Identifier": applied.physical_id}
    delete(calls, "DeleteResourceServer", key)


USER_POOL_RESOURCE_SERVER = CoreType(
    name="AWS::Cognito::UserPoolResourceServer",
    service=SERVICE,
    properties=frozenset({"UserPoolId", "Identifier", "Name", "Scopes"}),
    create=_create_resource_server,
    update=_update_resource_server,
    delete=_delete_resource_server,
    required=frozenset({"UserPoolId", "Identifier", "Name"}),
    create_only=frozenset({"UserPoolId", "Identifier"}),
    name_property="Identifier",
)
