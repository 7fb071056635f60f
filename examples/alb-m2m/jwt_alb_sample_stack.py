"""An ALB that verifies the access tokens of machine clients before an ECS service sees a request.

After "CDK Mixinsで作る!ALB + JWT 検証" (Zenn, Japan AWS Ambassadors Advent Calendar 2025, day 6), in Python.
"""

from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_logs as logs
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from aws_cdk import aws_s3 as s3
from aws_cdk.cfn_property_mixins.aws_elasticloadbalancingv2 import (
    CfnListenerMixinProps,
    CfnListenerPropsMixin,
)
from constructs import Construct, Node
from networking import Networking

CONTAINER_PORT = 8000


@dataclass(frozen=True)
class JwtAlbSampleProps:
    """What the stack is told from outside; the names in the context are the article's, in camelCase."""

    hosted_zone_id: str
    zone_name: str
    vpc_cidr: str
    ecr_repo_arn: str
    image_tag: str
    alb_domain_name: str
    my_ip: str
    issuer: str
    jwks_endpoint: str

    @classmethod
    def from_context(cls, node: Node) -> "JwtAlbSampleProps":
        """Read every setting from the context of ``node``; a missing one is an error that names it."""
        return cls(
            hosted_zone_id=node.get_context("hostedZoneId"),
            zone_name=node.get_context("zoneName"),
            vpc_cidr=node.get_context("vpcCidr"),
            ecr_repo_arn=node.get_context("ecrRepoArn"),
            image_tag=node.get_context("imageTag"),
            alb_domain_name=node.get_context("albDomainName"),
            my_ip=node.get_context("myIp"),
            issuer=node.get_context("issuer"),
            jwks_endpoint=node.get_context("jwksEndpoint"),
        )


class JwtAlbSampleStack(cdk.Stack):
    """VPC, ECS Fargate service, and the ALB whose HTTPS listener verifies JWTs."""

    def __init__(self, scope: Construct, construct_id: str, props: JwtAlbSampleProps, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self._props = props
        zone = route53.HostedZone.from_hosted_zone_attributes(
            self, "HostedZone", hosted_zone_id=props.hosted_zone_id, zone_name=props.zone_name
        )
        vpc = Networking(self, "Networking", vpc_cidr=props.vpc_cidr).vpc
        service_sg = ec2.SecurityGroup(
            self,
            "ServiceSG",
            vpc=vpc,
            allow_all_outbound=True,
            description="Security group for ECS service",
        )
        service = self._service(vpc, service_sg)
        alb = self._load_balancer(vpc, service_sg)
        route53.ARecord(
            self,
            "AlbARecord",
            zone=zone,
            record_name=props.alb_domain_name,
            target=route53.RecordTarget.from_alias(targets.LoadBalancerTarget(alb)),
        )
        certificate = acm.Certificate(
            self,
            "Certificate",
            domain_name=props.alb_domain_name,
            validation=acm.CertificateValidation.from_dns(zone),
        )
        self._listener(alb, certificate, self._target_group(vpc, service))

    def _service(self, vpc: ec2.IVpc, security_group: ec2.ISecurityGroup) -> ecs.FargateService:
        log_group = logs.LogGroup(
            self,
            "ContainerLogGroup",
            removal_policy=cdk.RemovalPolicy.DESTROY,
            retention=logs.RetentionDays.ONE_WEEK,
        )
        cluster = ecs.Cluster(self, "Cluster", vpc=vpc, container_insights_v2=ecs.ContainerInsights.ENHANCED)
        task_definition = ecs.FargateTaskDefinition(self, "TaskDef", cpu=512, memory_limit_mib=1024)
        repository = ecr.Repository.from_repository_arn(self, "EcrRepo", self._props.ecr_repo_arn)
        task_definition.add_container(
            "AppContainer",
            image=ecs.ContainerImage.from_ecr_repository(repository, self._props.image_tag),
            logging=ecs.LogDrivers.aws_logs(stream_prefix="my-app", log_group=log_group),
            port_mappings=[ecs.PortMapping(container_port=CONTAINER_PORT)],
        )
        return ecs.FargateService(
            self,
            "FargateService",
            cluster=cluster,
            vpc_subnets=ec2.SubnetSelection(subnet_group_name="Private"),
            security_groups=[security_group],
            task_definition=task_definition,
            desired_count=1,
            min_healthy_percent=100,
            circuit_breaker=ecs.DeploymentCircuitBreaker(enable=True),
        )

    def _load_balancer(self, vpc: ec2.IVpc, service_sg: ec2.ISecurityGroup) -> elbv2.ApplicationLoadBalancer:
        alb_sg = ec2.SecurityGroup(self, "AlbSg", vpc=vpc, allow_all_outbound=False)
        alb_sg.connections.allow_from(
            ec2.Peer.ipv4(self._props.my_ip), ec2.Port.tcp(443), "Allow HTTPS from My IP"
        )
        alb_sg.connections.allow_to(service_sg, ec2.Port.tcp(CONTAINER_PORT), "Allow HTTP to Service")
        # Without this rule the load balancer cannot fetch the issuer's keys and answers every request 500.
        alb_sg.connections.allow_to(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "Allow HTTPS to Service")
        alb = elbv2.ApplicationLoadBalancer(
            self,
            "Alb",
            vpc=vpc,
            internet_facing=True,
            security_group=alb_sg,
            vpc_subnets=ec2.SubnetSelection(subnet_group_name="Public"),
        )
        log_bucket = s3.Bucket(
            self,
            "LogBucket",
            enforce_ssl=True,
            removal_policy=cdk.RemovalPolicy.DESTROY,
            auto_delete_objects=True,
        )
        alb.log_access_logs(log_bucket, "AlbLog")
        return alb

    def _target_group(self, vpc: ec2.IVpc, service: ecs.FargateService) -> elbv2.ApplicationTargetGroup:
        return elbv2.ApplicationTargetGroup(
            self,
            "EcsTargetGroup",
            vpc=vpc,
            port=CONTAINER_PORT,
            protocol=elbv2.ApplicationProtocol.HTTP,
            targets=[service],
            health_check=elbv2.HealthCheck(enabled=True, path="/health", healthy_http_codes="200"),
        )

    def _listener(
        self,
        alb: elbv2.ApplicationLoadBalancer,
        certificate: acm.ICertificate,
        target_group: elbv2.ApplicationTargetGroup,
    ) -> None:
        # The L2 listener has no jwt-validation action; the mixin sets the L1 property with its types checked.
        # Both actions are given: a listener needs one of redirect, fixed-response and forward.
        alb.add_listener(
            "JwtListener",
            port=443,
            certificates=[certificate],
            default_action=elbv2.ListenerAction.forward([target_group]),
            open=False,
        ).with_(CfnListenerPropsMixin(self._jwt_then_forward(target_group)))

    def _jwt_then_forward(self, target_group: elbv2.ApplicationTargetGroup) -> CfnListenerMixinProps:
        audience = CfnListenerPropsMixin.JwtValidationActionAdditionalClaimProperty(
            format="single-string", name="aud", values=[f"https://{self._props.alb_domain_name}/"]
        )
        return CfnListenerMixinProps(
            default_actions=[
                CfnListenerPropsMixin.ActionProperty(
                    type="jwt-validation",
                    jwt_validation_config=CfnListenerPropsMixin.JwtValidationConfigProperty(
                        issuer=self._props.issuer,
                        jwks_endpoint=self._props.jwks_endpoint,
                        additional_claims=[audience],
                    ),
                    order=1,
                ),
                CfnListenerPropsMixin.ActionProperty(
                    type="forward", target_group_arn=target_group.target_group_arn, order=2
                ),
            ]
        )
