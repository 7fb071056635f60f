"""How CloudFormation makes user pools.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpool.html
"""

from collections.abc import Mapping
from typing import Any

from sekisho.kernel.errors import ServiceError
from sekisho.model.cloudformation import Applied, Calls, CoreType, Desired
from sekisho.services.cognito_idp.cfn.common import NAME_LIMIT, SERVICE, delete, pick

_POOL_SETTINGS = (
    "AccountRecoverySetting",
    "AdminCreateUserConfig",
    "AutoVerifiedAttributes",
    "DeletionProtection",
    "DeviceConfiguration",
    "EmailConfiguration",
    "EmailVerificationMessage",
    "EmailVerificationSubject",
    "IssuerConfiguration",
    "KeyConfiguration",
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
_FACTORS: Mapping[str, Mapping[str, str]] = {
    "EmailMfaConfiguration": {
        "EmailAuthenticationMessage": "Message",
        "EmailAuthenticationSubject": "Subject",
    },
    "WebAuthnConfiguration": {
        "WebAuthnFactorConfiguration": "FactorConfiguration",
        "WebAuthnRelyingPartyID": "RelyingPartyId",
        "WebAuthnUserVerification": "UserVerification",
    },
}
"""Members of SetUserPoolMfaConfig, made of the properties that a template has in their place."""


def _pool_params(desired: Desired) -> dict[str, Any]:
    name = desired.properties.get("UserPoolName") or desired.generated_name(NAME_LIMIT)
    return {"PoolName": name, **pick(desired.properties, *_POOL_SETTINGS)}


def _factors(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the second factors that a template offers, as SetUserPoolMfaConfig takes them."""
    factors: dict[str, Any] = {}
    for member, names in _FACTORS.items():
        given = {names[name]: properties[name] for name in names if name in properties}
        if given:
            factors[member] = given
    enabled = properties.get("EnabledMfas") or ()
    if "EMAIL_OTP" in enabled:
        factors.setdefault("EmailMfaConfiguration", {})
    if "SOFTWARE_TOKEN_MFA" in enabled:
        factors["SoftwareTokenMfaConfiguration"] = {"Enabled": True}
    if "SMS_MFA" in enabled:
        factors["SmsMfaConfiguration"] = pick(properties, "SmsAuthenticationMessage", "SmsConfiguration")
    return factors


def _set_factors(calls: Calls, pool_id: str, properties: Mapping[str, Any]) -> None:
    mode = pick(properties, "MfaConfiguration")
    calls("SetUserPoolMfaConfig", {"UserPoolId": pool_id, **mode, **_factors(properties)})


def _create_pool(calls: Calls, desired: Desired) -> str:
    params = {**_pool_params(desired), **pick(desired.properties, *_POOL_FIXED, "Schema")}
    pool_id = str(calls("CreateUserPool", params)["UserPool"]["Id"])
    if _factors(desired.properties):
        _set_factors(calls, pool_id, desired.properties)
    return pool_id


def _update_pool(calls: Calls, desired: Desired, applied: Applied) -> None:
    for name in _POOL_FIXED:
        if desired.properties.get(name) != applied.properties.get(name):
            raise ServiceError("InvalidRequest", f"Updates are not allowed for property - {name}.")
    added = _added_attributes(desired, applied)
    if added:
        calls("AddCustomAttributes", {"UserPoolId": applied.physical_id, "CustomAttributes": added})
    # Everything else that an update does not name returns to its default.
    calls("UpdateUserPool", {"UserPoolId": applied.physical_id, "UserPoolTags": {}, **_pool_params(desired)})
    if _factors(desired.properties) != _factors(applied.properties):
        _set_factors(calls, applied.physical_id, desired.properties)


def _added_attributes(desired: Desired, applied: Applied) -> list[Mapping[str, Any]]:
    """Return the attributes that a template adds to the schema; nothing else of it can change."""
    wanted, had = desired.properties.get("Schema") or [], applied.properties.get("Schema") or []
    if any(attribute not in wanted for attribute in had):
        raise ServiceError("InvalidRequest", "Existing schema attributes cannot be modified or deleted.")
    return [attribute for attribute in wanted if attribute not in had]


def _delete_pool(calls: Calls, applied: Applied) -> None:
    delete(calls, "DeleteUserPool", {"UserPoolId": applied.physical_id})


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
    service=SERVICE,
    properties=frozenset(
        (
            *_POOL_SETTINGS,
            *_POOL_FIXED,
            *(name for names in _FACTORS.values() for name in names),
            "EnabledMfas",
            "Schema",
            "UserPoolName",
        )
    ),
    create=_create_pool,
    update=_update_pool,
    delete=_delete_pool,
    read=_read_pool,
)
