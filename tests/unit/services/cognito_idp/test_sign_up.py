from typing import Any

import pytest

PASSWORD = "Correct-Horse-7"
MAIL = [{"Name": "email", "Value": "eve@example.com"}]


@pytest.fixture
def pool_id(account: Any) -> str:
    return str(account.pool(AutoVerifiedAttributes=["email"]))


@pytest.fixture
def client_id(account: Any, pool_id: str) -> str:
    return str(account.client(pool_id)["ClientId"])


def request(client_id: str, username: str = "eve", **params: Any) -> dict[str, Any]:
    given = {"Password": PASSWORD, "UserAttributes": MAIL, **params}
    return {"ClientId": client_id, "Username": username, **given}


def confirm(client_id: str, code: str, username: str = "eve", **params: Any) -> dict[str, Any]:
    return {"ClientId": client_id, "Username": username, "ConfirmationCode": code, **params}


def status(account: Any, pool_id: str, username: str = "eve") -> tuple[str, str | None]:
    found = account.call("AdminGetUser", UserPoolId=pool_id, Username=username)
    values = {each["Name"]: each["Value"] for each in found["UserAttributes"]}
    return found["UserStatus"], values.get("email_verified")


def test_a_user_signs_up_and_confirms_with_the_code(account: Any, pool_id: str, client_id: str) -> None:
    output = account.call("SignUp", **request(client_id))
    assert output["UserConfirmed"] is False
    assert output["CodeDeliveryDetails"] == {
        "Destination": "e***@e***",
        "DeliveryMedium": "EMAIL",
        "AttributeName": "email",
    }
    assert account.sign_in_refused(client_id, "eve") == "UserNotConfirmedException: User is not confirmed."
    assert "Incorrect" in account.sign_in_refused(client_id, "eve", "Wrong-Horse-7")
    code = account.mail(pool_id).code
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert account.refused("ConfirmSignUp", **confirm(client_id, wrong)) == (
        "CodeMismatchException: Invalid verification code provided, please try again."
    )
    account.call("ConfirmSignUp", **confirm(client_id, code))
    assert status(account, pool_id) == ("CONFIRMED", "true")
    assert account.unchanged("ConfirmSignUp", **confirm(client_id, code)) == (
        "NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED"
    )
    with pytest.raises(IndexError):
        account.mail(pool_id)
    assert account.sign_in(client_id, "eve")["AuthenticationResult"]


def test_codes_end_and_the_newest_counts(account: Any, pool_id: str, client_id: str) -> None:
    account.call("SignUp", **request(client_id))
    old = account.mail(pool_id).code
    account.call("ResendConfirmationCode", ClientId=client_id, Username="eve")
    new = account.mail(pool_id).code
    if old != new:
        assert account.refused("ConfirmSignUp", **confirm(client_id, old)).startswith("CodeMismatch")
    account.clock.advance(hours=24)
    assert account.refused("ConfirmSignUp", **confirm(client_id, new)) == (
        "ExpiredCodeException: Invalid code provided, please request a code again."
    )
    account.call("ResendConfirmationCode", ClientId=client_id, Username="eve")
    account.call("ConfirmSignUp", **confirm(client_id, account.mail(pool_id).code))
    assert account.unchanged("ResendConfirmationCode", ClientId=client_id, Username="eve") == (
        "InvalidParameterException: User is already confirmed."
    )


@pytest.mark.semantics("COGNITO-70")
def test_a_code_is_not_to_be_guessed(account: Any, pool_id: str, client_id: str) -> None:
    account.call("SignUp", **request(client_id))
    code = account.mail(pool_id).code
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(5):
        assert account.refused("ConfirmSignUp", **confirm(client_id, wrong)).startswith("CodeMismatch")
    assert account.unchanged("ConfirmSignUp", **confirm(client_id, code)).startswith(
        "TooManyFailedAttemptsException"
    )


def test_a_code_verifies_only_where_it_was_sent(account: Any, pool_id: str, client_id: str) -> None:
    account.call("SignUp", **request(client_id))
    code = account.mail(pool_id).code
    other = [{"Name": "email", "Value": "victim@example.com"}]
    account.call("AdminUpdateUserAttributes", UserPoolId=pool_id, Username="eve", UserAttributes=other)
    account.call("ConfirmSignUp", **confirm(client_id, code))
    assert status(account, pool_id) == ("CONFIRMED", None)


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"Password": "weak"}, "InvalidPasswordException: Password did not conform with policy: "),
        (
            {"UserAttributes": [{"Name": "email_verified", "Value": "true"}]},
            "NotAuthorizedException: A client attempted to write unauthorized attribute",
        ),
        (
            {"UserAttributes": [{"Name": "email", "Value": "x"}]},
            "InvalidParameterException: Invalid email address format.",
        ),
        ({"SecretHash": "x"}, "NotAuthorizedException: Unable to verify secret hash for client "),
    ],
)
def test_what_cannot_sign_up(account: Any, client_id: str, params: dict[str, Any], refusal: str) -> None:
    assert account.unchanged("SignUp", **request(client_id, **params)).startswith(refusal)


def test_names_are_taken_and_pools_closed(account: Any, client_id: str) -> None:
    account.call("SignUp", **request(client_id))
    assert account.unchanged("SignUp", **request(client_id)) == (
        "UsernameExistsException: User already exists"
    )
    closed = account.pool(AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
    own = account.client(closed)["ClientId"]
    assert account.unchanged("SignUp", **request(own)) == (
        "NotAuthorizedException: SignUp is not permitted for this user pool"
    )


@pytest.mark.semantics("COGNITO-21")
def test_confirming_does_not_take_somebody_elses_alias(account: Any) -> None:
    pool_id = account.pool(AliasAttributes=["email"], AutoVerifiedAttributes=["email"])
    client_id = account.client(pool_id)["ClientId"]
    for name in ("eve", "mallory"):
        account.call("SignUp", **request(client_id, name))
        code = account.mail(pool_id).code
        if name == "eve":
            account.call("ConfirmSignUp", **confirm(client_id, code))
    refusal = account.refused("ConfirmSignUp", **confirm(client_id, code, "mallory"))
    assert refusal == "AliasExistsException: An account with the email already exists."
    assert status(account, pool_id, "mallory") == ("UNCONFIRMED", None)
    account.call("ConfirmSignUp", **confirm(client_id, code, "mallory", ForceAliasCreation=True))
    assert status(account, pool_id, "eve") == ("CONFIRMED", "false")


def test_the_triggers_confirm_verify_and_are_told(account: Any) -> None:
    def accept(event: dict[str, Any]) -> dict[str, Any]:
        event["response"].update(autoConfirmUser=True, autoVerifyEmail=True)
        return event

    config = {
        "PreSignUp": account.functions.add("pre", accept),
        "PostConfirmation": account.functions.add("post", lambda event: event),
    }
    pool_id = account.pool(AutoVerifiedAttributes=["email"], LambdaConfig=config)
    client_id = account.client(pool_id)["ClientId"]
    output = account.call(
        "SignUp",
        **request(client_id, ClientMetadata={"a": "b"}, ValidationData=[{"Name": "v", "Value": "1"}]),
    )
    assert output["UserConfirmed"] is True
    assert status(account, pool_id) == ("CONFIRMED", "true")
    pre, post = account.functions.events
    assert pre["triggerSource"] == "PreSignUp_SignUp"
    assert pre["version"] == "1"
    assert pre["region"] == "eu-west-1"
    assert pre["request"] == {
        "userAttributes": {"email": "eve@example.com"},
        "validationData": {"v": "1"},
        "clientMetadata": {"a": "b"},
    }
    assert post["triggerSource"] == "PostConfirmation_ConfirmSignUp"
    assert post["request"]["userAttributes"]["cognito:user_status"] == "CONFIRMED"
    assert post["request"]["userAttributes"]["email_verified"] == "true"


@pytest.mark.semantics("COGNITO-50")
def test_a_trigger_that_fails_changes_nothing(account: Any) -> None:
    def refuse(_event: dict[str, Any]) -> dict[str, Any]:
        raise RuntimeError("Email domain not allowed")

    arn = account.functions.add("pre", refuse)
    pool_id = account.pool(LambdaConfig={"PreSignUp": arn})
    client_id = account.client(pool_id)["ClientId"]
    assert account.unchanged("SignUp", **request(client_id)) == (
        "UserLambdaValidationException: PreSignUp failed with error Email domain not allowed."
    )
    account.functions.add("pre", lambda _event: "rubbish")
    assert account.unchanged("SignUp", **request(client_id)) == (
        "InvalidLambdaResponseException: Unrecognizable lambda output"
    )
    del account.functions.handlers[arn]
    assert account.unchanged("SignUp", **request(client_id)).startswith(
        "UnexpectedLambdaException: PreSignUp invocation failed due to error"
    )


def test_messages_are_worded_by_the_pool_or_the_trigger(account: Any) -> None:
    template = {"EmailMessage": "Code: {####}!", "EmailSubject": "Hello"}
    pool_id = account.pool(AutoVerifiedAttributes=["email"], VerificationMessageTemplate=template)
    account.call("SignUp", **request(account.client(pool_id)["ClientId"]))
    mail = account.mail(pool_id)
    assert (mail.subject, mail.body) == ("Hello", f"Code: {mail.code}!")

    def word(event: dict[str, Any]) -> dict[str, Any]:
        code = event["request"]["codeParameter"]
        event["response"].update(emailSubject="Hi", emailMessage=f"Yours is {code}")
        return event

    account.call(
        "UpdateUserPool",
        UserPoolId=pool_id,
        AutoVerifiedAttributes=["email"],
        LambdaConfig={"CustomMessage": account.functions.add("word", word)},
    )
    account.call("SignUp", **request(account.client(pool_id)["ClientId"], "bob"))
    mail = account.mail(pool_id)
    assert (mail.subject, mail.body) == ("Hi", f"Yours is {mail.code}")


def test_an_administrator_confirms_without_a_code(account: Any, pool_id: str, client_id: str) -> None:
    account.call("SignUp", **request(client_id))
    key = {"UserPoolId": pool_id, "Username": "eve"}
    account.call("AdminConfirmSignUp", **key)
    assert status(account, pool_id) == ("CONFIRMED", None)
    assert account.unchanged("AdminConfirmSignUp", **key).endswith("Current status is CONFIRMED")


@pytest.mark.semantics("COGNITO-26")
def test_who_exists_is_hidden_where_that_is_asked(account: Any, pool_id: str) -> None:
    hiding = account.client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
    assert account.unchanged("ConfirmSignUp", **confirm(hiding, "123456", "nobody")).startswith(
        "ExpiredCodeException"
    )
    resend = {"ClientId": hiding, "Username": "nobody"}
    first = account.call("ResendConfirmationCode", **resend)
    assert first == account.call("ResendConfirmationCode", **resend)
    assert first["CodeDeliveryDetails"]["DeliveryMedium"] == "EMAIL"
    legacy = account.client(pool_id)["ClientId"]
    for operation, params in (
        ("ConfirmSignUp", confirm(legacy, "123456", "nobody")),
        ("ResendConfirmationCode", {"ClientId": legacy, "Username": "nobody"}),
    ):
        assert account.unchanged(operation, **params).startswith("UserNotFoundException")
