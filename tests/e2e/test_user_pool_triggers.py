"""Triggers of a user pool as real functions: one puts a claim into access tokens, as the article needs."""

import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.support.functions import archive, make_function
from tests.support.process import ServerProcess

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("user-pools")]

PASSWORD = "YourPassword123!"
CODE = """
def handler(event, context):
    if event["userName"] == "mallory":
        raise ValueError("no token for mallory")
    tenant = event["request"]["userAttributes"]["email"].partition("@")[2]
    event["response"]["claimsAndScopeOverrideDetails"] = {
        "accessTokenGeneration": {"claimsToAddOrOverride": {"tenant": tenant, "levels": [1, 2]}}
    }
    return event
"""


def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


@pytest.mark.semantics("COGNITO-11", "COGNITO-50")
def test_a_function_puts_a_claim_into_access_tokens(sekisho_server: ServerProcess) -> None:
    idp, lambda_ = sekisho_server.client("cognito-idp"), sekisho_server.client("lambda")
    arn = make_function(lambda_, "claims", archive(index__py=CODE))
    config = {"PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": arn}}
    pool = idp.create_user_pool(PoolName="claims", LambdaConfig=config)["UserPool"]
    flows = ["ALLOW_USER_PASSWORD_AUTH"]
    made = idp.create_user_pool_client(UserPoolId=pool["Id"], ClientName="app", ExplicitAuthFlows=flows)
    client_id = made["UserPoolClient"]["ClientId"]
    for name in ("ada", "mallory"):
        key = {"UserPoolId": pool["Id"], "Username": name}
        mail = [{"Name": "email", "Value": f"{name}@tenant-a.example"}]
        idp.admin_create_user(**key, UserAttributes=mail, MessageAction="SUPPRESS")
        idp.admin_set_user_password(**key, Password=PASSWORD, Permanent=True)

    def sign_in(name: str) -> dict[str, str]:
        output: dict[str, dict[str, str]] = idp.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )
        return output["AuthenticationResult"]

    with pytest.raises(
        ClientError, match=r"invocation failed due to error AccessDeniedException\."
    ) as denied:
        sign_in("ada")
    assert denied.value.response["Error"]["Code"] == "UnexpectedLambdaException"
    lambda_.add_permission(
        FunctionName="claims",
        StatementId="pool",
        Action="lambda:InvokeFunction",
        Principal="cognito-idp.amazonaws.com",
        SourceArn=pool["Arn"],
    )
    tokens = sign_in("ada")
    access = claims(tokens["AccessToken"])
    assert (access["tenant"], access["levels"]) == ("tenant-a.example", [1, 2])
    assert "tenant" not in claims(tokens["IdToken"])
    with pytest.raises(
        ClientError, match=r"PreTokenGeneration failed with error no token for mallory\."
    ) as failed:
        sign_in("mallory")
    assert failed.value.response["Error"]["Code"] == "UserLambdaValidationException"
