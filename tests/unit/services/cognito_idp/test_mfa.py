from typing import Any

import pytest

SMS = {"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "x"}}


def test_the_factors_that_a_pool_offers_are_told_again(account: Any) -> None:
    pool_id = account.pool()
    given = {
        "MfaConfiguration": "OPTIONAL",
        "SoftwareTokenMfaConfiguration": {"Enabled": True},
        "SmsMfaConfiguration": SMS,
    }
    assert account.call("SetUserPoolMfaConfig", UserPoolId=pool_id, **given) == given
    account.call("UpdateUserPool", UserPoolId=pool_id, MfaConfiguration="OPTIONAL")
    assert account.call("GetUserPoolMfaConfig", UserPoolId=pool_id) == given
    described = account.call("DescribeUserPool", UserPoolId=pool_id)["UserPool"]
    assert described["MfaConfiguration"] == "OPTIONAL"
    assert "SmsConfiguration" not in described


@pytest.mark.semantics("COGNITO-34")
@pytest.mark.parametrize(
    "name",
    ["SMSMfaSettings", "SoftwareTokenMfaSettings", "EmailMfaSettings", "WebAuthnMfaSettings"],
)
def test_second_factors_can_be_turned_off_only(account: Any, name: str) -> None:
    pool_id = account.pool()
    account.user(pool_id)
    token = account.sign_in(account.client(pool_id)["ClientId"])["AuthenticationResult"]["AccessToken"]
    for operation, who in (
        ("SetUserMFAPreference", {"AccessToken": token}),
        ("AdminSetUserMFAPreference", {"UserPoolId": pool_id, "Username": "ada"}),
    ):
        assert account.call(operation, **who, **{name: {"Enabled": False}}) == {}
        refusal = account.unchanged(operation, **who, **{name: {"Enabled": True}})
        assert refusal.startswith("InvalidParameterException: Sekisho does not support multi-factor")
    unknown = {"UserPoolId": pool_id, "Username": "nobody"}
    assert "UserNotFound" in account.unchanged("AdminSetUserMFAPreference", **unknown)
    assert "Invalid Access Token" in account.unchanged("SetUserMFAPreference", AccessToken="x")
