"""What an update takes away."""

import pytest

from .conftest import FUNCTION, ISSUER, Account


@pytest.mark.semantics("HTTP-API-15")
def test_an_empty_value_takes_away(account: Account) -> None:
    api_id = account.api(Description="d", Version="v")
    integration_id = account.integration(
        api_id,
        Description="d",
        CredentialsArn="arn:aws:iam::000000000000:role/r",
        TlsConfig={"ServerNameToVerify": "a.example"},
    )
    route_id = account.route(api_id, OperationName="o", Target=f"integrations/{integration_id}")
    account.call("UpdateApi", ApiId=api_id, Description="", Version="")
    assert not account.call("GetApi", ApiId=api_id).keys() & {"Description", "Version"}
    account.call("UpdateRoute", ApiId=api_id, RouteId=route_id, Target="", OperationName="", AuthorizerId="")
    assert not account.call("GetRoute", ApiId=api_id, RouteId=route_id).keys() & {
        "AuthorizerId",
        "OperationName",
        "Target",
    }
    key = {"ApiId": api_id, "IntegrationId": integration_id}
    account.call("UpdateIntegration", **key, Description="", CredentialsArn="", TlsConfig={})
    assert not account.call("GetIntegration", **key).keys() & {"CredentialsArn", "Description", "TlsConfig"}


@pytest.mark.semantics("HTTP-API-15")
def test_a_mapping_that_removes_goes_by_an_empty_value_if_it_has_had_one(account: Account) -> None:
    api_id = account.api()
    integration_id = account.integration(
        api_id, RequestParameters={"remove:header.a": "''", "remove:header.b": ""}
    )
    changed = account.call(
        "UpdateIntegration",
        ApiId=api_id,
        IntegrationId=integration_id,
        RequestParameters={"remove:header.a": "", "remove:header.b": "", "remove:header.c": ""},
    )
    assert changed["RequestParameters"] == {"remove:header.b": "", "remove:header.c": ""}


def test_an_endpoint_needs_its_method(account: Account) -> None:
    api_id = account.api()
    integration_id = account.integration(api_id)
    params = {"ApiId": api_id, "IntegrationId": integration_id, "IntegrationMethod": ""}
    assert "HttpMethod must be specified" in account.refused("UpdateIntegration", **params).message


@pytest.mark.semantics("HTTP-API-16")
def test_an_authorizer_of_the_other_type_has_nothing_of_the_first(account: Account) -> None:
    api_id = account.api()
    authorizer_id = account.authorizer(api_id)
    key = {"ApiId": api_id, "AuthorizerId": authorizer_id}
    changed = account.call(
        "UpdateAuthorizer",
        **key,
        AuthorizerType="REQUEST",
        AuthorizerUri=FUNCTION,
        AuthorizerPayloadFormatVersion="2.0",
        AuthorizerResultTtlInSeconds=10,
        EnableSimpleResponses=True,
    )
    assert changed == {
        "AuthorizerId": authorizer_id,
        "Name": "tokens",
        "AuthorizerType": "REQUEST",
        "AuthorizerUri": FUNCTION,
        "AuthorizerPayloadFormatVersion": "2.0",
        "AuthorizerResultTtlInSeconds": 10,
        "EnableSimpleResponses": True,
        "IdentitySource": ["$request.header.Authorization"],
    }
    assert "JwtConfiguration" in account.refused("UpdateAuthorizer", **key, AuthorizerType="JWT").message
    back = account.call(
        "UpdateAuthorizer",
        **key,
        AuthorizerType="JWT",
        JwtConfiguration={"Issuer": ISSUER, "Audience": ["me"]},
    )
    assert "AuthorizerUri" not in back
    assert back["JwtConfiguration"] == {"Issuer": ISSUER, "Audience": ["me"]}


@pytest.mark.semantics("HTTP-API-17")
def test_default_route_settings_change_by_member_and_go_together(account: Account) -> None:
    api_id = account.api()
    account.stage(api_id, DefaultRouteSettings={"ThrottlingBurstLimit": 5, "ThrottlingRateLimit": 6})
    key = {"ApiId": api_id, "StageName": "$default"}
    changed = account.call("UpdateStage", **key, DefaultRouteSettings={"ThrottlingBurstLimit": 7})
    assert changed["DefaultRouteSettings"] == {
        "DetailedMetricsEnabled": False,
        "ThrottlingBurstLimit": 7,
        "ThrottlingRateLimit": 6,
    }
    changed = account.call("UpdateStage", **key, DefaultRouteSettings={})
    assert changed["DefaultRouteSettings"] == {"DetailedMetricsEnabled": False}
