from typing import Any

import pytest

MAIL = [{"Name": "email", "Value": "ada@example.com"}, {"Name": "email_verified", "Value": "true"}]
PHONE = [{"Name": "phone_number", "Value": "+15550100"}, {"Name": "phone_number_verified", "Value": "true"}]


@pytest.fixture
def pool_id(account: Any) -> str:
    pool_id = str(account.pool())
    account.user(pool_id, UserAttributes=MAIL)
    return pool_id


@pytest.fixture
def client_id(account: Any, pool_id: str) -> str:
    return str(account.client(pool_id)["ClientId"])


def forgot(client_id: str, username: str = "ada") -> dict[str, Any]:
    return {"ClientId": client_id, "Username": username}


def confirm(client_id: str, code: str, password: str = "Brand-New-Pass-1") -> dict[str, Any]:
    return {"ClientId": client_id, "Username": "ada", "ConfirmationCode": code, "Password": password}


def test_a_forgotten_password_is_replaced_with_a_code(account: Any, pool_id: str, client_id: str) -> None:
    details = account.call("ForgotPassword", **forgot(client_id))["CodeDeliveryDetails"]
    assert details == {"Destination": "a***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    assert account.sign_in(client_id)["AuthenticationResult"]
    mail = account.mail(pool_id)
    assert mail.reason == "CustomMessage_ForgotPassword"
    weak = account.unchanged("ConfirmForgotPassword", **confirm(client_id, mail.code, "weak"))
    assert weak.startswith("InvalidPasswordException")
    account.call("ConfirmForgotPassword", **confirm(client_id, mail.code))
    assert account.sign_in(client_id, password="Brand-New-Pass-1")["AuthenticationResult"]
    assert "Incorrect" in account.sign_in_refused(client_id)
    assert account.refused("ConfirmForgotPassword", **confirm(client_id, mail.code)).startswith("ExpiredCode")
    with pytest.raises(IndexError):
        account.mail(pool_id)


def test_the_code_ends_after_an_hour(account: Any, pool_id: str, client_id: str) -> None:
    account.call("ForgotPassword", **forgot(client_id))
    account.clock.advance(hours=1)
    refusal = account.refused("ConfirmForgotPassword", **confirm(client_id, account.mail(pool_id).code))
    assert refusal.startswith("ExpiredCodeException")


def test_a_new_password_ends_the_wait(account: Any, pool_id: str, client_id: str) -> None:
    for _ in range(5):
        account.sign_in_refused(client_id, password="Wrong-1")
    account.call("ForgotPassword", **forgot(client_id))
    account.call("ConfirmForgotPassword", **confirm(client_id, account.mail(pool_id).code))
    assert account.sign_in(client_id, password="Brand-New-Pass-1")["AuthenticationResult"]


def test_an_administrator_resets_a_password(account: Any, pool_id: str, client_id: str) -> None:
    key = {"UserPoolId": pool_id, "Username": "ada"}
    account.call("AdminResetUserPassword", **key)
    assert account.call("AdminGetUser", **key)["UserStatus"] == "RESET_REQUIRED"
    required = "PasswordResetRequiredException: Password reset required for the user"
    assert account.sign_in_refused(client_id) == required
    account.call("ConfirmForgotPassword", **confirm(client_id, account.mail(pool_id).code))
    assert account.sign_in(client_id, password="Brand-New-Pass-1")["AuthenticationResult"]


@pytest.mark.semantics("COGNITO-71")
def test_the_pool_says_where_the_code_goes(account: Any) -> None:
    def recovery(*names: str) -> dict[str, Any]:
        mechanisms = [{"Name": name, "Priority": number} for number, name in enumerate(names, 1)]
        return {"AccountRecoverySetting": {"RecoveryMechanisms": mechanisms}}

    for setting, attribute in (
        ({}, "phone_number"),
        (recovery("verified_email", "verified_phone_number"), "email"),
        (recovery("verified_phone_number"), "phone_number"),
    ):
        pool_id = account.pool(**setting)
        account.user(pool_id, UserAttributes=[*MAIL, *PHONE])
        details = account.call("ForgotPassword", **forgot(account.client(pool_id)["ClientId"]))
        assert details["CodeDeliveryDetails"]["AttributeName"] == attribute
    pool_id = account.pool(**recovery("admin_only"))
    account.user(pool_id, UserAttributes=MAIL)
    refusal = account.unchanged("ForgotPassword", **forgot(account.client(pool_id)["ClientId"]))
    assert refusal == "NotAuthorizedException: Contact administrator to reset password."


def test_a_password_that_cannot_be_recovered(account: Any, pool_id: str, client_id: str) -> None:
    account.user(pool_id, "unverified", UserAttributes=MAIL[:1])
    unverified = account.unchanged("ForgotPassword", **forgot(client_id, "unverified"))
    assert unverified.startswith("InvalidParameterException: Cannot reset password for the user")
    account.call(
        "AdminCreateUser", UserPoolId=pool_id, Username="new", UserAttributes=MAIL, MessageAction="SUPPRESS"
    )
    for operation, params in (
        ("ForgotPassword", forgot(client_id, "new")),
        ("AdminResetUserPassword", {"UserPoolId": pool_id, "Username": "new"}),
    ):
        assert account.unchanged(operation, **params) == (
            "NotAuthorizedException: User password cannot be reset in the current state."
        )
    account.call("AdminDisableUser", UserPoolId=pool_id, Username="ada")
    assert account.unchanged("ForgotPassword", **forgot(client_id)) == (
        "NotAuthorizedException: User is disabled."
    )


@pytest.mark.semantics("COGNITO-26")
def test_who_exists_is_hidden_where_that_is_asked(account: Any, pool_id: str, client_id: str) -> None:
    hiding = account.client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
    made_up = account.call("ForgotPassword", **forgot(hiding, "nobody"))["CodeDeliveryDetails"]
    assert made_up.keys() == account.call("ForgotPassword", **forgot(hiding))["CodeDeliveryDetails"].keys()
    unknown = {**confirm(hiding, "123456"), "Username": "nobody"}
    assert account.unchanged("ConfirmForgotPassword", **unknown).startswith("ExpiredCodeException")
    assert account.unchanged("ForgotPassword", **forgot(client_id, "nobody")).startswith("UserNotFound")
