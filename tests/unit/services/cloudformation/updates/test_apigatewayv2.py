"""Updates of HTTP APIs and what belongs to them."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

V2 = "AWS::ApiGatewayV2::"
API = {"Ref": "Api"}
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
ROLE = "arn:aws:iam::000000000000:role/r"
CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/1"
FIXED = "An HTTP API has no other."
WEBSOCKET = "For WebSocket APIs."


def resource(noun: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"{V2}{noun}", "Properties": properties}


API_ONLY = {"Api": resource("Api", Name="shop", ProtocolType="HTTP")}
QUICK = {"Api": resource("Api", Name="shop", ProtocolType="HTTP", Target=FUNCTION)}
HTTP = resource(
    "Integration",
    ApiId=API,
    IntegrationType="HTTP_PROXY",
    IntegrationMethod="ANY",
    IntegrationUri="https://backend.example.com",
    PayloadFormatVersion="1.0",
)
POOL = {"Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {}}}
JWT = resource(
    "Authorizer",
    ApiId=API,
    AuthorizerType="JWT",
    Name="jwt",
    IdentitySource=["$request.header.Authorization"],
    JwtConfiguration={"Issuer": {"Fn::GetAtt": "Pool.ProviderURL"}, "Audience": ["me"]},
)
ROUTE = resource("Route", ApiId=API, RouteKey="GET /a")
INTEGRATION_ID = {"Fn::Sub": "integrations/${Integration}"}


def one(operation: str, noun: str) -> Any:
    def describe(account: Any, ids: Mapping[str, str]) -> Any:
        return account.apis(operation, ApiId=ids["Api"], **{f"{noun}Id": ids["It"]})

    return describe


def stage(account: Any, ids: Mapping[str, str]) -> Any:
    return account.apis("GetStage", ApiId=ids["Api"], StageName=ids["It"])


def everything(account: Any, ids: Mapping[str, str]) -> Any:
    """Return an API with all that is in it, where quick create has made it."""
    api_id = ids.get("Api", ids["It"])
    nouns = ("Route", "Integration", "Authorizer", "Stage")
    parts = {noun: account.apis(f"Get{noun}s", ApiId=api_id)["Items"] for noun in nouns}
    (made,) = (one["IntegrationId"] for one in parts["Integration"] if one.get("ApiGatewayManaged"))
    text = json.dumps({"Api": account.apis("GetApi", ApiId=api_id), **parts}, default=str)
    return json.loads(text.replace(made, "<made>"))


CORS = {
    "AllowOrigins": ["https://a.example", "https://b.example"],
    "AllowMethods": ["GET", "POST"],
    "AllowHeaders": ["x-a", "x-b"],
    "ExposeHeaders": ["x-c", "x-d"],
    "AllowCredentials": True,
    "MaxAge": 60,
}
CASES: dict[str, dict[str, Any]] = {
    "api": {
        "type": f"{V2}Api",
        "properties": {
            "ProtocolType": "HTTP",
            "Name": "shop",
            "Description": "d",
            "CorsConfiguration": CORS,
            "DisableExecuteApiEndpoint": True,
            "DisableSchemaValidation": True,
            "IpAddressType": "dualstack",
            "Tags": {"a": "1", "b": "2"},
            "Version": "v",
            "RouteSelectionExpression": "$request.method $request.path",
            "ApiKeySelectionExpression": "$request.header.x-api-key",
        },
        "describe": lambda account, ids: account.apis("GetApi", ApiId=ids["It"]),
        "beside": dict.fromkeys(
            ("BasePath", "Body", "CredentialsArn", "FailOnWarnings", "RouteKey", "Target"), "cases below"
        ),
    },
    "quick-api": {
        "type": f"{V2}Api",
        "properties": {
            "ProtocolType": "HTTP",
            "Name": "shop",
            "Target": FUNCTION,
            "RouteKey": "GET /a",
            "CredentialsArn": ROLE,
        },
        "describe": everything,
        "beside": dict.fromkeys(
            (
                "ApiKeySelectionExpression",
                "BasePath",
                "Body",
                "CorsConfiguration",
                "Description",
                "DisableExecuteApiEndpoint",
                "DisableSchemaValidation",
                "FailOnWarnings",
                "IpAddressType",
                "RouteSelectionExpression",
                "Tags",
                "Version",
            ),
            "the case above",
        ),
        "volatile": frozenset(("RouteId", "DeploymentId", "LastDeploymentStatusMessage")),
        "lasting": {("Target",): "AWS: a quick-created target cannot be removed."},
    },
    "overrides": {
        "type": f"{V2}ApiGatewayManagedOverrides",
        "around": {**QUICK, **POOL, "Authorizer": JWT, "Integration": HTTP},
        "properties": {
            "ApiId": API,
            "Integration": {
                "Description": "d",
                "IntegrationMethod": "POST",
                "PayloadFormatVersion": "1.0",
                "TimeoutInMillis": 1000,
            },
            "Route": {
                "AuthorizationScopes": ["a", "b"],
                "AuthorizationType": "JWT",
                "AuthorizerId": {"Ref": "Authorizer"},
                "OperationName": "o",
                "Target": INTEGRATION_ID,
            },
            "Stage": {
                "AccessLogSettings": {
                    "DestinationArn": "arn:aws:logs:us-east-1:1:log-group:x",
                    "Format": "$context.requestId",
                },
                "AutoDeploy": False,
                "DefaultRouteSettings": {
                    "DetailedMetricsEnabled": True,
                    "ThrottlingBurstLimit": 5,
                    "ThrottlingRateLimit": 6,
                },
                "Description": "d",
                "RouteSettings": {"$default": {"ThrottlingBurstLimit": 3, "ThrottlingRateLimit": 4}},
                "StageVariables": {"a": "1", "b": "2"},
            },
        },
        "describe": everything,
        "volatile": frozenset(("DeploymentId", "LastDeploymentStatusMessage", "RouteId")),
    },
    "mapping": {
        "type": f"{V2}ApiMapping",
        "around": {
            **API_ONLY,
            "Domain": resource(
                "DomainName",
                DomainName="api.example.com",
                DomainNameConfigurations=[{"CertificateArn": CERTIFICATE}],
            ),
            "Stage": resource("Stage", ApiId=API, StageName="s"),
        },
        "properties": {
            "ApiId": API,
            "DomainName": {"Ref": "Domain"},
            "Stage": {"Ref": "Stage"},
            "ApiMappingKey": "shop",
        },
        "describe": lambda account, ids: account.apis(
            "GetApiMapping", DomainName=ids["Domain"], ApiMappingId=ids["It"]
        ),
    },
    "jwt-authorizer": {
        "type": f"{V2}Authorizer",
        "around": {**API_ONLY, **POOL},
        "properties": {
            "ApiId": API,
            "AuthorizerType": "JWT",
            "Name": "jwt",
            "IdentitySource": ["$request.header.Authorization"],
            "JwtConfiguration": {"Issuer": {"Fn::GetAtt": "Pool.ProviderURL"}, "Audience": ["a", "b"]},
        },
        "beside": dict.fromkeys(
            (
                "AuthorizerCredentialsArn",
                "AuthorizerPayloadFormatVersion",
                "AuthorizerResultTtlInSeconds",
                "AuthorizerUri",
                "EnableSimpleResponses",
            ),
            "the next case",
        ),
        "describe": one("GetAuthorizer", "Authorizer"),
    },
    "request-authorizer": {
        "type": f"{V2}Authorizer",
        "around": API_ONLY,
        "properties": {
            "ApiId": API,
            "AuthorizerType": "REQUEST",
            "Name": "lambda",
            "IdentitySource": ["$request.header.Authorization", "$context.routeKey"],
            "AuthorizerCredentialsArn": ROLE,
            "AuthorizerPayloadFormatVersion": "2.0",
            "AuthorizerResultTtlInSeconds": 60,
            "AuthorizerUri": FUNCTION,
            "EnableSimpleResponses": True,
        },
        "beside": {"JwtConfiguration": "the case above"},
        "describe": one("GetAuthorizer", "Authorizer"),
    },
    "deployment": {
        "type": f"{V2}Deployment",
        "around": {
            **API_ONLY,
            "Route": ROUTE,
            "Stage": {**resource("Stage", ApiId=API, StageName="s"), "DependsOn": "Route"},
        },
        "properties": {"ApiId": API, "Description": "d", "StageName": {"Ref": "Stage"}},
        "describe": one("GetDeployment", "Deployment"),
    },
    "domain": {
        "type": f"{V2}DomainName",
        "properties": {
            "DomainName": "api.example.com",
            "DomainNameConfigurations": [
                {
                    "CertificateArn": CERTIFICATE,
                    "CertificateName": "n",
                    "EndpointType": "REGIONAL",
                    "IpAddressType": "dualstack",
                    "OwnershipVerificationCertificateArn": CERTIFICATE,
                    "SecurityPolicy": "TLS_1_2",
                }
            ],
            "RoutingMode": "API_MAPPING_ONLY",
            "Tags": {"a": "1", "b": "2"},
        },
        "beside": {"MutualTlsAuthentication": "It is not supported."},
        "describe": lambda account, ids: account.apis("GetDomainName", DomainName=ids["It"]),
        "volatile": frozenset(("ApiGatewayDomainName",)),
    },
    "integration": {
        "type": f"{V2}Integration",
        "around": API_ONLY,
        "properties": {
            "ApiId": API,
            "IntegrationType": "HTTP_PROXY",
            "ConnectionId": "abcdef",
            "ConnectionType": "VPC_LINK",
            "CredentialsArn": ROLE,
            "Description": "d",
            "IntegrationMethod": "ANY",
            "IntegrationUri": "arn:aws:elasticloadbalancing:us-east-1:1:listener/app/a/b/c",
            "PayloadFormatVersion": "1.0",
            "RequestParameters": {"remove:header.x": "''", "overwrite:header.a": "1"},
            "ResponseParameters": {
                "200": {
                    "ResponseParameters": [
                        {"Destination": "remove:header.x", "Source": "''"},
                        {"Destination": "overwrite:header.a", "Source": "1"},
                    ]
                },
                "404": {"ResponseParameters": [{"Destination": "overwrite:statuscode", "Source": "400"}]},
            },
            "TimeoutInMillis": 1000,
            "TlsConfig": {"ServerNameToVerify": "backend.example.com"},
        },
        "describe": one("GetIntegration", "Integration"),
    },
    "route": {
        "type": f"{V2}Route",
        "around": {**API_ONLY, **POOL, "Authorizer": JWT, "Integration": HTTP},
        "properties": {
            "ApiId": API,
            "ApiKeyRequired": False,
            "AuthorizationScopes": ["a", "b"],
            "AuthorizationType": "JWT",
            "AuthorizerId": {"Ref": "Authorizer"},
            "OperationName": "o",
            "RouteKey": "GET /a",
            "Target": INTEGRATION_ID,
        },
        "describe": one("GetRoute", "Route"),
    },
    "stage": {
        "type": f"{V2}Stage",
        "around": {**API_ONLY, "GetA": ROUTE, "GetB": resource("Route", ApiId=API, RouteKey="GET /b")},
        "properties": {
            "ApiId": API,
            "StageName": {"Fn::Sub": ["s", {"GetA": {"Ref": "GetA"}, "GetB": {"Ref": "GetB"}}]},
            "AccessLogSettings": {
                "DestinationArn": "arn:aws:logs:us-east-1:1:log-group:x",
                "Format": "$context.requestId",
            },
            "AutoDeploy": True,
            "DefaultRouteSettings": {
                "DetailedMetricsEnabled": True,
                "ThrottlingBurstLimit": 5,
                "ThrottlingRateLimit": 6,
            },
            "Description": "d",
            "RouteSettings": {
                "GET /a": {"ThrottlingBurstLimit": 3, "ThrottlingRateLimit": 4},
                "GET /b": {"ThrottlingBurstLimit": 1},
            },
            "StageVariables": {"a": "1", "b": "2"},
            "Tags": {"a": "1", "b": "2"},
        },
        "beside": {"ClientCertificateId": WEBSOCKET, "DeploymentId": "the next case"},
        "volatile": frozenset(("DeploymentId", "LastDeploymentStatusMessage")),
        "describe": stage,
    },
    "stage-of-a-deployment": {
        "type": f"{V2}Stage",
        "around": {
            **API_ONLY,
            "Route": ROUTE,
            "Deployment": {**resource("Deployment", ApiId=API), "DependsOn": "Route"},
        },
        "properties": {
            "ApiId": API,
            "StageName": "production",
            "AutoDeploy": False,
            "DeploymentId": {"Ref": "Deployment"},
            "Description": "d",
        },
        "beside": dict.fromkeys(
            (
                "AccessLogSettings",
                "ClientCertificateId",
                "DefaultRouteSettings",
                "RouteSettings",
                "StageVariables",
                "Tags",
            ),
            "the case above",
        ),
        "lasting": {("DeploymentId",): "No operation takes its deployment from a stage."},
        "describe": stage,
    },
    "vpc-link": {
        "type": f"{V2}VpcLink",
        "properties": {
            "Name": "link",
            "SubnetIds": ["subnet-0123456789abcdef0"],
            "SecurityGroupIds": ["sg-0123456789abcdef0"],
            "Tags": {"a": "1", "b": "2"},
        },
        "describe": lambda account, ids: account.apis("GetVpcLink", VpcLinkId=ids["It"]),
    },
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.slow
def test_what_is_taken_away_leaves_nothing(twins: Any, case: Any, name: str) -> None:
    found = twins.differences(case(**CASES[name]))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.slow
def test_what_is_built_wrongly_leaves_the_stack_at_rest(twins: Any, case: Any, name: str) -> None:
    assert twins.unsettled(case(**CASES[name])) == []


@pytest.mark.parametrize("name", CASES)
def test_a_failed_update_gives_everything_back(twins: Any, case: Any, name: str) -> None:
    assert twins.unrestored(case(**CASES[name])) == []


def update(account: Any, resources: Mapping[str, Any]) -> str:
    account.call("UpdateStack", StackName="demo", TemplateBody=json.dumps({"Resources": resources}))
    return str(account.status())


@pytest.mark.semantics("HTTP-API-16")
def test_an_authorizer_changes_its_type_and_back(account: Any) -> None:
    route = {
        **ROUTE,
        "Properties": {
            **ROUTE["Properties"],
            "AuthorizationType": "JWT",
            "AuthorizerId": {"Ref": "It"},
        },
    }
    jwt = {**API_ONLY, **POOL, "It": JWT, "Route": route}
    account.create(json.dumps({"Resources": jwt}))
    (api,) = account.apis("GetApis")["Items"]

    def authorizer() -> dict[str, Any]:
        (found,) = account.apis("GetAuthorizers", ApiId=api["ApiId"])["Items"]
        return dict(found)

    before = authorizer()
    function = resource(
        "Authorizer",
        ApiId=API,
        AuthorizerType="REQUEST",
        Name="jwt",
        AuthorizerUri=FUNCTION,
        AuthorizerPayloadFormatVersion="2.0",
        AuthorizerResultTtlInSeconds=5,
        IdentitySource=["$request.header.Authorization"],
    )
    custom = {**route, "Properties": {**route["Properties"], "AuthorizationType": "CUSTOM"}}
    assert update(account, {**jwt, "It": function, "Route": custom}) == "UPDATE_COMPLETE"
    now = authorizer()
    assert now["AuthorizerId"] == before["AuthorizerId"]
    assert (now["AuthorizerType"], now["AuthorizerUri"]) == ("REQUEST", FUNCTION)
    assert "JwtConfiguration" not in now
    assert update(account, jwt) == "UPDATE_COMPLETE"
    assert authorizer() == before


def test_a_body_that_is_taken_away_takes_what_it_made(account: Any) -> None:
    body = {
        "openapi": "3.0.1",
        "info": {"title": "shop", "version": "1"},
        "paths": {"/a": {"get": {"responses": {}}}},
    }
    with_body = resource("Api", ProtocolType="HTTP", Body=body, Tags={"a": "1"})
    account.create(json.dumps({"Resources": {"Api": with_body}}))
    (api,) = account.apis("GetApis")["Items"]
    assert [one["RouteKey"] for one in account.apis("GetRoutes", ApiId=api["ApiId"])["Items"]] == ["GET /a"]
    assert update(account, API_ONLY) == "UPDATE_COMPLETE"
    (after,) = account.apis("GetApis")["Items"]
    assert (after["ApiId"], after["Name"], after["Tags"]) == (api["ApiId"], "shop", {})
    assert "Version" not in after
    assert account.apis("GetRoutes", ApiId=api["ApiId"])["Items"] == []
    assert update(account, {"Api": with_body}) == "UPDATE_COMPLETE"
    assert [one["RouteKey"] for one in account.apis("GetRoutes", ApiId=api["ApiId"])["Items"]] == ["GET /a"]


def test_a_target_of_quick_create_cannot_be_taken_away(account: Any) -> None:
    account.create(json.dumps({"Resources": QUICK}))
    assert update(account, API_ONLY) == "UPDATE_ROLLBACK_COMPLETE"
    (api,) = account.apis("GetApis")["Items"]
    assert len(account.apis("GetIntegrations", ApiId=api["ApiId"])["Items"]) == 1
