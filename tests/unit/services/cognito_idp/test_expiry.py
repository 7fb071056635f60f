from typing import Any

from sekisho.services.cognito_idp.expiry import delete_expired


def rows(account: Any) -> dict[str, int]:
    with account.store.read() as state:
        found = state._connection.exec_driver_sql("SELECT kind, count(*) FROM resources GROUP BY kind").all()
    return {kind: count for kind, count in found if kind not in ("signing-key", "cognito.user-alias")}


def test_what_has_expired_goes_and_the_rest_stays(account: Any) -> None:
    pool_id = account.pool(AutoVerifiedAttributes=["email"])
    client_id = account.client(pool_id)["ClientId"]
    mail = [{"Name": "email", "Value": "eve@example.com"}]
    for number in range(3):
        account.call(
            "SignUp",
            ClientId=client_id,
            Username=f"eve{number}",
            Password="Correct-Horse-7",
            UserAttributes=mail,
        )
    account.user(pool_id)
    account.sign_in(client_id)
    challenge = {"USERNAME": "ada", "SRP_A": "f" * 700}
    account.call("InitiateAuth", ClientId=client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=challenge)
    before = rows(account)
    assert delete_expired(account.store, account.clock.now()) == 0
    account.clock.advance(minutes=3)
    assert delete_expired(account.store, account.clock.now()) == 1
    assert before.keys() - rows(account).keys() == {"cognito.auth-session"}
    account.clock.advance(hours=24)
    assert delete_expired(account.store, account.clock.now()) == 3
    account.clock.advance(days=30)
    assert delete_expired(account.store, account.clock.now()) == 4
    assert rows(account) == {"cognito.user-pool": 1, "cognito.app-client": 1, "cognito.user": 4}


def test_a_grant_outlives_its_refresh_token_as_long_as_access_tokens_may(account: Any) -> None:
    pool_id = account.pool()
    params = {"RefreshTokenValidity": 1, "TokenValidityUnits": {"RefreshToken": "hours"}}
    client_id = account.client(pool_id, AccessTokenValidity=24, **params)["ClientId"]
    account.user(pool_id)
    tokens = account.sign_in(client_id)["AuthenticationResult"]
    account.clock.advance(hours=23)
    delete_expired(account.store, account.clock.now())
    assert account.call("GetUser", AccessToken=tokens["AccessToken"])["Username"] == "ada"
    account.clock.advance(hours=2)
    delete_expired(account.store, account.clock.now())
    assert "cognito.refresh-grant" not in rows(account)
