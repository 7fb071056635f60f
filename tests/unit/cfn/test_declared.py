"""Types that do not run here: their ids, references and attributes."""

import re
from typing import Any

import pytest

from sekisho.cfn.declared import DeclaredState, Identity
from sekisho.cfn.types import TypeCatalogue, _load_table

TYPES = TypeCatalogue()
REGISTRY = "000000000000.dkr.ecr.us-east-1.amazonaws.com"


def declare(type_name: str, generation: int = 0, **properties: Any) -> DeclaredState:
    stack_id = "arn:aws:cloudformation:us-east-1:000000000000:stack/demo/1"
    identity = Identity("000000000000", "us-east-1", "demo", stack_id, "Thing", generation)
    return DeclaredState(TYPES.published(type_name), identity, properties)


@pytest.mark.parametrize(
    ("type_name", "properties", "pattern"),
    [
        ("AWS::EC2::VPC", {}, r"vpc-[0-9a-f]{17}"),
        ("AWS::EC2::Subnet", {}, r"subnet-[0-9a-f]{17}"),
        ("AWS::EC2::SecurityGroup", {"GroupName": "x"}, r"sg-[0-9a-f]{17}"),
        ("AWS::IAM::Role", {}, r"demo-Thing-[0-9A-Z]{12}"),
        ("AWS::IAM::Role", {"RoleName": "mine"}, r"mine"),
        ("AWS::IAM::ManagedPolicy", {"Path": "/a/"}, r"arn:aws:iam::000000000000:policy/a/demo-Thing-\w{12}"),
        ("AWS::S3::Bucket", {}, r"demo-thing-[0-9a-z]{12}"),
        ("AWS::SNS::Topic", {"TopicName": "t"}, r"arn:aws:sns:us-east-1:000000000000:t"),
        ("AWS::SQS::Queue", {"QueueName": "q"}, r"https://sqs\.us-east-1\.amazonaws\.com/000000000000/q"),
        (
            "AWS::CertificateManager::Certificate",
            {},
            r"arn:aws:acm:us-east-1:000000000000:certificate/[-0-9a-f]{36}",
        ),
        (
            "AWS::ECS::TaskDefinition",
            {"Family": "f"},
            r"arn:aws:ecs:us-east-1:000000000000:task-definition/f:1",
        ),
        ("AWS::ECS::Service", {"Cluster": "c", "ServiceName": "s"}, r"arn:aws:ecs:\S+:service/s"),
        ("AWS::Route53::RecordSet", {"Name": "a.example.com."}, r"a\.example\.com\."),
        ("AWS::EC2::EIP", {}, r"203\.0\.113\.[0-9]{1,3}"),
        ("Custom::Thing", {}, r"demo-Thing-[0-9A-Z]{12}"),
        ("AWS::CloudFormation::WaitCondition", {}, r"demo-Thing-[0-9A-Z]{12}"),
    ],
)
def test_physical_ids_have_the_form_that_aws_gives(
    type_name: str, properties: dict[str, Any], pattern: str
) -> None:
    assert re.fullmatch(pattern, declare(type_name, **properties).physical_id)


@pytest.mark.parametrize(
    ("type_name", "attribute", "properties", "value"),
    [
        ("AWS::EC2::VPC", "CidrBlock", {"CidrBlock": "10.0.0.0/16"}, "10.0.0.0/16"),
        ("AWS::EC2::VPC", "EnableDnsSupport", {}, False),
        ("AWS::IAM::Role", "Arn", {"RoleName": "r"}, "arn:aws:iam::000000000000:role/r"),
        ("AWS::S3::Bucket", "Arn", {"BucketName": "b"}, "arn:aws:s3:::b"),
        ("AWS::S3::Bucket", "RegionalDomainName", {"BucketName": "b"}, "b.s3.us-east-1.amazonaws.com"),
        ("AWS::ECR::Repository", "RepositoryUri", {"RepositoryName": "r"}, f"{REGISTRY}/r"),
        ("AWS::Logs::LogGroup", "Arn", {"LogGroupName": "/l"}, "arn:aws:logs:us-east-1:000000000000:log-group:/l:*"),
        ("AWS::EC2::Instance", "PrivateDnsName", {}, "demo-Thing-0H5ULQKG6ORK-PrivateDnsName"),
        ("AWS::SSM::Parameter", "Value", {"Value": 3}, "3"),
    ],
)  # fmt: skip
def test_attributes(type_name: str, attribute: str, properties: dict[str, Any], value: Any) -> None:
    assert declare(type_name, **properties).attribute(attribute) == value


def test_the_id_of_a_security_group_is_its_group_id() -> None:
    group = declare("AWS::EC2::SecurityGroup")
    assert group.attribute("GroupId") == group.attribute("Id") == group.physical_id


def test_a_replacement_has_another_id_and_a_second_run_the_same() -> None:
    assert declare("AWS::EC2::VPC").physical_id == declare("AWS::EC2::VPC").physical_id
    assert declare("AWS::EC2::VPC").physical_id != declare("AWS::EC2::VPC", 1).physical_id


def test_addresses_of_a_vpc_can_be_divided() -> None:
    assert declare("AWS::EC2::VPC").attribute("Ipv6CidrBlocks")[0].endswith("::/56")


def test_unknown_types_and_attributes_are_known_as_such() -> None:
    assert not TYPES.is_known("AWS::EC2::Nothing")
    assert not TYPES.is_known("AWS::Serverless::Function")
    assert TYPES.is_known("Custom::Anything")
    assert TYPES.is_known("AWS::CDK::Metadata")
    assert not TYPES.has_attribute("AWS::IAM::Role", "Nothing")
    assert TYPES.has_attribute("Custom::Anything", "Whatever.It.Is")
    assert TYPES.has_attribute("AWS::RDS::DBInstance", "Endpoint.Address")
    assert TYPES.has_attribute("AWS::CloudFormation::Stack", "Outputs.X")


def test_every_published_type_has_an_id_and_every_attribute_a_value_of_its_kind() -> None:
    kinds = {"list": list, "map": dict, "integer": int, "number": int, "boolean": bool, "string": str}
    for type_name in _load_table():
        state = declare(type_name)
        assert state.physical_id
        for attribute, kind in state.type.attributes.items():
            if not attribute.startswith("Outputs"):
                assert isinstance(state.attribute(attribute), kinds[kind]), f"{type_name}.{attribute}"
