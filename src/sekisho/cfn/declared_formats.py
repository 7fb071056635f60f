"""The forms of ids, ARNs and attributes that AWS gives, where the schemas do not say them.

Sources: the ``Return values`` sections of
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html and
the ARN tables of https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

from collections.abc import Mapping

_EC2_PREFIXES = {
    "CustomerGateway": "cgw",
    "DHCPOptions": "dopt",
    "EgressOnlyInternetGateway": "eigw",
    "FlowLog": "fl",
    "Instance": "i",
    "InternetGateway": "igw",
    "LaunchTemplate": "lt",
    "NatGateway": "nat",
    "NetworkAcl": "acl",
    "NetworkInterface": "eni",
    "PrefixList": "pl",
    "RouteTable": "rtb",
    "SecurityGroup": "sg",
    "SecurityGroupEgress": "sgr",
    "SecurityGroupIngress": "sgr",
    "Subnet": "subnet",
    "SubnetNetworkAclAssociation": "aclassoc",
    "SubnetRouteTableAssociation": "rtbassoc",
    "TransitGateway": "tgw",
    "TransitGatewayAttachment": "tgw-attach",
    "VPC": "vpc",
    "VPCCidrBlock": "vpc-cidr-assoc",
    "VPCEndpoint": "vpce",
    "VPCPeeringConnection": "pcx",
    "VPNGateway": "vgw",
    "Volume": "vol",
}

ID_FORMATS: Mapping[str, str] = {
    **{f"AWS::EC2::{kind}": f"{prefix}-{{hex}}" for kind, prefix in _EC2_PREFIXES.items()},
    # 203.0.113.0/24 is reserved for documentation (RFC 5737): it is nobody's address.
    "AWS::EC2::EIP": "203.0.113.{octet}",
    "AWS::EC2::Route": "{properties[RouteTableId]}|{name}",
    "AWS::EC2::VPCGatewayAttachment": "IGW|{properties[VpcId]}",
    "AWS::ECS::Service": "arn:aws:ecs:{region}:{account}:service/{name}",
    "AWS::IAM::ManagedPolicy": "arn:aws:iam::{account}:policy{path}{name}",
    "AWS::KMS::Key": "{uuid}",
    "AWS::Cognito::IdentityPool": "{region}:{uuid}",
    "AWS::Route53::HostedZone": "Z{letters}",
    "AWS::SQS::Queue": "https://sqs.{region}.amazonaws.com/{account}/{name}",
}
"""Physical id by type; other types take their name or ARN."""

NAME_PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "AWS::Lambda::LayerVersion": ("LayerName",),
    "AWS::EC2::Route": ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"),
    "AWS::ECS::TaskDefinition": ("Family",),
    "AWS::Route53::RecordSet": ("Name",),
}
"""The properties that name a resource of the type, before those that the schema suggests."""

LOWER_CASE = frozenset(
    ("AWS::S3::Bucket", "AWS::ECR::Repository", "AWS::RDS::DBInstance", "AWS::RDS::DBCluster")
)
"""Types whose generated names are lower case."""

ARN_FORMATS: Mapping[str, str] = {
    "AWS::CertificateManager::Certificate": "arn:aws:acm:{region}:{account}:certificate/{uuid}",
    "AWS::CloudWatch::Alarm": "arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
    "AWS::ECS::TaskDefinition": "arn:aws:ecs:{region}:{account}:task-definition/{name}:{generation}",
    "AWS::Events::Rule": "arn:aws:events:{region}:{account}:rule/{name}",
    "AWS::IAM::Group": "arn:aws:iam::{account}:group{path}{name}",
    "AWS::IAM::InstanceProfile": "arn:aws:iam::{account}:instance-profile{path}{name}",
    "AWS::IAM::ManagedPolicy": "arn:aws:iam::{account}:policy{path}{name}",
    "AWS::IAM::OIDCProvider": "arn:aws:iam::{account}:oidc-provider/{name}",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role{path}{name}",
    "AWS::IAM::User": "arn:aws:iam::{account}:user{path}{name}",
    "AWS::KMS::Key": "arn:aws:kms:{region}:{account}:key/{uuid}",
    "AWS::Lambda::Function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::Lambda::LayerVersion": "arn:aws:lambda:{region}:{account}:layer:{name}:{generation}",
    "AWS::Logs::LogGroup": "arn:aws:logs:{region}:{account}:log-group:{name}:*",
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
    "AWS::SNS::Topic": "arn:aws:sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "arn:aws:sqs:{region}:{account}:{name}",
    "AWS::SSM::Parameter": "arn:aws:ssm:{region}:{account}:parameter/{name}",
    "AWS::SecretsManager::Secret": "arn:aws:secretsmanager:{region}:{account}:secret:{name}",
    "AWS::StepFunctions::StateMachine": "arn:aws:states:{region}:{account}:stateMachine:{name}",
}
"""ARN by type; other types take ``arn:aws:service:region:account:kind/name``."""

ATTRIBUTE_FORMATS: Mapping[str, Mapping[str, str | tuple[str, ...]]] = {
    "AWS::EC2::EIP": {"AllocationId": "eipalloc-{hex}"},
    "AWS::EC2::Instance": {"PrivateIp": "10.0.0.{octet}", "PublicIp": "203.0.113.{octet}"},
    "AWS::EC2::SecurityGroup": {"GroupId": "sg-{hex}"},
    "AWS::EC2::Subnet": {"NetworkAclAssociationId": "aclassoc-{hex}"},
    "AWS::EC2::VPC": {
        "CidrBlockAssociations": ("vpc-cidr-assoc-{hex}",),
        "DefaultNetworkAcl": "acl-{hex}",
        "DefaultSecurityGroup": "sg-{hex}",
        # 2001:db8::/32 is reserved for documentation (RFC 3849).
        "Ipv6CidrBlocks": ("2001:db8:{octet:x}:100::/56",),
    },
    "AWS::ECR::Repository": {"RepositoryUri": "{account}.dkr.ecr.{region}.amazonaws.com/{name}"},
    "AWS::ECS::Service": {"Name": "{name}"},
    "AWS::IAM::Role": {"RoleId": "AROA{letters}"},
    "AWS::Route53::HostedZone": {"NameServers": ("ns-1.awsdns-01.org", "ns-2.awsdns-02.com")},
    "AWS::S3::Bucket": {
        "DomainName": "{name}.s3.amazonaws.com",
        "DualStackDomainName": "{name}.s3.dualstack.{region}.amazonaws.com",
        "RegionalDomainName": "{name}.s3.{region}.amazonaws.com",
        "WebsiteURL": "http://{name}.s3-website-{region}.amazonaws.com",
    },
    "AWS::SQS::Queue": {"QueueName": "{name}"},
    "AWS::SNS::Topic": {"TopicName": "{name}"},
}
"""Attributes that neither a property nor the identifier gives."""
