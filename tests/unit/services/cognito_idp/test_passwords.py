from typing import Any

import pytest

from sekisho.kernel.errors import ServiceError
from sekisho.kernel.ids import RandomIds
from sekisho.model.cognito import PasswordPolicy, User
from sekisho.services.cognito_idp.passwords import check_policy, generate_password

TOO_SHORT = "Password not long enough"


@pytest.fixture
def pool_id(account: Any) -> str:
    return str(account.pool())


def set_password(pool_id: str, password: str, **params: Any) -> dict[str, Any]:
    return {"UserPoolId": pool_id, "Username": "ada", "Password": password, **params}


@pytest.mark.semantics("COGNITO-24")
@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Ab1-", TOO_SHORT),
        ("lower-case-1", "Password must have uppercase characters"),
        ("UPPER-CASE-1", "Password must have lowercase characters"),
        ("No-Digits-Here", "Password must have numeric characters"),
        ("NoSymbols123", "Password must have symbol characters"),
        ("Ä1-äöüäöüäöü", "Password must have uppercase characters"),
        ("A1-a" + "x" * 253, "Password too long"),
    ],
)
def test_the_policy_names_the_rule_that_is_broken(
    account: Any, pool_id: str, password: str, reason: str
) -> None:
    account.user(pool_id)
    refusal = account.unchanged("AdminSetUserPassword", **set_password(pool_id, password))
    if len(password) <= 256:
        assert refusal == f"InvalidPasswordException: Password did not conform with policy: {reason}"
    else:
        assert "256" in refusal
        assert "xxxx" not in refusal


@pytest.mark.semantics("COGNITO-24")
@pytest.mark.parametrize("symbol", list("^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+= "))
def test_every_documented_symbol_counts(symbol: str) -> None:
    check_policy(PasswordPolicy(), f"Aa1{symbol}xyzw")
    for outside in (f"{symbol}Aa1xyzw", f"Aa1xyzw{symbol}"):
        if symbol == " ":
            with pytest.raises(ServiceError, match="begin or end with a space"):
                check_policy(PasswordPolicy(), outside)
        else:
            check_policy(PasswordPolicy(), outside)


@pytest.mark.semantics("COGNITO-25")
def test_a_password_of_before_is_refused(account: Any) -> None:
    pool_id = account.pool(Policies={"PasswordPolicy": {"MinimumLength": 8, "PasswordHistorySize": 2}})
    account.user(pool_id, password="password-1")
    for old in ("password-2", "password-3"):
        account.call("AdminSetUserPassword", **set_password(pool_id, old, Permanent=True))
    for recent in ("password-3", "password-2"):
        refusal = account.unchanged("AdminSetUserPassword", **set_password(pool_id, recent))
        assert refusal.startswith("PasswordHistoryPolicyViolationException")
    account.call("AdminSetUserPassword", **set_password(pool_id, "password-1"))


def test_generated_passwords_follow_every_policy() -> None:
    ids = RandomIds()
    for length in (6, 8, 40, 99):
        policy = PasswordPolicy(minimum_length=length)
        check_policy(policy, generate_password(policy, ids))


def test_the_store_holds_neither_password_nor_token(account: Any, pool_id: str) -> None:
    client_id = account.client(pool_id)["ClientId"]
    account.user(pool_id)
    tokens = account.sign_in(client_id)["AuthenticationResult"]
    with account.store.read() as state:
        (user,) = state.list(User, pool_id)
        rows = state._connection.exec_driver_sql("SELECT body FROM resources").scalars().all()
    assert user.password.hash.startswith("$argon2id$")
    assert user.password.hash not in repr(user)
    assert user.password.srp_verifier not in repr(user)
    everything = b"".join(rows).decode()
    for secret in ("Correct-Horse-7", tokens["RefreshToken"], tokens["AccessToken"]):
        assert secret not in everything
