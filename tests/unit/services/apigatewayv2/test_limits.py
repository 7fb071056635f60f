"""The limits that AWS documents for HTTP APIs, each kept to the letter and passed by one."""

from collections.abc import Callable
from typing import Any

import pytest

from sekisho.kernel.errors import ServiceError

from .conftest import FUNCTION, ISSUER, Account

Call = Callable[[Account, str, Any], Any]


def api(name: str) -> Call:
    return lambda account, _, value: account.call(
        "CreateApi", **{"Name": "n", "ProtocolType": "HTTP", name: value}
    )


def update_api(name: str) -> Call:
    return lambda account, api_id, value: account.call("UpdateApi", ApiId=api_id, **{name: value})


def cors(name: str) -> Call:
    return lambda account, api_id, value: account.call(
        "UpdateApi", ApiId=api_id, CorsConfiguration={"AllowOrigins": ["*"], name: value}
    )


def integration(name: str) -> Call:
    return lambda account, api_id, value: account.integration(api_id, **{name: value})


def stage(name: str) -> Call:
    return lambda account, api_id, value: account.stage(api_id, "s", **{name: value})


def log_format(account: Account, api_id: str, text: str) -> Any:
    settings = {"DestinationArn": "arn:aws:logs:us-east-1:0:log-group:x", "Format": text}
    return account.stage(api_id, "s", AccessLogSettings=settings)


def ttl(account: Account, api_id: str, seconds: int) -> Any:
    return account.authorizer(
        api_id,
        AuthorizerType="REQUEST",
        AuthorizerUri=FUNCTION,
        AuthorizerPayloadFormatVersion="2.0",
        AuthorizerResultTtlInSeconds=seconds,
        JwtConfiguration=None,
    )


def audiences(account: Account, api_id: str, number: int) -> Any:
    jwt = {"Issuer": ISSUER, "Audience": [f"a{index}" for index in range(number)]}
    return account.authorizer(api_id, JwtConfiguration=jwt)


def issuer(account: Account, api_id: str, length: int) -> Any:
    url = ISSUER.ljust(length, "x")
    account.issuers.elsewhere[url] = url
    return account.authorizer(api_id, JwtConfiguration={"Issuer": url})


def scopes(account: Account, api_id: str, number: int) -> Any:
    authorizer_id = account.authorizer(api_id)
    given = [f"s{index}" for index in range(number)]
    return account.route(
        api_id, AuthorizationType="JWT", AuthorizerId=authorizer_id, AuthorizationScopes=given
    )


def variables(account: Account, api_id: str, number: int) -> Any:
    return account.stage(api_id, "s", StageVariables={f"v{index}": "1" for index in range(number)})


def tags(account: Account, api_id: str, number: int) -> Any:
    arn = f"arn:aws:apigateway:us-east-1::/apis/{api_id}"
    return account.call("TagResource", ResourceArn=arn, Tags={f"t{index}": "1" for index in range(number)})


LIMITS: dict[str, tuple[Call, Any, Any, str]] = {
    "name": (api("Name"), "n" * 128, "n" * 129, "Name"),
    "no name": (api("Name"), "n", "", "Name"),
    "new name": (update_api("Name"), "n" * 128, "n" * 129, "Name"),
    "description": (api("Description"), "d" * 1024, "d" * 1025, "Description"),
    "version": (api("Version"), "v" * 64, "v" * 65, "Version"),
    "max age": (cors("MaxAge"), 86400, 86401, "maxAge"),
    "least max age": (cors("MaxAge"), -1, -2, "maxAge"),
    "integration's description": (integration("Description"), "d" * 1024, "d" * 1025, "Description"),
    "timeout": (integration("TimeoutInMillis"), 30000, 30001, "timeoutInMillis"),
    "least timeout": (integration("TimeoutInMillis"), 50, 49, "timeoutInMillis"),
    "uri": (
        integration("IntegrationUri"),
        "http://a.b/".ljust(2048, "x"),
        "http://a.b/".ljust(2049, "x"),
        "IntegrationUri",
    ),
    "stage name": (
        lambda account, api_id, name: account.stage(api_id, name),
        "s" * 128,
        "s" * 129,
        "tage name",
    ),
    "stage's description": (stage("Description"), "d" * 1024, "d" * 1025, "Description"),
    "variables": (variables, 100, 101, "stage variables"),
    "variable's name": (stage("StageVariables"), {"n" * 64: "v"}, {"n" * 65: "v"}, "stage variable"),
    "variable's value": (stage("StageVariables"), {"n": "v" * 512}, {"n": "v" * 513}, "stage variable"),
    "log format": (
        log_format,
        "$context.requestId".ljust(3 * 1024),
        "$context.requestId".ljust(3 * 1024 + 1),
        "Format",
    ),
    "ttl": (ttl, 3600, 3601, "authorizerResultTtlInSeconds"),
    "least ttl": (ttl, 0, -1, "authorizerResultTtlInSeconds"),
    "audiences": (audiences, 50, 51, "audiences"),
    "issuer": (issuer, 2048, 2049, "issuer"),
    "scopes": (scopes, 10, 11, "scopes"),
    "authorizer's name": (
        lambda account, api_id, name: account.authorizer(api_id, Name=name),
        "n" * 128,
        "n" * 129,
        "Name",
    ),
    "operation name": (
        lambda account, api_id, name: account.route(api_id, OperationName=name),
        "n" * 64,
        "n" * 65,
        "OperationName",
    ),
    "tags": (tags, 50, 51, "tags"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit(account: Account, name: str) -> None:
    call, good, bad, named = LIMITS[name]
    api_id = account.api()
    with pytest.raises(ServiceError, match=named) as caught:
        call(account, account.api(), bad)
    assert caught.value.code == "BadRequestException"
    call(account, api_id, good)


@pytest.mark.slow
def test_the_numbers_of_parts(account: Account) -> None:
    api_id = account.api()
    for index in range(300):
        account.route(api_id, f"GET /{index}")
        account.integration(api_id)
    for index in range(10):
        account.stage(api_id, f"s{index}")
        account.authorizer(api_id, Name=f"a{index}")
    refusals = (
        account.refused("CreateRoute", ApiId=api_id, RouteKey="GET /more"),
        account.refused(
            "CreateIntegration",
            ApiId=api_id,
            IntegrationType="HTTP_PROXY",
            IntegrationMethod="GET",
            IntegrationUri="http://a.b",
        ),
        account.refused("CreateStage", ApiId=api_id, StageName="more"),
        account.refused(
            "CreateAuthorizer",
            ApiId=api_id,
            Name="more",
            AuthorizerType="JWT",
            IdentitySource=["$request.header.a"],
            JwtConfiguration={"Issuer": ISSUER},
        ),
    )
    for what, refusal in zip(("routes", "integrations", "stages", "authorizers"), refusals, strict=True):
        assert f"Maximum number of {what} for this API has been reached" in refusal.message
