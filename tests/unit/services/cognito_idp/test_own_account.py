from typing import Any

import pytest

MAIL = [{"Name": "email", "Value": "ada@example.com"}, {"Name": "email_verified", "Value": "true"}]


@pytest.fixture
def pool_id(account: Any) -> str:
    custom = {"Name": "tenant", "AttributeDataType": "String"}
    pool_id = str(account.pool(AutoVerifiedAttributes=["email"], Schema=[custom]))
    account.user(pool_id, UserAttributes=[*MAIL, {"Name": "custom:tenant", "Value": "a"}])
    return pool_id


@pytest.fixture
def client_id(account: Any, pool_id: str) -> str:
    return str(account.client(pool_id)["ClientId"])


@pytest.fixture
def token(account: Any, client_id: str) -> str:
    return str(account.sign_in(client_id)["AuthenticationResult"]["AccessToken"])


def values(account: Any, token: str) -> dict[str, str]:
    found = account.call("GetUser", AccessToken=token)
    return {each["Name"]: each["Value"] for each in found["UserAttributes"]}


def update(token: str, **changes: str) -> dict[str, Any]:
    given = [{"Name": name.replace("custom_", "custom:"), "Value": value} for name, value in changes.items()]
    return {"AccessToken": token, "UserAttributes": given}


def test_a_user_sees_what_the_client_may_read(account: Any, pool_id: str, token: str) -> None:
    assert values(account, token).keys() == {"sub", "email", "email_verified"}
    curious = account.client(pool_id, ReadAttributes=["custom:tenant"])["ClientId"]
    other = account.sign_in(curious)["AuthenticationResult"]["AccessToken"]
    assert values(account, other).keys() == {"sub", "custom:tenant"}


@pytest.mark.parametrize("text", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_a_token_of_somebody_else_is_refused(account: Any, client_id: str, text: str) -> None:
    assert client_id
    assert account.unchanged("GetUser", AccessToken=text) == "NotAuthorizedException: Invalid Access Token"


def test_an_id_token_is_no_access_token(account: Any, client_id: str) -> None:
    token = account.sign_in(client_id)["AuthenticationResult"]["IdToken"]
    refusal = account.unchanged("GetUser", AccessToken=token)
    assert refusal == "NotAuthorizedException: Invalid Access Token"


@pytest.mark.semantics("COGNITO-72")
def test_a_new_address_is_unverified_until_its_code_is_given(account: Any, pool_id: str, token: str) -> None:
    details = account.call("UpdateUserAttributes", **update(token, email="new@example.com", nickname="A"))
    assert [each["AttributeName"] for each in details["CodeDeliveryDetailsList"]] == ["email"]
    assert values(account, token)["email_verified"] == "false"
    mail = account.mail(pool_id)
    assert mail.destination == "new@example.com"
    verify = {"AccessToken": token, "AttributeName": "email"}
    wrong = f"{(int(mail.code) + 1) % 10**6:06}"
    assert account.refused("VerifyUserAttribute", Code=wrong, **verify).startswith("CodeMismatch")
    account.call("VerifyUserAttribute", Code=mail.code, **verify)
    assert values(account, token)["email_verified"] == "true"
    assert values(account, token)["email"] == "new@example.com"


@pytest.mark.semantics("COGNITO-72")
def test_a_new_address_can_wait_for_its_code(account: Any) -> None:
    setting = {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    pool_id = account.pool(AutoVerifiedAttributes=["email"], UserAttributeUpdateSettings=setting)
    account.user(pool_id, UserAttributes=MAIL)
    token = account.sign_in(account.client(pool_id)["ClientId"])["AuthenticationResult"]["AccessToken"]
    account.call("UpdateUserAttributes", **update(token, email="new@example.com"))
    assert values(account, token)["email"] == "ada@example.com"
    assert values(account, token)["email_verified"] == "true"
    code = account.mail(pool_id).code
    account.call("VerifyUserAttribute", AccessToken=token, AttributeName="email", Code=code)
    assert values(account, token)["email"] == "new@example.com"


def test_a_code_for_an_old_address_verifies_no_new_one(account: Any, pool_id: str, token: str) -> None:
    account.call("GetUserAttributeVerificationCode", AccessToken=token, AttributeName="email")
    code = account.mail(pool_id).code
    other = [{"Name": "email", "Value": "victim@example.com"}]
    account.call("AdminUpdateUserAttributes", UserPoolId=pool_id, Username="ada", UserAttributes=other)
    refusal = account.refused("VerifyUserAttribute", AccessToken=token, AttributeName="email", Code=code)
    assert refusal.startswith("ExpiredCodeException")


def test_what_a_client_may_not_write(account: Any, pool_id: str, token: str) -> None:
    unauthorized = "NotAuthorizedException: A client attempted to write unauthorized attribute"
    for change in ({"custom_tenant": "b"}, {"email_verified": "true"}, {"sub": "x"}):
        assert account.unchanged("UpdateUserAttributes", **update(token, **change)) == unauthorized
    for name in ("custom:tenant", "email_verified"):
        assert (
            account.unchanged("DeleteUserAttributes", AccessToken=token, UserAttributeNames=[name])
            == unauthorized
        )
    writer = account.client(pool_id, WriteAttributes=["custom:tenant", "email"])["ClientId"]
    own = account.sign_in(writer)["AuthenticationResult"]["AccessToken"]
    account.call("UpdateUserAttributes", **update(own, custom_tenant="b"))
    assert account.unchanged("UpdateUserAttributes", **update(own, nickname="x")) == unauthorized


def test_attributes_can_be_cleared(account: Any, token: str) -> None:
    account.call("UpdateUserAttributes", **update(token, nickname="A"))
    account.call("DeleteUserAttributes", AccessToken=token, UserAttributeNames=["nickname"])
    assert "nickname" not in values(account, token)


def test_a_user_changes_the_password(account: Any, client_id: str, token: str) -> None:
    change = {"AccessToken": token, "PreviousPassword": "Correct-Horse-7"}
    wrong = {**change, "PreviousPassword": "Wrong-Horse-7"}
    assert account.refused("ChangePassword", ProposedPassword="Brand-New-1", **wrong) == (
        "NotAuthorizedException: Incorrect username or password."
    )
    assert account.unchanged("ChangePassword", ProposedPassword="weak", **change).startswith(
        "InvalidPassword"
    )
    account.call("ChangePassword", ProposedPassword="Brand-New-1", **change)
    assert account.sign_in(client_id, password="Brand-New-1")["AuthenticationResult"]


@pytest.mark.semantics("COGNITO-27")
def test_a_stolen_token_cannot_be_used_to_guess_the_password(account: Any, token: str) -> None:
    wrong = {"AccessToken": token, "PreviousPassword": "Wrong-1", "ProposedPassword": "Brand-New-1"}
    for _ in range(5):
        assert "Incorrect" in account.refused("ChangePassword", **wrong)
    assert "Password attempts exceeded" in account.unchanged("ChangePassword", **wrong)


def test_signing_out_everywhere_ends_every_token(account: Any, client_id: str, token: str) -> None:
    other = account.sign_in(client_id)["AuthenticationResult"]["AccessToken"]
    account.call("GlobalSignOut", AccessToken=token)
    for each in (token, other):
        assert account.unchanged("GetUser", AccessToken=each) == (
            "NotAuthorizedException: Access Token has been revoked"
        )
    account.clock.advance(seconds=1)
    again = account.sign_in(client_id)["AuthenticationResult"]["AccessToken"]
    assert values(account, again)


def test_a_user_goes(account: Any, pool_id: str, token: str) -> None:
    account.call("DeleteUser", AccessToken=token)
    assert "does not exist" in account.unchanged("AdminGetUser", UserPoolId=pool_id, Username="ada")
    assert account.unchanged("GetUser", AccessToken=token).endswith("Invalid Access Token")
