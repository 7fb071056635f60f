from typing import Any

import pytest

from sekisho.model.sign_ins import OutboxMessage


@pytest.fixture
def pool_id(account: Any) -> str:
    return str(account.pool())


def named(user: dict[str, Any], key: str = "Attributes") -> dict[str, str]:
    return {each["Name"]: each["Value"] for each in user[key]}


def attributes(**values: str) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in values.items()]


def test_an_administrator_creates_a_user_who_must_change_the_password(account: Any, pool_id: str) -> None:
    created = account.call(
        "AdminCreateUser",
        UserPoolId=pool_id,
        Username="ada",
        UserAttributes=attributes(email="ada@example.com", email_verified="true"),
    )["User"]
    assert created["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert created["Enabled"] is True
    assert list(named(created)) == ["sub", "email", "email_verified"]
    assert account.unchanged("AdminCreateUser", UserPoolId=pool_id, Username="ada") == (
        "UsernameExistsException: User account already exists"
    )
    found = account.call("AdminGetUser", UserPoolId=pool_id, Username="ada")
    assert named(found, "UserAttributes") == named(created)


def test_the_invitation_brings_the_password_and_goes_when_it_has_served(account: Any, pool_id: str) -> None:
    key = {"UserPoolId": pool_id, "Username": "ada"}
    by_mail = {**key, "DesiredDeliveryMediums": ["EMAIL"]}
    account.call("AdminCreateUser", **by_mail, UserAttributes=attributes(email="ada@example.com"))
    mail = account.mail(pool_id)
    assert mail.destination == "ada@example.com"
    assert f"temporary password is {mail.code}" in mail.body
    client_id = account.client(pool_id)["ClientId"]
    challenge = account.sign_in(client_id, password=mail.code)
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    account.call("AdminCreateUser", **by_mail, MessageAction="RESEND")
    assert account.mail(pool_id).code != mail.code
    account.call("AdminSetUserPassword", **key, Password="Correct-Horse-7", Permanent=True)
    with pytest.raises(IndexError):
        account.mail(pool_id)
    assert "UnsupportedUserStateException" in account.unchanged(
        "AdminCreateUser", **key, MessageAction="RESEND"
    )


def test_a_password_that_an_administrator_chose_is_not_kept_in_the_message(
    account: Any, pool_id: str
) -> None:
    account.call(
        "AdminCreateUser",
        UserPoolId=pool_id,
        Username="ada",
        TemporaryPassword="Chosen-By-Me-1",
        UserAttributes=attributes(email="ada@example.com"),
        DesiredDeliveryMediums=["EMAIL"],
    )
    assert "Chosen-By-Me-1" not in account.mail(pool_id).body


@pytest.mark.semantics("COGNITO-35")
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ["SMS"]),
        ({"DesiredDeliveryMediums": ["EMAIL"]}, ["EMAIL"]),
        ({"DesiredDeliveryMediums": ["EMAIL", "SMS"]}, ["EMAIL", "SMS"]),
        ({"MessageAction": "SUPPRESS"}, []),
    ],
)
def test_an_invitation_goes_by_the_mediums_asked_for(
    account: Any, pool_id: str, given: dict[str, Any], expected: list[str]
) -> None:
    reachable = attributes(email="ada@example.com", phone_number="+15551234567")
    account.call("AdminCreateUser", UserPoolId=pool_id, Username="ada", UserAttributes=reachable, **given)
    account.call(
        "AdminCreateUser",
        UserPoolId=pool_id,
        Username="bob",
        UserAttributes=attributes(email="b@example.com"),
    )
    with account.store.read() as state:
        assert [message.medium for message in state.list(OutboxMessage, pool_id)] == expected


@pytest.mark.semantics("COGNITO-20", "COGNITO-22")
def test_an_email_is_the_username_where_the_pool_says_so(account: Any) -> None:
    pool_id = account.pool(UsernameAttributes=["email"], UsernameConfiguration={"CaseSensitive": False})
    created = account.call("AdminCreateUser", UserPoolId=pool_id, Username="Ada@Example.com")["User"]
    sub = named(created)["sub"]
    assert created["Username"] == sub
    assert named(created)["email"] == "Ada@Example.com"
    for name in ("ada@example.com", "ADA@EXAMPLE.COM", sub):
        assert account.call("AdminGetUser", UserPoolId=pool_id, Username=name)["Username"] == sub
    assert "UsernameExistsException" in account.unchanged(
        "AdminCreateUser", UserPoolId=pool_id, Username="ADA@example.com"
    )
    assert account.unchanged("AdminCreateUser", UserPoolId=pool_id, Username="ada") == (
        "InvalidParameterException: Username should be an email."
    )
    both = account.pool(UsernameAttributes=["email", "phone_number"])
    assert account.unchanged("AdminCreateUser", UserPoolId=both, Username="ada") == (
        "InvalidParameterException: Username should be either an email or a phone number."
    )
    account.call("AdminCreateUser", UserPoolId=both, Username="+15550100")


@pytest.mark.semantics("COGNITO-20")
def test_case_matters_unless_the_pool_says_otherwise(account: Any, pool_id: str) -> None:
    account.user(pool_id)
    assert "does not exist" in account.unchanged("AdminGetUser", UserPoolId=pool_id, Username="ADA")
    folding = account.pool(UsernameConfiguration={"CaseSensitive": False})
    account.user(folding)
    assert account.call("AdminGetUser", UserPoolId=folding, Username="ADA")["Username"] == "ada"


@pytest.mark.semantics("COGNITO-21")
def test_an_alias_is_one_users_and_only_when_verified(account: Any) -> None:
    pool_id = account.pool(AliasAttributes=["email"])
    client_id = account.client(pool_id)["ClientId"]
    account.user(pool_id, "ada", UserAttributes=attributes(email="x@example.com"))
    assert "does not exist" in account.sign_in_refused(client_id, "x@example.com")
    verified = attributes(email_verified="true")
    account.call("AdminUpdateUserAttributes", UserPoolId=pool_id, Username="ada", UserAttributes=verified)
    assert "AuthenticationResult" in account.sign_in(client_id, "x@example.com")
    mine = attributes(email="x@example.com", email_verified="true")
    new = {"UserPoolId": pool_id, "Username": "bob", "UserAttributes": mine, "MessageAction": "SUPPRESS"}
    assert account.unchanged("AdminCreateUser", **new) == (
        "UsernameExistsException: An account with the given email already exists."
    )
    account.call("AdminCreateUser", ForceAliasCreation=True, **new)
    loser = account.call("AdminGetUser", UserPoolId=pool_id, Username="ada")
    assert named(loser, "UserAttributes")["email_verified"] == "false"
    assert account.call("AdminGetUser", UserPoolId=pool_id, Username="x@example.com")["Username"] == "bob"
    assert "email format" in account.unchanged(
        "AdminCreateUser", UserPoolId=pool_id, Username="c@example.com"
    )


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"nickname": "x" * 2049}, "2048"),
        ({"email": "no-address"}, "Invalid email address format."),
        ({"phone_number": "12345"}, "Invalid phone number format."),
        ({"email_verified": "yes"}, "true or false"),
        ({"updated_at": "yesterday"}, "must be a number"),
        ({"birthdate": "1815"}, "birthdate"),
        ({"custom:none": "x"}, "does not exist in the schema"),
        ({"sub": "x"}, "sub"),
    ],
)
def test_attributes_conform_to_the_schema(
    account: Any, pool_id: str, values: dict[str, str], reason: str
) -> None:
    refusal = account.unchanged(
        "AdminCreateUser", UserPoolId=pool_id, Username="ada", UserAttributes=attributes(**values)
    )
    assert refusal.startswith("InvalidParameterException: ")
    assert reason in refusal


@pytest.mark.semantics("COGNITO-33")
def test_required_and_immutable_attributes(account: Any) -> None:
    pool_id = account.pool(
        Schema=[
            {"Name": "email", "Required": True, "Mutable": False},
            {"Name": "level", "AttributeDataType": "Number", "NumberAttributeConstraints": {"MaxValue": "9"}},
        ]
    )
    key = {"UserPoolId": pool_id, "Username": "ada"}
    client_id = account.client(pool_id)["ClientId"]
    sign_up = {"ClientId": client_id, "Username": "eve", "Password": "Correct-Horse-7"}
    assert "The attribute email is required" in account.unchanged("SignUp", **sign_up)
    account.call("AdminCreateUser", UserPoolId=pool_id, Username="bob")
    account.call("AdminCreateUser", **key, UserAttributes=attributes(email="a@example.com"))
    change = attributes(email="b@example.com")
    assert "cannot be updated" in account.unchanged("AdminUpdateUserAttributes", **key, UserAttributes=change)
    high = attributes(**{"custom:level": "10"})
    assert "out of range" in account.unchanged("AdminUpdateUserAttributes", **key, UserAttributes=high)
    account.call(
        "AdminUpdateUserAttributes", **key, UserAttributes=attributes(**{"custom:level": "9"}, nickname="A")
    )
    account.call("AdminDeleteUserAttributes", **key, UserAttributeNames=["nickname"])
    found = named(account.call("AdminGetUser", **key), "UserAttributes")
    assert found["custom:level"] == "9"
    assert "nickname" not in found


def test_users_are_listed_filtered_and_deleted(account: Any, pool_id: str) -> None:
    for name in ("ada", "alan", "bob"):
        account.call(
            "AdminCreateUser",
            UserPoolId=pool_id,
            Username=name,
            UserAttributes=attributes(email=f"{name}@example.com"),
        )
    account.call("AdminDisableUser", UserPoolId=pool_id, Username="bob")

    def names(text: str | None = None, **params: Any) -> list[str]:
        given = params if text is None else {"Filter": text, **params}
        return [user["Username"] for user in account.call("ListUsers", UserPoolId=pool_id, **given)["Users"]]

    assert names() == ["ada", "alan", "bob"]
    assert names('username ^= "a"') == ["ada", "alan"]
    assert names('"email"="bob@example.com"') == ["bob"]
    assert names('status = "Disabled"') == ["bob"]
    assert names('cognito:user_status = "CONFIRMED"') == []
    assert names('cognito:user_status ^= "force_"') == ["ada", "alan", "bob"]
    first = account.call("ListUsers", UserPoolId=pool_id, Limit=2, AttributesToGet=["email"])
    assert named(first["Users"][0]) == {"email": "ada@example.com"}
    assert names(PaginationToken=first["PaginationToken"]) == ["bob"]
    for wrong in ("username", 'email != "x"', 'custom:x = "y"'):
        assert account.unchanged("ListUsers", UserPoolId=pool_id, Filter=wrong).startswith(
            "InvalidParameterException"
        )
    account.call("AdminDeleteUser", UserPoolId=pool_id, Username="ada")
    assert names() == ["alan", "bob"]
