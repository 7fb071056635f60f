"""Importing, replacing and exporting definitions."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from sekisho.kernel.errors import ServiceError

from .conftest import FUNCTION, ISSUER, Account

INTEGRATION = {"type": "aws_proxy", "httpMethod": "POST", "uri": FUNCTION, "payloadFormatVersion": "2.0"}
JWT_SCHEME = {
    "type": "oauth2",
    "x-amazon-apigateway-authorizer": {
        "type": "jwt",
        "identitySource": "$request.header.Authorization",
        "jwtConfiguration": {"issuer": ISSUER, "audience": ["me"]},
    },
}
FUNCTION_SCHEME = {
    "type": "apiKey",
    "name": "Unused",
    "in": "header",
    "x-amazon-apigateway-authorizer": {
        "type": "request",
        "authorizerUri": FUNCTION,
        "authorizerPayloadFormatVersion": 2.0,
        "identitySource": "$request.header.a, $request.querystring.b",
        "enableSimpleResponses": True,
        "authorizerResultTtlInSeconds": 23,
    },
}
SIGNED_SCHEME = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "x-amazon-apigateway-authtype": "awsSigv4",
}


def operation(**more: Any) -> dict[str, Any]:
    return {"responses": {}, "x-amazon-apigateway-integration": INTEGRATION, **more}


def definition(**more: Any) -> dict[str, Any]:
    return {
        "openapi": "3.0.1",
        "info": {"title": "pets", "version": 1.0, "description": "all of them"},
        "tags": [{"name": "team", "x-amazon-apigateway-tag-value": "zoo"}, {"name": "plain"}],
        "x-amazon-apigateway-cors": {"allowOrigins": ["*"], "maxAge": 5},
        "components": {
            "securitySchemes": {"jwt": JWT_SCHEME, "function": FUNCTION_SCHEME, "iam": SIGNED_SCHEME}
        },
        "paths": {
            "/pets/{id}": {
                "parameters": [],
                "get": operation(security=[{"jwt": ["read", "write"]}], operationId="getPet"),
                "x-amazon-apigateway-any-method": operation(security=[{"function": []}]),
            },
            "/signed": {"put": operation(security=[{"iam": []}])},
            "$default": {"x-amazon-apigateway-any-method": operation(isDefaultRoute=True)},
        },
        **more,
    }


def routes(account: Account, api_id: str) -> dict[str, dict[str, Any]]:
    return {each["RouteKey"]: each for each in account.call("GetRoutes", ApiId=api_id)["Items"]}


@pytest.mark.semantics("HTTP-API-12")
@pytest.mark.parametrize("dump", [json.dumps, yaml.safe_dump], ids=["json", "yaml"])
def test_a_definition_is_imported(account: Account, dump: Any) -> None:
    api = account.call("ImportApi", Body=dump(definition()))
    api_id = api["ApiId"]
    assert (api["Name"], api["Version"], api["Description"]) == ("pets", "1.0", "all of them")
    assert api["Tags"] == {"team": "zoo"}
    assert api["CorsConfiguration"] == {"AllowOrigins": ["*"], "MaxAge": 5}
    authorizers = {each["Name"]: each for each in account.call("GetAuthorizers", ApiId=api_id)["Items"]}
    assert authorizers["jwt"]["JwtConfiguration"] == {"Issuer": ISSUER, "Audience": ["me"]}
    assert authorizers["function"]["IdentitySource"] == ["$request.header.a", "$request.querystring.b"]
    assert authorizers["function"]["AuthorizerPayloadFormatVersion"] == "2.0"
    assert authorizers["function"]["AuthorizerResultTtlInSeconds"] == 23
    found = routes(account, api_id)
    assert set(found) == {"GET /pets/{id}", "ANY /pets/{id}", "PUT /signed", "$default"}
    assert found["GET /pets/{id}"]["AuthorizationScopes"] == ["read", "write"]
    assert found["GET /pets/{id}"]["AuthorizerId"] == authorizers["jwt"]["AuthorizerId"]
    assert found["GET /pets/{id}"]["OperationName"] == "getPet"
    assert found["ANY /pets/{id}"]["AuthorizationType"] == "CUSTOM"
    assert found["PUT /signed"]["AuthorizationType"] == "AWS_IAM"
    assert found["$default"]["AuthorizationType"] == "NONE"
    assert account.issuers.asked == [ISSUER]


def test_a_shared_integration(account: Account) -> None:
    reference = {"$ref": "#/components/x-amazon-apigateway-integrations/all"}
    paths = {
        path: {"get": {"responses": {}, "x-amazon-apigateway-integration": reference}}
        for path in ("/a", "/b")
    }
    components = {"x-amazon-apigateway-integrations": {"all": INTEGRATION}}
    api_id = account.call("ImportApi", Body=json.dumps(definition(paths=paths, components=components)))[
        "ApiId"
    ]
    assert len(account.call("GetIntegrations", ApiId=api_id)["Items"]) == 1
    assert len({each["Target"] for each in routes(account, api_id).values()}) == 1


@pytest.mark.parametrize(
    ("base_path", "key"), [("ignore", "GET /a"), ("prepend", "GET /v1/zoo/a"), ("split", "GET /zoo/a")]
)
def test_base_paths(account: Account, base_path: str, key: str) -> None:
    servers = [{"url": "https://a.example/{base}", "variables": {"base": {"default": "/v1/zoo"}}}]
    body = json.dumps(definition(paths={"/a": {"get": operation()}}, servers=servers))
    api_id = account.call("ImportApi", Body=body, Basepath=base_path)["ApiId"]
    assert list(routes(account, api_id)) == [key]


@pytest.mark.semantics("HTTP-API-12")
def test_warnings(account: Account) -> None:
    odd = definition(paths={"/a": {"get": {"responses": {}}}})
    odd["x-amazon-apigateway-cors"] = {"allowOrigins": "*"}
    odd["components"]["securitySchemes"] = {"odd": {"type": "http"}}
    api = account.call("ImportApi", Body=json.dumps(odd))
    assert len(api["Warnings"]) == 3
    assert "Target" not in routes(account, api["ApiId"])["GET /a"]
    error = account.refused("ImportApi", Body=json.dumps(odd), FailOnWarnings=True)
    assert error.code == "BadRequestException"
    assert "CORS Scheme is malformed, ignoring." in error.message


@pytest.mark.semantics("HTTP-API-13")
@pytest.mark.parametrize(
    "scheme",
    [
        None,
        {"type": "http"},
        {**JWT_SCHEME, "x-amazon-apigateway-authorizer": {"type": "other"}},
        {
            **JWT_SCHEME,
            "x-amazon-apigateway-authorizer": {
                "type": "jwt",
                "jwtConfiguration": {"issuer": "https://gone.example/", "audience": ["a"]},
            },
        },
    ],
)
def test_a_route_never_loses_its_authorizer(account: Account, scheme: dict[str, Any] | None) -> None:
    odd = definition(paths={"/a": {"get": operation(security=[{"odd": []}])}})
    odd["components"]["securitySchemes"] = {} if scheme is None else {"odd": scheme}
    error = account.refused("ImportApi", Body=json.dumps(odd))
    assert error.code == "BadRequestException"
    assert "odd" in error.message or "gone.example" in error.message


def test_the_security_of_a_whole_document(account: Account) -> None:
    paths = {"/a": {"get": operation()}, "/b": {"get": operation(security=[])}}
    body = json.dumps(definition(paths=paths, security=[{"jwt": []}]))
    found = routes(account, account.call("ImportApi", Body=body)["ApiId"])
    assert found["GET /a"]["AuthorizationType"] == "JWT"
    assert found["GET /b"]["AuthorizationType"] == "NONE"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[1]",
        "a: [",
        '{"openapi": "2.0", "info": {"title": "a"}, "paths": {}}',
        '{"swagger": "2.0", "info": {"title": "a"}, "paths": {}}',
        '{"openapi": "3.0.1", "info": {}, "paths": {}}',
        '{"openapi": "3.0.1", "info": {"title": "a"}, "paths": []}',
        json.dumps(definition(paths={"/a/": {"get": operation()}, "/a": {"get": operation()}})),
        json.dumps(
            definition(paths={"/a": {"get": {"x-amazon-apigateway-integration": {"$ref": "#/components/x"}}}})
        ),
        json.dumps(definition(paths={"/a": {"get": {"x-amazon-apigateway-integration": {"type": "mock"}}}})),
    ],
)
def test_what_is_no_definition(account: Account, body: str) -> None:
    assert account.refused("ImportApi", Body=body).code in ("BadRequestException", "ConflictException")


def test_a_definition_replaces_another(account: Account) -> None:
    api_id = account.call("ImportApi", Body=json.dumps(definition()))["ApiId"]
    account.stage(api_id, AutoDeploy=True)
    smaller = definition(
        info={"title": "fewer"},
        tags=[],
        components={},
        paths={"/new": {"get": operation()}},
    )
    del smaller["x-amazon-apigateway-cors"]
    api = account.call("ReimportApi", ApiId=api_id, Body=json.dumps(smaller))
    assert (api["ApiId"], api["Name"]) == (api_id, "fewer")
    assert "CorsConfiguration" not in api
    assert api["Tags"] == {}
    assert list(routes(account, api_id)) == ["GET /new"]
    assert account.call("GetAuthorizers", ApiId=api_id)["Items"] == []
    assert len(account.call("GetIntegrations", ApiId=api_id)["Items"]) == 1
    stage = account.call("GetStage", ApiId=api_id, StageName="$default")
    assert stage["DeploymentId"]
    assert (
        account.refused("ReimportApi", ApiId="missing", Body=json.dumps(smaller)).code == "NotFoundException"
    )


def exported(account: Account, api_id: str, **params: Any) -> dict[str, Any]:
    answer = account.call("ExportApi", ApiId=api_id, Specification="OAS30", OutputType="JSON", **params)
    found = json.loads(answer["body"])
    assert isinstance(found, dict)
    return found


def test_what_is_exported_can_be_imported(account: Account) -> None:
    api_id = account.call("ImportApi", Body=json.dumps(definition()))["ApiId"]
    document = exported(account, api_id)
    again = account.call("ImportApi", Body=json.dumps(document))["ApiId"]
    second = exported(account, again)
    document["servers"] = second["servers"] = []
    assert second == document
    first_routes, second_routes = routes(account, api_id), routes(account, again)
    assert {key: each["AuthorizationType"] for key, each in first_routes.items()} == {
        key: each["AuthorizationType"] for key, each in second_routes.items()
    }


def test_an_export_without_extensions_of_a_stage(account: Account) -> None:
    api_id = account.call("ImportApi", Body=json.dumps(definition()))["ApiId"]
    account.stage(api_id, "prod")
    refused = account.refused(
        "ExportApi", ApiId=api_id, Specification="OAS30", OutputType="JSON", StageName="prod"
    )
    assert refused.code == "BadRequestException"
    account.call("CreateDeployment", ApiId=api_id, StageName="prod")
    account.route(api_id, "GET /later")
    plain = exported(account, api_id, IncludeExtensions=False, StageName="prod")
    assert "/later" not in plain["paths"]
    assert "x-amazon" not in json.dumps(plain)
    yaml_text = account.call("ExportApi", ApiId=api_id, Specification="OAS30", OutputType="YAML")["body"]
    assert "/later" in yaml.safe_load(yaml_text)["paths"]


@pytest.mark.semantics("HTTP-API-18")
def test_a_requirement_called_none_opens_a_route_unless_a_scheme_is_called_so(account: Account) -> None:
    paths = {"/a": {"get": operation(security=[{"NONE": []}])}}
    security: list[dict[str, list[str]]] = [{"jwt": []}]
    api_id = account.call("ImportApi", Body=json.dumps(definition(paths=paths, security=security)))["ApiId"]
    assert routes(account, api_id)["GET /a"]["AuthorizationType"] == "NONE"
    schemes = {"components": {"securitySchemes": {"NONE": JWT_SCHEME}}}
    api_id = account.call("ImportApi", Body=json.dumps(definition(paths=paths, **schemes)))["ApiId"]
    assert routes(account, api_id)["GET /a"]["AuthorizationType"] == "JWT"


@pytest.mark.parametrize("security", [{"jwt": []}, "jwt", ["jwt"], [{"jwt": "read"}], [{"jwt": {}}]])
def test_security_that_means_nothing_does_not_open_a_route(account: Account, security: Any) -> None:
    paths = {"/a": {"get": operation(security=security)}}
    error = account.refused("ImportApi", Body=json.dumps(definition(paths=paths)))
    assert error.message == (
        "Unable to parse API definition because of a malformed definition at path ./paths//a/get/security"
    )


@pytest.mark.semantics("HTTP-API-12")
def test_what_is_no_operation_is_a_warning(account: Account) -> None:
    paths = {"/a": {"get": operation(), "fetch": operation(), "summary": "s", "x-mine": {}, 1: {}}}
    body = yaml.safe_dump(definition(paths=paths))
    api = account.call("ImportApi", Body=body)
    assert api["Warnings"] == [
        "fetch of the path /a is no operation of a route.",
        "1 of the path /a is no operation of a route.",
    ]
    assert "fetch of the path /a" in account.refused("ImportApi", Body=body, FailOnWarnings=True).message


ODD: tuple[Any, ...] = ("x", 5, {"a": {"b": []}}, [[{}]])


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, step))


@pytest.mark.slow
def test_a_definition_that_is_built_wrongly_is_refused_or_understood(account: Account) -> None:
    whole = definition(servers=[{"url": "https://{a}.example/v1", "variables": {"a": {"default": "b"}}}])
    for path in places(whole):
        for odd in ODD:
            changed = json.loads(json.dumps(whole))
            place: Any = changed
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = odd
            with contextlib.suppress(ServiceError):
                made = account.call("ImportApi", Body=json.dumps(changed), Basepath="prepend")
                account.call("DeleteApi", ApiId=made["ApiId"])


def test_an_audience_that_is_no_list_lets_nobody_in(account: Account) -> None:
    scheme = json.loads(json.dumps(JWT_SCHEME))
    scheme["x-amazon-apigateway-authorizer"]["jwtConfiguration"]["audience"] = "me"
    components = {"securitySchemes": {"jwt": scheme, "function": FUNCTION_SCHEME, "iam": SIGNED_SCHEME}}
    error = account.refused("ImportApi", Body=json.dumps(definition(components=components)))
    assert "its audience is no list" in error.message
