"""Routes, integrations and authorizers."""

from typing import Any

import pytest

from sekisho.model.apigatewayv2 import Stage
from sekisho.services.apigatewayv2 import limits

from .conftest import FUNCTION, ISSUER, Account

REQUEST_AUTHORIZER = {
    "AuthorizerType": "REQUEST",
    "AuthorizerUri": FUNCTION,
    "AuthorizerPayloadFormatVersion": "2.0",
    "JwtConfiguration": None,
}


def request_authorizer(account: Account, api_id: str, **params: Any) -> str:
    given = {"Name": "function", **REQUEST_AUTHORIZER, "IdentitySource": ["$request.header.x"], **params}
    given = {name: value for name, value in given.items() if value is not None}
    return str(account.call("CreateAuthorizer", ApiId=api_id, **given)["AuthorizerId"])


# --- routes --------------------------------------------------------------------------------------------------


def test_a_new_route_is_described(account: Account) -> None:
    api_id = account.api()
    target = f"integrations/{account.integration(api_id)}"
    route_id = account.route(api_id, "GET /pets/{id}", Target=target, OperationName="getPet")
    described = account.call("GetRoute", ApiId=api_id, RouteId=route_id)
    assert described == {
        "ApiKeyRequired": False,
        "AuthorizationType": "NONE",
        "OperationName": "getPet",
        "RouteId": route_id,
        "RouteKey": "GET /pets/{id}",
        "Target": target,
    }
    assert account.call("GetRoutes", ApiId=api_id)["Items"] == [described]


@pytest.mark.semantics("HTTP-API-04")
@pytest.mark.parametrize(
    "route_key",
    [
        "$default",
        "GET /",
        "ANY /{proxy+}",
        "OPTIONS /a/{b}/c.d_e-f~g",
        "POST /pets/{pet.id}/{rest+}",
        "DELETE /a:b@c",
    ],
)
def test_route_keys(account: Account, route_key: str) -> None:
    assert account.route(account.api(), route_key)


@pytest.mark.semantics("HTTP-API-04")
@pytest.mark.parametrize(
    "route_key",
    [
        "GET",
        "GET pets",
        "FETCH /",
        "get /",
        "$connect",
        "GET /pets/",
        "GET /a//b",
        "GET /{proxy+}/a",
        "GET /{a}/{a}",
        "GET /a{b}",
        "GET /{a b}",
        "GET /a?b",
        "GET  /a",
    ],
)
def test_route_keys_that_are_none(account: Account, route_key: str) -> None:
    error = account.refused("CreateRoute", ApiId=account.api(), RouteKey=route_key)
    assert error.code == "BadRequestException"
    assert route_key in error.message


def test_a_route_key_is_unique(account: Account) -> None:
    api_id = account.api()
    account.route(api_id, "GET /pets")
    other = account.route(api_id, "POST /pets")
    error = account.refused("CreateRoute", ApiId=api_id, RouteKey="GET /pets")
    assert (error.code, error.status) == ("ConflictException", 409)
    assert error.message == "Route with key GET /pets already exists for this API"
    assert account.refused("UpdateRoute", ApiId=api_id, RouteId=other, RouteKey="GET /pets").status == 409


@pytest.mark.semantics("HTTP-API-05")
def test_the_jwt_authorization_of_a_route(account: Account) -> None:
    api_id = account.api()
    route_id = account.route(api_id)
    authorizer_id = account.authorizer(api_id)
    # As on https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
    changed = account.call(
        "UpdateRoute",
        ApiId=api_id,
        RouteId=route_id,
        AuthorizationType="JWT",
        AuthorizerId=authorizer_id,
        AuthorizationScopes=["user.email"],
    )
    assert changed["AuthorizerId"] == authorizer_id
    assert changed["AuthorizationScopes"] == ["user.email"]
    opened = account.call("UpdateRoute", ApiId=api_id, RouteId=route_id, AuthorizationType="NONE")
    assert opened.keys() & {"AuthorizerId", "AuthorizationScopes"} == set()


@pytest.mark.semantics("HTTP-API-05")
@pytest.mark.parametrize(
    "params",
    [
        {"AuthorizationType": "JWT"},
        {"AuthorizationType": "JWT", "AuthorizerId": "missing"},
        {"AuthorizationType": "JWT", "AuthorizerId": "function"},
        {"AuthorizationType": "CUSTOM", "AuthorizerId": "tokens"},
        {"AuthorizationType": "AWS_IAM", "AuthorizerId": "tokens"},
        {"AuthorizationScopes": ["a"]},
        {"AuthorizationType": "JWT", "AuthorizerId": "tokens", "AuthorizationScopes": ["a"] * 11},
        {"AuthorizationType": "JWT", "AuthorizerId": "tokens", "AuthorizationScopes": ["a b"]},
        {"ApiKeyRequired": True},
        {"RouteResponseSelectionExpression": "$default"},
    ],
)
def test_what_a_route_cannot_ask_for(account: Account, params: dict[str, Any]) -> None:
    api_id = account.api()
    ids = {"tokens": account.authorizer(api_id), "function": request_authorizer(account, api_id)}
    if "AuthorizerId" in params:
        params = {**params, "AuthorizerId": ids.get(params["AuthorizerId"], "missing")}
    error = account.refused("CreateRoute", ApiId=api_id, RouteKey="GET /", **params)
    assert error.code == "BadRequestException"


def test_the_text_for_a_wrong_authorizer(account: Account) -> None:
    error = account.refused(
        "CreateRoute", ApiId=account.api(), RouteKey="GET /", AuthorizationType="JWT", AuthorizerId="missing"
    )
    assert error.message == (
        "Invalid authorizer ID specified. Setting the authorization type to JWT requires a valid JWT authorizer."
    )


def test_targets(account: Account) -> None:
    api_id = account.api()
    assert (
        account.refused("CreateRoute", ApiId=api_id, RouteKey="GET /", Target="x").code
        == "BadRequestException"
    )
    error = account.refused("CreateRoute", ApiId=api_id, RouteKey="GET /", Target="integrations/x")
    assert (error.code, error.message) == ("NotFoundException", "Invalid Integration identifier specified x")
    assert error.members == {"resourceType": "Integration"}


def test_the_quotas_of_an_api(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ROUTES_PER_API", "INTEGRATIONS_PER_API", "STAGES_PER_API", "AUTHORIZERS_PER_API"):
        monkeypatch.setattr(limits, name, 1)
    api_id = account.api()
    for make in (account.route, account.integration, account.stage, account.authorizer):
        make(api_id)
    assert account.refused("CreateRoute", ApiId=api_id, RouteKey="GET /b").code == "BadRequestException"
    assert account.refused("CreateStage", ApiId=api_id, StageName="b").code == "BadRequestException"


def test_deleting_a_route(account: Account) -> None:
    api_id = account.api()
    route_id = account.route(api_id)
    account.call("DeleteRoute", ApiId=api_id, RouteId=route_id)
    error = account.refused("GetRoute", ApiId=api_id, RouteId=route_id)
    assert error.message == f"Invalid Route identifier specified {route_id}"


# --- integrations --------------------------------------------------------------------------------------------


def test_a_lambda_integration(account: Account) -> None:
    api_id = account.api()
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
    created = account.call(
        "CreateIntegration",
        ApiId=api_id,
        IntegrationType="AWS_PROXY",
        IntegrationUri=uri,
        PayloadFormatVersion="2.0",
        TimeoutInMillis=50,
    )
    assert (created["IntegrationMethod"], created["TimeoutInMillis"]) == ("POST", 50)
    assert created["ConnectionType"] == "INTERNET"
    assert account.call("GetIntegration", ApiId=api_id, IntegrationId=created["IntegrationId"]) == created


PROXY = {"IntegrationType": "HTTP_PROXY", "IntegrationMethod": "GET", "IntegrationUri": "https://a.example/"}


@pytest.mark.parametrize(
    "params",
    [
        {"IntegrationType": "AWS_PROXY", "IntegrationUri": FUNCTION},
        {
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": "https://a.example",
            "PayloadFormatVersion": "2.0",
        },
        {"IntegrationType": "AWS_PROXY", "IntegrationUri": FUNCTION, "PayloadFormatVersion": "3.0"},
        {
            "IntegrationType": "AWS_PROXY",
            "IntegrationSubtype": "SQS-SendMessage",
            "PayloadFormatVersion": "1.0",
        },
        {"IntegrationType": "MOCK"},
        {**PROXY, "IntegrationUri": "ftp://a.example/"},
        {**PROXY, "IntegrationUri": FUNCTION},
        {**PROXY, "IntegrationMethod": "FETCH"},
        {"IntegrationType": "HTTP_PROXY", "IntegrationUri": "https://a.example/"},
        {**PROXY, "PayloadFormatVersion": "2.0"},
        {**PROXY, "TimeoutInMillis": 30001},
        {**PROXY, "TimeoutInMillis": 49},
        {**PROXY, "ConnectionType": "VPC_LINK"},
        {**PROXY, "PassthroughBehavior": "NEVER"},
        {**PROXY, "RequestParameters": {"append:header.authorization": "x"}},
        {**PROXY, "RequestParameters": {"append:header.x-amzn-thing": "x"}},
        {**PROXY, "RequestParameters": {"append:path": "x"}},
        {**PROXY, "RequestParameters": {"overwrite:header.a": "$request.nothing.x"}},
        {**PROXY, "RequestParameters": {"overwrite:header.a": "$request.body.a..b"}},
        {**PROXY, "ResponseParameters": {"199": {"append:header.a": "x"}}},
        {**PROXY, "ResponseParameters": {"200": {"overwrite:path": "x"}}},
    ],
)
def test_integrations_that_cannot_be(account: Account, params: dict[str, Any]) -> None:
    error = account.refused("CreateIntegration", ApiId=account.api(), **params)
    assert error.code == "BadRequestException"


@pytest.mark.semantics("HTTP-API-11")
@pytest.mark.parametrize(
    "name", ["authorization", "x-amzn-thing", "apigw-requestid", "via", "X-Forwarded-For"]
)
def test_reserved_headers_are_not_mapped(account: Account, name: str) -> None:
    mapping = {f"append:header.{name}": "x"}
    error = account.refused(
        "CreateIntegration", ApiId=account.api(), **{**PROXY, "RequestParameters": mapping}
    )
    assert error.code == "BadRequestException"


def test_parameters_are_merged_by_an_update(account: Account) -> None:
    api_id = account.api()
    requests = {"append:header.a": "$request.header.b", "overwrite:querystring.c": "${request.path.d}-x"}
    responses = {"200": {"overwrite:statuscode": "201", "remove:header.e": "''"}}
    integration_id = account.integration(api_id, RequestParameters=requests, ResponseParameters=responses)
    changed = account.call(
        "UpdateIntegration",
        ApiId=api_id,
        IntegrationId=integration_id,
        RequestParameters={"overwrite:path": "/x"},
        ResponseParameters={"404": {"append:header.f": "g"}},
        TlsConfig={"ServerNameToVerify": "a.example"},
    )
    assert changed["RequestParameters"] == {**requests, "overwrite:path": "/x"}
    assert changed["ResponseParameters"] == {**responses, "404": {"append:header.f": "g"}}
    assert changed["TlsConfig"] == {"ServerNameToVerify": "a.example"}


@pytest.mark.semantics("HTTP-API-10")
def test_an_integration_in_use_stays(account: Account) -> None:
    api_id = account.api()
    integration_id = account.integration(api_id)
    route_id = account.route(api_id, Target=f"integrations/{integration_id}")
    error = account.refused("DeleteIntegration", ApiId=api_id, IntegrationId=integration_id)
    assert error.code == "ConflictException"
    account.call("DeleteRoute", ApiId=api_id, RouteId=route_id)
    account.call("DeleteIntegration", ApiId=api_id, IntegrationId=integration_id)
    assert account.call("GetIntegrations", ApiId=api_id)["Items"] == []


# --- authorizers ---------------------------------------------------------------------------------------------


@pytest.mark.semantics("HTTP-API-06", "HTTP-API-07")
def test_a_jwt_authorizer(account: Account) -> None:
    api_id = account.api()
    authorizer_id = account.authorizer(api_id)
    described = account.call("GetAuthorizer", ApiId=api_id, AuthorizerId=authorizer_id)
    assert described == {
        "AuthorizerId": authorizer_id,
        "AuthorizerType": "JWT",
        "IdentitySource": ["$request.header.Authorization"],
        "JwtConfiguration": {"Audience": ["me"], "Issuer": ISSUER},
        "Name": "tokens",
    }
    assert account.call("GetAuthorizers", ApiId=api_id)["Items"] == [described]
    assert account.issuers.asked == [ISSUER]


JWT = {"Name": "a", "AuthorizerType": "JWT", "IdentitySource": ["$request.header.Authorization"]}


@pytest.mark.semantics("HTTP-API-06")
@pytest.mark.parametrize(
    "params",
    [
        {**JWT},
        {**JWT, "JwtConfiguration": {"Audience": ["a"]}},
        {**JWT, "JwtConfiguration": {"Issuer": "http://tenant.example/"}},
        {**JWT, "JwtConfiguration": {"Issuer": "tenant"}},
        {**JWT, "JwtConfiguration": {"Issuer": ISSUER + "a" * 2048}},
        {**JWT, "JwtConfiguration": {"Issuer": ISSUER, "Audience": ["a"] * 51}},
        {**JWT, "IdentitySource": [], "JwtConfiguration": {"Issuer": ISSUER}},
        {**JWT, "IdentitySource": ["$request.header.a"] * 2, "JwtConfiguration": {"Issuer": ISSUER}},
        {**JWT, "IdentitySource": ["$context.a"], "JwtConfiguration": {"Issuer": ISSUER}},
        {**JWT, "IdentitySource": ["Authorization"], "JwtConfiguration": {"Issuer": ISSUER}},
        {**JWT, "AuthorizerUri": FUNCTION, "JwtConfiguration": {"Issuer": ISSUER}},
        {"Name": "a", "AuthorizerType": "REQUEST", "IdentitySource": []},
        {"Name": "a", **REQUEST_AUTHORIZER, "AuthorizerUri": "https://a.example", "IdentitySource": []},
        {"Name": "a", **REQUEST_AUTHORIZER, "AuthorizerPayloadFormatVersion": "3.0", "IdentitySource": []},
        {
            "Name": "a",
            **REQUEST_AUTHORIZER,
            "AuthorizerPayloadFormatVersion": "1.0",
            "EnableSimpleResponses": True,
            "IdentitySource": [],
        },
        {"Name": "a", **REQUEST_AUTHORIZER, "AuthorizerResultTtlInSeconds": 1, "IdentitySource": []},
        {"Name": "a", **REQUEST_AUTHORIZER, "AuthorizerResultTtlInSeconds": 3601, "IdentitySource": []},
        {"Name": "a", **REQUEST_AUTHORIZER, "IdentitySource": ["$request.body.a"]},
        {"Name": "a", **REQUEST_AUTHORIZER, "JwtConfiguration": {"Issuer": ISSUER}, "IdentitySource": []},
    ],
)
def test_authorizers_that_cannot_be(account: Account, params: dict[str, Any]) -> None:
    params = {name: value for name, value in params.items() if value is not None}
    assert account.refused("CreateAuthorizer", ApiId=account.api(), **params).code == "BadRequestException"


@pytest.mark.semantics("HTTP-API-07")
@pytest.mark.parametrize("named", [None, "https://other.example/"])
def test_an_issuer_that_does_not_answer_for_itself(account: Account, named: str | None) -> None:
    issuer = "https://tenant.example"
    if named is not None:
        account.issuers.elsewhere[issuer] = named
    error = account.refused(
        "CreateAuthorizer", ApiId=account.api(), **JWT, JwtConfiguration={"Issuer": issuer, "Audience": ["a"]}
    )
    assert error.code == "BadRequestException"
    assert error.message == (
        f"Caught exception when connecting to {issuer}/.well-known/openid-configuration for issuer {issuer}."
        f" Please try again later. Error: Invalid issuer: {issuer}."
        " Issuer must have a valid discovery endpoint ended with '/.well-known/openid-configuration'"
    )


@pytest.mark.semantics("HTTP-API-07")
def test_a_hosted_issuer_is_not_asked_over_the_network(account: Account) -> None:
    api_id = account.api()
    account.issuers.hosted["https://here.example/"] = "https://here.example/"
    account.authorizer(api_id, JwtConfiguration={"Issuer": "https://here.example/", "Audience": ["a"]})
    assert account.issuers.asked == []


@pytest.mark.semantics("HTTP-API-07")
def test_a_template_may_name_an_issuer_that_cannot_be_reached(account: Account) -> None:
    api_id = account.api()
    params = {**JWT, "ApiId": api_id, "JwtConfiguration": {"Issuer": "https://gone.example"}}
    with account.store.write() as state:
        made = account.dispatcher.call_within(state, "apigatewayv2", "CreateAuthorizer", params, "us-east-1")
    assert account.call("GetAuthorizer", ApiId=api_id, AuthorizerId=made["AuthorizerId"])
    assert account.issuers.asked == []


def test_an_update_asks_another_issuer_only(account: Account) -> None:
    api_id = account.api()
    authorizer_id = account.authorizer(api_id)
    changed = account.call(
        "UpdateAuthorizer", ApiId=api_id, AuthorizerId=authorizer_id, JwtConfiguration={"Audience": ["b"]}
    )
    assert changed["JwtConfiguration"] == {"Audience": ["b"], "Issuer": ISSUER}
    assert account.issuers.asked == [ISSUER]
    error = account.refused(
        "UpdateAuthorizer",
        ApiId=api_id,
        AuthorizerId=authorizer_id,
        JwtConfiguration={"Issuer": "https://gone.example"},
    )
    assert error.code == "BadRequestException"


def test_a_lambda_authorizer(account: Account) -> None:
    api_id = account.api()
    sources = ["$request.header.a", "$request.querystring.b", "$context.routeKey", "$stageVariables.c"]
    authorizer_id = request_authorizer(
        account,
        api_id,
        IdentitySource=sources,
        AuthorizerResultTtlInSeconds=300,
        EnableSimpleResponses=True,
    )
    described = account.call("GetAuthorizer", ApiId=api_id, AuthorizerId=authorizer_id)
    assert described["IdentitySource"] == sources
    assert described["AuthorizerResultTtlInSeconds"] == 300
    assert described["EnableSimpleResponses"] is True


@pytest.mark.semantics("HTTP-API-14")
def test_resetting_the_cache_makes_the_edge_ask_again(account: Account) -> None:
    api_id = account.api()
    account.stage(api_id)
    account.call("ResetAuthorizersCache", ApiId=api_id, StageName="$default")
    with account.store.read() as state:
        # The epoch is part of what answers are kept under.
        assert [stage.cache_epoch for stage in state.list(Stage)] == [1]


def test_names_of_authorizers_are_unique(account: Account) -> None:
    api_id = account.api()
    account.authorizer(api_id)
    error = account.refused(
        "CreateAuthorizer", ApiId=api_id, **{**JWT, "Name": "tokens"}, JwtConfiguration={"Issuer": ISSUER}
    )
    assert error.code == "ConflictException"


@pytest.mark.semantics("HTTP-API-10")
def test_an_authorizer_in_use_stays(account: Account) -> None:
    api_id = account.api()
    authorizer_id = account.authorizer(api_id)
    route_id = account.route(api_id, AuthorizationType="JWT", AuthorizerId=authorizer_id)
    error = account.refused("DeleteAuthorizer", ApiId=api_id, AuthorizerId=authorizer_id)
    assert error.code == "ConflictException"
    account.call("UpdateRoute", ApiId=api_id, RouteId=route_id, AuthorizationType="NONE")
    account.call("DeleteAuthorizer", ApiId=api_id, AuthorizerId=authorizer_id)
    gone = account.refused("GetAuthorizer", ApiId=api_id, AuthorizerId=authorizer_id)
    assert gone.message == f"Invalid Authorizer identifier specified {authorizer_id}"
