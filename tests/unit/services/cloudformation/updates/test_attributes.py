"""Every attribute that AWS publishes of a type that runs here is answered by ``Fn::GetAtt``."""

import json
from typing import Any

import pytest

from sekisho.services.cloudformation.engine import TYPES

API = {"Ref": "Api"}
POOL = {"Ref": "Pool"}
V2, COGNITO, ELB, LAMBDA = (
    "AWS::ApiGatewayV2::",
    "AWS::Cognito::",
    "AWS::ElasticLoadBalancingV2::",
    "AWS::Lambda::",
)
ACTION = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/1"
RESOURCES: dict[str, tuple[str, dict[str, Any]]] = {
    "Api": (f"{V2}Api", {"Name": "shop", "ProtocolType": "HTTP"}),
    "Quick": (f"{V2}Api", {"Name": "quick", "ProtocolType": "HTTP", "Target": "https://example.com"}),
    "Overrides": (f"{V2}ApiGatewayManagedOverrides", {"ApiId": {"Ref": "Quick"}}),
    "Authorizer": (
        f"{V2}Authorizer",
        {
            "ApiId": API,
            "AuthorizerType": "JWT",
            "Name": "jwt",
            "IdentitySource": ["$request.header.Authorization"],
            "JwtConfiguration": {"Issuer": {"Fn::GetAtt": "Pool.ProviderURL"}},
        },
    ),
    "Integration": (
        f"{V2}Integration",
        {
            "ApiId": API,
            "IntegrationType": "HTTP_PROXY",
            "IntegrationMethod": "GET",
            "IntegrationUri": "https://example.com",
        },
    ),
    "Route": (f"{V2}Route", {"ApiId": API, "RouteKey": "GET /a"}),
    "Stage": (f"{V2}Stage", {"ApiId": API, "StageName": "s"}),
    "Deployment": (f"{V2}Deployment", {"ApiId": API, "Description": {"Ref": "Route"}}),
    "DomainName": (
        f"{V2}DomainName",
        {"DomainName": "api.example.com", "DomainNameConfigurations": [{"CertificateArn": CERTIFICATE}]},
    ),
    "Mapping": (
        f"{V2}ApiMapping",
        {"ApiId": API, "DomainName": {"Ref": "DomainName"}, "Stage": {"Ref": "Stage"}},
    ),
    "VpcLink": (f"{V2}VpcLink", {"Name": "link", "SubnetIds": ["subnet-0123456789abcdef0"]}),
    "Pool": (f"{COGNITO}UserPool", {}),
    "Client": (f"{COGNITO}UserPoolClient", {"UserPoolId": POOL, "GenerateSecret": True}),
    "Domain": (f"{COGNITO}UserPoolDomain", {"UserPoolId": POOL, "Domain": "shop"}),
    "Group": (f"{COGNITO}UserPoolGroup", {"UserPoolId": POOL}),
    "Server": (
        f"{COGNITO}UserPoolResourceServer",
        {"UserPoolId": POOL, "Identifier": "items", "Name": "items"},
    ),
    "User": (f"{COGNITO}UserPoolUser", {"UserPoolId": POOL, "Username": "ada"}),
    "Member": (
        f"{COGNITO}UserPoolUserToGroupAttachment",
        {"UserPoolId": POOL, "GroupName": {"Ref": "Group"}, "Username": {"Ref": "User"}},
    ),
    "Balancer": (
        f"{ELB}LoadBalancer",
        {
            "Subnets": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
            "LoadBalancerAttributes": [{"Key": "idle_timeout.timeout_seconds", "Value": "30"}],
            "Tags": [{"Key": "a", "Value": "1"}],
        },
    ),
    "TargetGroup": (f"{ELB}TargetGroup", {"Port": 80, "Protocol": "HTTP", "VpcId": "vpc-0123456789abcdef0"}),
    "Listener": (
        f"{ELB}Listener",
        {
            "LoadBalancerArn": {"Ref": "Balancer"},
            "Port": 443,
            "Protocol": "HTTPS",
            "Certificates": [{"CertificateArn": CERTIFICATE}],
            "DefaultActions": [ACTION],
        },
    ),
    "Rule": (
        f"{ELB}ListenerRule",
        {
            "ListenerArn": {"Ref": "Listener"},
            "Priority": 1,
            "Actions": [ACTION],
            "Conditions": [{"Field": "path-pattern", "Values": ["/a"]}],
        },
    ),
    "Certificate": (
        f"{ELB}ListenerCertificate",
        {"ListenerArn": {"Ref": "Listener"}, "Certificates": [{"CertificateArn": f"{CERTIFICATE}0"}]},
    ),
    "Function": (
        f"{LAMBDA}Function",
        {
            "Code": {"ZipFile": "def handler(event, context):\n    return event\n"},
            "Role": "arn:aws:iam::000000000000:role/r",
            "Runtime": "python3.12",
            "Handler": "index.handler",
        },
    ),
    "Permission": (
        f"{LAMBDA}Permission",
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": "Function"},
            "Principal": "apigateway.amazonaws.com",
        },
    ),
    "Version": (f"{LAMBDA}Version", {"FunctionName": {"Ref": "Function"}}),
    "Alias": (
        f"{LAMBDA}Alias",
        {
            "FunctionName": {"Ref": "Function"},
            "FunctionVersion": {"Fn::GetAtt": "Version.Version"},
            "Name": "live",
        },
    ),
}
UNSET = (
    "EnableCapacityReservationProvisionStabilize",
    "EnablePrefixForIpv6SourceNat",
    "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
    "Ipv4IpamPoolId",
)
"""Properties of load balancers that can be asked for where they are given."""


def test_every_attribute_is_answered(account: Any) -> None:
    made = {name: {"Type": kind, "Properties": properties} for name, (kind, properties) in RESOURCES.items()}
    core = {one.name for one in TYPES.core_types()}
    assert {kind for kind, _ in RESOURCES.values()} == core
    outputs: dict[str, Any] = {}
    for name, (kind, _) in RESOURCES.items():
        for attribute, value in TYPES.published(kind).attributes.items():
            if attribute in UNSET:
                continue
            found: Any = {"Fn::GetAtt": [name, attribute]}
            if value in ("list", "map"):
                found = {"Fn::ToJsonString": found}
            outputs[f"{name}{attribute.replace('.', '')}"] = {"Value": found}
    body = json.dumps({"Transform": "AWS::LanguageExtensions", "Resources": made, "Outputs": outputs})
    account.create(body)
    assert account.reasons() == []
    values = {one["OutputKey"]: one["OutputValue"] for one in account.describe()["Outputs"]}
    assert values.keys() == outputs.keys()


def test_an_api_tells_the_arn_that_permissions_begin_with(account: Any) -> None:
    kind, properties = RESOURCES["Api"]
    outputs = {
        "ApiId": {"Value": API},
        "Arn": {"Value": {"Fn::Sub": "${Api.ExecuteApiArn}/*"}},
    }
    api = {"Type": kind, "Properties": properties}
    account.create(json.dumps({"Resources": {"Api": api}, "Outputs": outputs}))
    values = {one["OutputKey"]: one["OutputValue"] for one in account.describe()["Outputs"]}
    assert values["Arn"] == f"arn:aws:execute-api:us-east-1:000000000000:{values['ApiId']}/*"


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1"])
def test_arns_name_the_region_of_the_stack(account: Any, region: str) -> None:
    kind, properties = RESOURCES["Api"]
    api: dict[str, Any] = {"Type": kind, "Properties": {**properties, "Tags": {"a": "1"}}}

    def call(operation: str, service: str = "cloudformation", **params: Any) -> Any:
        return account._dispatcher.call(service, operation, params, region)

    call("CreateStack", StackName="demo", TemplateBody=json.dumps({"Resources": {"Api": api}}))
    api["Properties"]["Tags"] = {"b": "2"}
    call("UpdateStack", StackName="demo", TemplateBody=json.dumps({"Resources": {"Api": api}}))
    (found,) = call("GetApis", service="apigatewayv2")["Items"]
    assert found["Tags"] == {"b": "2"}
