"""The network: public subnets for the load balancer, private ones with a way out for the containers."""

from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class Networking(Construct):
    """A VPC with the subnet groups ``Public`` and ``Private`` in two availability zones.

    It stands for the ``Networking`` construct that the article takes from BLEA
    (https://github.com/aws-samples/baseline-environment-on-aws): the VPC and the two subnet groups used here.
    """

    def __init__(self, scope: Construct, construct_id: str, *, vpc_cidr: str) -> None:
        super().__init__(scope, construct_id)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(vpc_cidr),
            max_azs=2,
            nat_gateways=1,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24),
                ec2.SubnetConfiguration(
                    name="Private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=22
                ),
            ],
        )
