"""What a pool is set to, from the members of CreateUserPool and UpdateUserPool to the model and back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sekisho.model.cognito import PasswordPolicy, UserPool
from sekisho.services.cognito_idp import errors
from sekisho.services.ledger import members

SET_APART = ("MfaMethods", "LogConfigurations", "UICustomizations")
"""Settings with operations of their own: UpdateUserPool leaves them, DescribeUserPool shows none."""

_SETTINGS = (
    "LambdaConfig AutoVerifiedAttributes VerificationMessageTemplate EmailVerificationMessage"
    " EmailVerificationSubject SmsVerificationMessage MfaConfiguration AdminCreateUserConfig"
    " UserAttributeUpdateSettings AccountRecoverySetting DeletionProtection Policies IssuerConfiguration"
)
_ECHOED = (
    "SmsAuthenticationMessage EmailConfiguration SmsConfiguration UserPoolTags UserPoolAddOns UserPoolTier"
    " KeyConfiguration DeviceConfiguration"
)
_REFUSED = "DcrConfiguration AcrConfiguration"

LEDGER = {
    "CreateUserPoolRequest": members(
        enforced=f"PoolName {_SETTINGS} AliasAttributes UsernameAttributes Schema UsernameConfiguration",
        stored=_ECHOED,
        rejected=_REFUSED,
    ),
    "UpdateUserPoolRequest": members(
        enforced=f"UserPoolId PoolName {_SETTINGS}", stored=_ECHOED, rejected=_REFUSED
    ),
    "UserPoolPolicyType": members(enforced="PasswordPolicy", stored="SignInPolicy"),
    "PasswordPolicyType": members(
        enforced="MinimumLength RequireUppercase RequireLowercase RequireNumbers RequireSymbols"
        " PasswordHistorySize TemporaryPasswordValidityDays"
    ),
    # That a user may begin with a password is the one thing that is supported; others are refused where used.
    "SignInPolicyType": members(stored="AllowedFirstAuthFactors"),
    "LambdaConfigType": members(
        enforced="PreSignUp CustomMessage PostConfirmation PreAuthentication PostAuthentication"
        " DefineAuthChallenge CreateAuthChallenge VerifyAuthChallengeResponse PreTokenGeneration"
        " PreTokenGenerationConfig",
        rejected="UserMigration CustomSMSSender CustomEmailSender KMSKeyID InboundFederation",
    ),
    "PreTokenGenerationVersionConfigType": members(enforced="LambdaVersion LambdaArn"),
    "VerificationMessageTemplateType": members(
        enforced="SmsMessage EmailMessage EmailSubject",
        stored="EmailMessageByLink EmailSubjectByLink DefaultEmailOption",
    ),
    "UserAttributeUpdateSettingsType": members(enforced="AttributesRequireVerificationBeforeUpdate"),
    # Messages go to the outbox, whoever they would have been sent by.
    "EmailConfigurationType": members(
        stored="SourceArn ReplyToEmailAddress EmailSendingAccount From ConfigurationSet"
    ),
    "SmsConfigurationType": members(stored="SnsCallerArn ExternalId SnsRegion EumsSms"),
    "EumsSmsConfigurationType": members(
        stored="CallerArn ExternalId OriginationIdentity ConfigurationSetName InEntityId InTemplateId Region"
    ),
    "AdminCreateUserConfigType": members(
        enforced="AllowAdminCreateUserOnly UnusedAccountValidityDays InviteMessageTemplate"
    ),
    "MessageTemplateType": members(enforced="SMSMessage EmailMessage EmailSubject"),
    "UserPoolAddOnsType": members(stored="AdvancedSecurityMode AdvancedSecurityAdditionalFlows"),
    "AdvancedSecurityAdditionalFlowsType": members(stored="CustomAuthMode"),
    # A remembered device stands in for a second factor, and there is none.
    "DeviceConfigurationType": members(
        stored="ChallengeRequiredOnNewDevice DeviceOnlyRememberedOnUserPrompt"
    ),
    "UsernameConfigurationType": members(enforced="CaseSensitive"),
    "AccountRecoverySettingType": members(enforced="RecoveryMechanisms"),
    "RecoveryOptionType": members(enforced="Priority Name"),
    "KeyConfigurationType": members(stored="KeyType KmsKeyArn"),
    "IssuerConfigurationType": members(enforced="Type"),
}

_PLAIN_TRIGGERS = (
    "PreSignUp",
    "CustomMessage",
    "PostConfirmation",
    "PreAuthentication",
    "PostAuthentication",
    "DefineAuthChallenge",
    "CreateAuthChallenge",
    "VerifyAuthChallengeResponse",
    "PreTokenGeneration",
)
_KEPT = (
    "SmsVerificationMessage",
    "EmailVerificationMessage",
    "EmailVerificationSubject",
    "VerificationMessageTemplate",
    "SmsAuthenticationMessage",
    "EmailConfiguration",
    "SmsConfiguration",
    "UserPoolAddOns",
    "KeyConfiguration",
    "DeviceConfiguration",
    "AccountRecoverySetting",
    "UserAttributeUpdateSettings",
    "IssuerConfiguration",
)


def decode_settings(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the model that a request sets; what it leaves out gets its default (COGNITO-30).

    Raises:
        ServiceError: InvalidParameterException for settings that cannot be.
    """
    policies = request.get("Policies") or {}
    policy = decode_policy(policies.get("PasswordPolicy"))
    admin = request.get("AdminCreateUserConfig") or {}
    if "UnusedAccountValidityDays" in admin:
        if (policies.get("PasswordPolicy") or {}).get("TemporaryPasswordValidityDays") is not None:
            raise errors.invalid_parameter(
                "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays"
            )
        policy = _with_days(policy, admin["UnusedAccountValidityDays"])
    triggers, version = _decode_triggers(request.get("LambdaConfig") or {})
    update = request.get("UserAttributeUpdateSettings") or {}
    issuer = request.get("IssuerConfiguration") or {}
    return {
        "password_policy": policy,
        "auto_verified_attributes": tuple(request.get("AutoVerifiedAttributes") or ()),
        "attributes_verified_before_update": tuple(
            update.get("AttributesRequireVerificationBeforeUpdate") or ()
        ),
        "deletion_protection": request.get("DeletionProtection") == "ACTIVE",
        "triggers": triggers,
        "pre_token_version": version,
        "sign_up_allowed": not admin.get("AllowAdminCreateUserOnly", False),
        "recovery": _decode_recovery(request.get("AccountRecoverySetting") or {}),
        "updated_issuer": issuer.get("Type") == "UPDATED",
        "settings": _decode_kept(request, policies, admin),
        "tags": dict(request.get("UserPoolTags") or {}),
    }


def decode_policy(raw: Mapping[str, Any] | None) -> PasswordPolicy:
    """Return the password policy; where one is given, what it leaves out is not required (COGNITO-31)."""
    if raw is None:
        return PasswordPolicy()
    return PasswordPolicy(
        raw.get("MinimumLength", 8),
        bool(raw.get("RequireUppercase")),
        bool(raw.get("RequireLowercase")),
        bool(raw.get("RequireNumbers")),
        bool(raw.get("RequireSymbols")),
        raw.get("PasswordHistorySize", 0),
        # 0 means the default, too: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html
        raw.get("TemporaryPasswordValidityDays") or 7,
    )


def encode_settings(pool: UserPool) -> dict[str, Any]:
    """Return the members of DescribeUserPool that tell the settings."""
    settings = {name: value for name, value in pool.settings.items() if name not in SET_APART}
    admin = settings.pop("AdminCreateUserConfig", {})
    policies = {"PasswordPolicy": _encode_policy(pool.password_policy), **settings.pop("Policies", {})}
    return {
        "Policies": policies,
        "DeletionProtection": "ACTIVE" if pool.deletion_protection else "INACTIVE",
        "LambdaConfig": encode_triggers(pool),
        "AutoVerifiedAttributes": list(pool.auto_verified_attributes) or None,
        "AdminCreateUserConfig": {
            "AllowAdminCreateUserOnly": not pool.sign_up_allowed,
            "UnusedAccountValidityDays": pool.password_policy.temporary_validity_days,
            **admin,
        },
        "UserPoolTags": dict(pool.tags),
        **settings,
    }


def check_mfa(mode: str | None) -> None:
    """Refuse a pool that asks everybody for a second factor (COGNITO-32).

    Raises:
        ServiceError: InvalidParameterException.
    """
    if mode == "ON":
        raise errors.invalid_parameter(
            "Sekisho does not support multi-factor authentication: MfaConfiguration must be OFF or OPTIONAL."
        )


def encode_triggers(pool: UserPool) -> dict[str, Any]:
    """Return ``LambdaConfig``."""
    encoded: dict[str, Any] = dict(pool.triggers)
    arn = pool.triggers.get("PreTokenGeneration")
    if arn is not None:
        encoded["PreTokenGenerationConfig"] = {"LambdaVersion": pool.pre_token_version, "LambdaArn": arn}
    return encoded


def _encode_policy(policy: PasswordPolicy) -> dict[str, Any]:
    encoded: dict[str, Any] = {
        "MinimumLength": policy.minimum_length,
        "RequireUppercase": policy.require_uppercase,
        "RequireLowercase": policy.require_lowercase,
        "RequireNumbers": policy.require_numbers,
        "RequireSymbols": policy.require_symbols,
        "TemporaryPasswordValidityDays": policy.temporary_validity_days,
    }
    if policy.history_size:
        encoded["PasswordHistorySize"] = policy.history_size
    return encoded


def _with_days(policy: PasswordPolicy, days: int) -> PasswordPolicy:
    return replace(policy, temporary_validity_days=days or 7)


def _decode_triggers(raw: Mapping[str, Any]) -> tuple[dict[str, str], str]:
    triggers = {name: raw[name] for name in _PLAIN_TRIGGERS if raw.get(name)}
    config = raw.get("PreTokenGenerationConfig")
    if config is None:
        return triggers, "V1_0"
    if triggers.get("PreTokenGeneration", config["LambdaArn"]) != config["LambdaArn"]:
        raise errors.invalid_parameter(
            "PreTokenGeneration and PreTokenGenerationConfig must name the same function."
        )
    return {**triggers, "PreTokenGeneration": config["LambdaArn"]}, config["LambdaVersion"]


def _decode_recovery(raw: Mapping[str, Any]) -> tuple[str, ...]:
    mechanisms = sorted(raw.get("RecoveryMechanisms") or (), key=lambda each: int(each["Priority"]))
    names = tuple(each["Name"] for each in mechanisms)
    if "admin_only" in names and len(names) > 1:
        raise errors.invalid_parameter("admin_only cannot be combined with another recovery mechanism.")
    if len({each["Priority"] for each in mechanisms}) != len(names) or len(set(names)) != len(names):
        raise errors.invalid_parameter("Each recovery mechanism has a name and a priority of its own.")
    return names


def _decode_kept(
    request: Mapping[str, Any], policies: Mapping[str, Any], admin: Mapping[str, Any]
) -> dict[str, Any]:
    check_mfa(request.get("MfaConfiguration"))
    if (request.get("KeyConfiguration") or {}).get("KeyType") == "CUSTOMER_MANAGED_KEY":
        raise errors.invalid_parameter("Sekisho does not support customer managed keys.")
    kept = {name: request[name] for name in _KEPT if request.get(name) is not None}
    kept["MfaConfiguration"] = request.get("MfaConfiguration") or "OFF"
    kept["UserPoolTier"] = request.get("UserPoolTier") or "ESSENTIALS"
    if "InviteMessageTemplate" in admin:
        kept["AdminCreateUserConfig"] = {"InviteMessageTemplate": admin["InviteMessageTemplate"]}
    if "SignInPolicy" in policies:
        kept["Policies"] = {"SignInPolicy": policies["SignInPolicy"]}
    return kept
