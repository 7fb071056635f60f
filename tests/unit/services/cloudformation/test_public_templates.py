"""Templates that others have published: each is applied, and leaves nothing; or is refused by type and line."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[4] / "../shared/data/templates"
PARAMETERS = {
    "a5-guidance-otel-collector": {
        "VpcId": "vpc-1",
        "SubnetIds": "subnet-1,subnet-2",
        "CustomDomainName": "otel.example.com",
        "CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/1",
        "OidcIssuerUrl": "https://issuer.example.com/",
        "OidcJwksEndpoint": "https://issuer.example.com/jwks",
        "OidcClientId": "client",
    },
    "c1-cognito-user-pool": {"Email": "me@example.com", "CallbackUrl": "https://example.com"},
    "d14-widdix-service-cluster-alb": {"ParentVPCStack": "vpc", "ParentClusterStack": "cluster"},
}
HARNESS_ADDS = "Transform: AWS::Serverless-2016-10-31\n"
WITHOUT_TRANSFORM = (
    "b17-sam-function-with-http-api",
    "b8-sam-http-api-with-auth",
    "b9-sam-http-api-with-auth-updated",
)
REFUSED = {
    "b2-cognito-httpapi": "Resource with id [AppFunction] is invalid. 'CodeUri' is not a valid S3 Uri",
}
NAMES = (
    [one["id"] for one in json.loads((FOLDER / "index.json").read_text())["templates"]]
    if FOLDER.is_dir()
    else []
)

pytestmark = pytest.mark.skipif(not NAMES, reason="the published templates are not here")


def read(name: str) -> str:
    (path,) = FOLDER.glob(f"{name}.*")
    return (HARNESS_ADDS if name in WITHOUT_TRANSFORM else "") + path.read_text()


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name not in REFUSED and not name.startswith("d14")]
)
def test_a_published_template_is_applied_and_leaves_nothing(account: Any, name: str) -> None:
    template, parameters = read(name), PARAMETERS.get(name, {})
    account.create(template, **parameters)
    assert account.reasons() == []
    assert account.status() == "CREATE_COMPLETE"
    again = account.refused(
        "UpdateStack",
        StackName="demo",
        TemplateBody=template,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    assert again.message == "No updates are to be performed."
    stack_id = account.describe()["StackId"]
    account.call("DeleteStack", StackName="demo")
    assert account.status(stack_id) == "DELETE_COMPLETE"
    assert account.elbv2("DescribeLoadBalancers")["LoadBalancers"] == []
    assert account.elbv2("DescribeTargetGroups")["TargetGroups"] == []


@pytest.mark.parametrize("name", [name for name in NAMES if name in REFUSED])
def test_what_does_not_run_is_refused_by_name_and_line(account: Any, name: str) -> None:
    capabilities = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
    template = read(name)
    refusal = account.refused(
        "CreateStack", StackName="demo", TemplateBody=template, Capabilities=capabilities
    )
    assert REFUSED[name] in refusal.message
    assert re.search(r"\(template:\d+:\d+ Resources/\w+\)", refusal.message)


@pytest.mark.parametrize("name", [name for name in NAMES if name in WITHOUT_TRANSFORM])
def test_serverless_resources_need_the_transform(account: Any, name: str) -> None:
    template = read(name).removeprefix(HARNESS_ADDS)
    refusal = account.refused("CreateStack", StackName="demo", TemplateBody=template)
    assert "Unrecognized resource types: [AWS::Serverless::Function" in refusal.message
    assert re.search(r"\(template:\d+:\d+ Resources/\w+/Type\)", refusal.message)


def test_a_service_finds_what_its_parent_stacks_export(account: Any) -> None:
    name = "d14-widdix-service-cluster-alb"
    if name not in NAMES:
        pytest.skip("the published template is not here")
    account.create(read(name), "alone", **PARAMETERS[name])
    assert "No export named vpc-VPC found." in account.reasons("alone")[0]
    parent = """
Resources:
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {Subnets: [subnet-1, subnet-2]}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: 404}}]
  Group: {Type: 'AWS::EC2::SecurityGroup', Properties: {GroupDescription: g}}
Outputs:
  A: {Value: vpc-1, Export: {Name: vpc-VPC}}
  B: {Value: 'subnet-1,subnet-2', Export: {Name: vpc-SubnetsPublic}}
  C: {Value: !Ref Listener, Export: {Name: cluster-HttpListener}}
  D: {Value: cluster, Export: {Name: cluster-Cluster}}
  E: {Value: !Ref Group, Export: {Name: cluster-LoadBalancerSecurityGroup}}
"""
    account.create(parent, "parent")
    given = {**PARAMETERS[name], "LoadBalancerPathPattern": "/service/*"}
    account.create(read(name), **given)
    assert account.reasons() == []
    assert account.status() == "CREATE_COMPLETE"
    account.call("DeleteStack", StackName="parent")
    assert account.status("parent") == "DELETE_FAILED"
