"""How CloudFormation makes user pools and what belongs to them.

Properties, return values and replacement:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Cognito.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired

_SERVICE = "cognito-idp"
_NAME_LIMIT = 128
_POOL = frozenset({"UserPoolId"})


def _pick(properties: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: properties[name] for name in names if name in properties}


def _delete(calls: Calls, operation: str, params: Mapping[str, Any]) -> None:
    """Delete, taking what is gone already for deleted."""
    try:
        calls(operation, params)
    except ServiceError as error:
        if error.code not in ("ResourceNotFoundException", "UserNotFoundException"):
            raise


# ---------------------------------------------------------------- user pools

_POOL_SETTINGS = (
    "AccountRecoverySetting",
    "AdminCreateUserConfig",
    "AutoVerifiedAttributes",
    "DeletionProtection",
    "DeviceConfiguration",
    "EmailConfiguration",
    "EmailVerificationMessage",
    "EmailVerificationSubject",
    "LambdaConfig",
    "MfaConfiguration",
    "Policies",
    "SmsAuthenticationMessage",
    "SmsConfiguration",
    "SmsVerificationMessage",
    "UserAttributeUpdateSettings",
    "UserPoolAddOns",
    "UserPoolTags",
    "UserPoolTier",
    "VerificationMessageTemplate",
)
_POOL_FIXED = ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration")


def _pool_params(desired: Desired) -> dict[str, Any]:
    name = desired.properties.get("UserPoolName") or desired.generated_name(_NAME_LIMIT)
    return {"PoolName": name, **_pick(desired.properties, *_POOL_SETTINGS)}


def _create_pool(calls: Calls, desired: Desired) -> str:
    params = {**_pool_params(desired), **_pick(desired.properties, *_POOL_FIXED, "Schema")}
    return str(calls("CreateUserPool", params)["UserPool"]["Id"])


def _update_pool(calls: Calls, desired: Desired, applied: Applied) -> None:
    for name in _POOL_FIXED:
        if desired.properties.get(name) != applied.properties.get(name):
            raise ServiceError("InvalidRequest", f"Updates are not allowed for property - {name}.")
    added = _added_attributes(desired, applied)
    if added:
        calls("AddCustomAttributes", {"UserPoolId": applied.physical_id, "CustomAttributes": added})
    # Everything else that an update does not name returns to its default.
    calls("UpdateUserPool", {"UserPoolId": applied.physical_id, "UserPoolTags": {}, **_pool_params(desired)})


def _added_attributes(desired: Desired, applied: Applied) -> list[Mapping[str, Any]]:
    """Return the attributes that a template adds to the schema; nothing else of it can change."""
    wanted, had = desired.properties.get("Schema") or [], applied.properties.get("Schema") or []
    if any(attribute not in wanted for attribute in had):
        raise ServiceError("InvalidRequest", "Existing schema attributes cannot be modified or deleted.")
    return [attribute for attribute in wanted if attribute not in had]


def _delete_pool(calls: Calls, applied: Applied) -> None:
    _delete(calls, "DeleteUserPool", {"UserPoolId": applied.physical_id})


def _read_pool(calls: Calls, applied: Applied) -> Mapping[str, Any]:
    pool = calls("DescribeUserPool", {"UserPoolId": applied.physical_id})["UserPool"]
    updated = pool.get("IssuerConfiguration", {}).get("Type") == "UPDATED"
    region = pool["Id"].partition("_")[0]
    provider = f"{'issuer-' if updated else ''}cognito-idp.{region}.amazonaws.com/{pool['Id']}"
    return {
        "Arn": pool["Arn"],
        "ProviderName": provider,
        "ProviderURL": f"https://{provider}",
        "UserPoolId": pool["Id"],
    }


USER_POOL = CoreType(
    name="AWS::Cognito::UserPool",
    service=_SERVICE,
    # EnabledMfas says which second factors users may add; here they may add none.
    properties=frozenset((*_POOL_SETTINGS, *_POOL_FIXED, "EnabledMfas", "Schema", "UserPoolName")),
    create=_create_pool,
    update=_update_pool,
    delete=_delete_pool,
    read=_read_pool,
)


# ---------------------------------------------------------------- app clients

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
        "ClientName": desired.properties.get("ClientName") or desired.generated_name(_NAME_LIMIT),
        **_pick(desired.properties, *_CLIENT_SETTINGS),
    }


def _client_key(applied: Applied) -> dict[str, Any]:
    return {"UserPoolId": applied.properties["UserPoolId"], "ClientId": applied.physical_id}


def _create_client(calls: Calls, desired: Desired) -> str:
    params = {**_client_params(desired), **_pick(desired.properties, "GenerateSecret")}
    return str(calls("CreateUserPoolClient", params)["UserPoolClient"]["ClientId"])


def _update_client(calls: Calls, desired: Desired, applied: Applied) -> None:
    calls("UpdateUserPoolClient", {**_client_params(desired), "ClientId": applied.physical_id})


def _delete_client(calls: Calls, applied: Applied) -> None:
    _delete(calls, "DeleteUserPoolClient", _client_key(applied))


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
    service=_SERVICE,
    properties=frozenset((*_CLIENT_SETTINGS, "ClientName", "GenerateSecret", "UserPoolId")),
    create=_create_client,
    update=_update_client,
    delete=_delete_client,
    read=_read_client,
    required=_POOL,
    create_only=frozenset({"GenerateSecret", "UserPoolId"}),
)


# ---------------------------------------------------------------- domains


def _domain_params(desired: Desired) -> dict[str, Any]:
    names = ("UserPoolId", "Domain", "CustomDomainConfig", "ManagedLoginVersion")
    return _pick(desired.properties, *names)


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
    service=_SERVICE,
    properties=frozenset({"UserPoolId", "Domain", "CustomDomainConfig", "ManagedLoginVersion"}),
    create=_create_domain,
    update=_update_domain,
    delete=_delete_domain,
    read=_read_domain,
    required=frozenset({"UserPoolId", "Domain"}),
    create_only=frozenset({"UserPoolId", "Domain"}),
    name_property="Domain",
)


# ---------------------------------------------------------------- groups

_GROUP_SETTINGS = ("Description", "Precedence", "RoleArn")


def _group_params(desired: Desired, name: str) -> dict[str, Any]:
    return {
        "UserPoolId": desired.properties["UserPoolId"],
        "GroupName": name,
        **_pick(desired.properties, *_GROUP_SETTINGS),
    }


def _create_group(calls: Calls, desired: Desired) -> str:
    name = str(desired.properties.get("GroupName") or desired.generated_name(_NAME_LIMIT))
    calls("CreateGroup", _group_params(desired, name))
    return name


def _update_group(calls: Calls, desired: Desired, applied: Applied) -> None:
    wanted = _group_params(desired, applied.physical_id)
    if not any(name in applied.properties and name not in desired.properties for name in _GROUP_SETTINGS):
        calls("UpdateGroup", wanted)
        return
    # An update leaves alone what it does not name: the group is made anew, with the users that it has.
    key = _pick(wanted, "UserPoolId", "GroupName")
    members = _list_members(calls, key)
    calls("DeleteGroup", key)
    calls("CreateGroup", wanted)
    for username in members:
        calls("AdminAddUserToGroup", {**key, "Username": username})


def _list_members(calls: Calls, key: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    token: str | None = None
    while True:
        answer = calls("ListUsersInGroup", {**key, "NextToken": token})
        found += [user["Username"] for user in answer["Users"]]
        token = answer.get("NextToken")
        if token is None:
            return found


def _delete_group(calls: Calls, applied: Applied) -> None:
    key = {"UserPoolId": applied.properties["UserPoolId"], "GroupName": applied.physical_id}
    _delete(calls, "DeleteGroup", key)


USER_POOL_GROUP = CoreType(
    name="AWS::Cognito::UserPoolGroup",
    service=_SERVICE,
    properties=frozenset((*_GROUP_SETTINGS, "GroupName", "UserPoolId")),
    create=_create_group,
    update=_update_group,
    delete=_delete_group,
    required=_POOL,
    create_only=frozenset({"GroupName", "UserPoolId"}),
    name_property="GroupName",
)


# ---------------------------------------------------------------- resource servers


def _create_resource_server(calls: Calls, desired: Desired) -> str:
    calls("CreateResourceServer", dict(desired.properties))
    return str(desired.properties["Identifier"])


def _update_resource_server(calls: Calls, desired: Desired, _applied: Applied) -> None:
    calls("UpdateResourceServer", dict(desired.properties))


def _delete_resource_server(calls: Calls, applied: Applied) -> None:
    key = {"UserPoolId": applied.properties["UserPoolId"], "Identifier": applied.physical_id}
    _delete(calls, "DeleteResourceServer", key)


USER_POOL_RESOURCE_SERVER = CoreType(
    name="AWS::Cognito::UserPoolResourceServer",
    service=_SERVICE,
    properties=frozenset({"UserPoolId", "Identifier", "Name", "Scopes"}),
    create=_create_resource_server,
    update=_update_resource_server,
    delete=_delete_resource_server,
    required=frozenset({"UserPoolId", "Identifier", "Name"}),
    create_only=frozenset({"UserPoolId", "Identifier"}),
    name_property="Identifier",
)


# ---------------------------------------------------------------- users


def _create_user(calls: Calls, desired: Desired) -> str:
    username = str(desired.properties.get("Username") or desired.generated_name(_NAME_LIMIT))
    calls("AdminCreateUser", {**desired.properties, "Username": username})
    return username


def _delete_user(calls: Calls, applied: Applied) -> None:
    key = {"UserPoolId": applied.properties["UserPoolId"], "Username": applied.physical_id}
    _delete(calls, "AdminDeleteUser", key)


USER_POOL_USER = CoreType(
    name="AWS::Cognito::UserPoolUser",
    service=_SERVICE,
    properties=frozenset(
        {
            "ClientMetadata",
            "DesiredDeliveryMediums",
            "ForceAliasCreation",
            "MessageAction",
            "UserAttributes",
            "UserPoolId",
            "Username",
            "ValidationData",
        }
    ),
    create=_create_user,
    update=None,
    delete=_delete_user,
    required=_POOL,
    name_property="Username",
)


def _membership(properties: Mapping[str, Any]) -> dict[str, Any]:
    return _pick(properties, "UserPoolId", "GroupName", "Username")


def _create_membership(calls: Calls, desired: Desired) -> str:
    calls("AdminAddUserToGroup", _membership(desired.properties))
    return "|".join(str(value) for value in _membership(desired.properties).values())


def _delete_membership(calls: Calls, applied: Applied) -> None:
    _delete(calls, "AdminRemoveUserFromGroup", _membership(applied.properties))


USER_POOL_USER_TO_GROUP_ATTACHMENT = CoreType(
    name="AWS::Cognito::UserPoolUserToGroupAttachment",
    service=_SERVICE,
    properties=frozenset({"UserPoolId", "GroupName", "Username"}),
    create=_create_membership,
    update=None,
    delete=_delete_membership,
    required=frozenset({"UserPoolId", "GroupName", "Username"}),
)


CORE_TYPES = (
    USER_POOL,
    USER_POOL_CLIENT,
    USER_POOL_DOMAIN,
    USER_POOL_GROUP,
    USER_POOL_RESOURCE_SERVER,
    USER_POOL_USER,
    USER_POOL_USER_TO_GROUP_ATTACHMENT,
)
"""The types of this service that run here."""
