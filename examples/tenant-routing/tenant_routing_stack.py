"""One ALB for all tenants: a rule for each verifies the token's group and forwards to the tenant's function.

After https://blog.serverworks.co.jp/alb-jwt-tenant-routing (in Japanese) and its repository
https://github.com/SatoshiMoriyama/alb-jwt-tenant-routing, in Python.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Tenant:
    """A tenant: ``group`` is its Cognito group, its path prefix and its function's ``TENANT_ID``."""

    name: str
    group: str
    precedence: int


@dataclass(frozen=True)
class Handler:
    """The functions' code: one file of a folder, which exports ``handler``."""

    folder: str
    file: str
    runtime: lambda_.Runtime


TENANTS = (Tenant("A", "tenant-A", precedence=1), Tenant("B", "tenant-B", precedence=2))


class TenantRoutingStack(cdk.Stack):
    """User pool with a group per tenant, ALB with a rule per tenant, function per tenant."""

    def __init__(
        self, scope: Construct, construct_id: str, *, certificate_arn: str, handler: Handler, **kwargs: Any
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        user_pool, client = self._user_pool()
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=0)
        alb = elbv2.ApplicationLoadBalancer(self, "ALB", vpc=vpc, internet_facing=True)
        # Without this rule the load balancer cannot fetch the pool's keys and answers every request 500.
        alb.connections.allow_to_any_ipv4(ec2.Port.tcp(443), "Allow HTTPS to JWKS endpoint")
        listener = alb.add_listener(
            "Listener",
            port=443,
            protocol=elbv2.ApplicationProtocol.HTTPS,
            certificates=[acm.Certificate.from_certificate_arn(self, "Certificate", certificate_arn)],
            default_action=elbv2.ListenerAction.fixed_response(
                403, content_type="text/plain", message_body="Forbidden"
            ),
        )
        issuer = f"https://cognito-idp.{self.region}.amazonaws.com/{user_pool.user_pool_id}"
        for tenant in TENANTS:
            target_group = self._target_group(tenant, handler, vpc)
            self._rule(tenant, listener, issuer, target_group)
        cdk.CfnOutput(self, "UserPoolId", value=user_pool.user_pool_id)
        cdk.CfnOutput(self, "UserPoolClientId", value=client.user_pool_client_id)
        cdk.CfnOutput(self, "JwtIssuer", value=issuer)
        cdk.CfnOutput(self, "JwksEndpoint", value=f"{issuer}/.well-known/jwks.json")
        cdk.CfnOutput(self, "ALBDnsName", value=alb.load_balancer_dns_name)

    def _user_pool(self) -> tuple[cognito.UserPool, cognito.UserPoolClient]:
        user_pool = cognito.UserPool(
            self,
            "UserPool",
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(username=True),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        client = cognito.UserPoolClient(
            self,
            "UserPoolClient",
            user_pool=user_pool,
            auth_flows=cognito.AuthFlow(user_password=True, user_srp=True),
            generate_secret=False,
        )
        for tenant in TENANTS:
            cognito.UserPoolGroup(
                self,
                f"Tenant{tenant.name}Group",
                user_pool=user_pool,
                group_name=tenant.group,
                precedence=tenant.precedence,
            )
        return user_pool, client

    def _target_group(self, tenant: Tenant, handler: Handler, vpc: ec2.IVpc) -> elbv2.ApplicationTargetGroup:
        function = lambda_.Function(
            self,
            f"Function{tenant.name}",
            runtime=handler.runtime,
            handler="index.handler",
            code=lambda_.Code.from_asset(str(HERE / handler.folder), exclude=["*", f"!{handler.file}"]),
            timeout=cdk.Duration.seconds(30),
            environment={"TENANT_ID": tenant.group},
        )
        return elbv2.ApplicationTargetGroup(
            self,
            f"TargetGroup{tenant.name}",
            vpc=vpc,
            target_type=elbv2.TargetType.LAMBDA,
            targets=[targets.LambdaTarget(function)],
        )

    def _rule(
        self,
        tenant: Tenant,
        listener: elbv2.ApplicationListener,
        issuer: str,
        target_group: elbv2.ApplicationTargetGroup,
    ) -> None:
        rule = elbv2.CfnListenerRule
        group_claim = rule.JwtValidationActionAdditionalClaimProperty(
            format="string-array", name="cognito:groups", values=[tenant.group]
        )
        without_prefix = rule.RewriteConfigProperty(regex=f"^/{tenant.group}/(.*)$", replace="/$1")
        rule(
            self,
            f"JwtRuleTenant{tenant.name}",
            listener_arn=listener.listener_arn,
            priority=tenant.precedence * 10,
            conditions=[
                rule.RuleConditionProperty(
                    field="path-pattern",
                    path_pattern_config=rule.PathPatternConfigProperty(values=[f"/{tenant.group}/*"]),
                )
            ],
            actions=[
                rule.ActionProperty(
                    type="jwt-validation",
                    order=1,
                    jwt_validation_config=rule.JwtValidationConfigProperty(
                        issuer=issuer,
                        jwks_endpoint=f"{issuer}/.well-known/jwks.json",
                        additional_claims=[group_claim],
                    ),
                ),
                rule.ActionProperty(
                    type="forward",
                    order=2,
                    forward_config=rule.ForwardConfigProperty(
                        target_groups=[
                            rule.TargetGroupTupleProperty(target_group_arn=target_group.target_group_arn)
                        ]
                    ),
                ),
            ],
            transforms=[
                rule.TransformProperty(
                    type="url-rewrite",
                    url_rewrite_config=rule.RewriteConfigObjectProperty(rewrites=[without_prefix]),
                )
            ],
        )
