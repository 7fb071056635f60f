"""An HTTP API whose JWT authorizer admits machine clients of a Cognito user pool.

After the Serverworks Engineer Blog's article (in Japanese) on the client credentials grant with an HTTP API's JWT
authorizer and a Cognito user pool, with the routes and the second client that its supplement describes.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

READ = cognito.ResourceServerScope(scope_name="read", scope_description="Read items")
WRITE = cognito.ResourceServerScope(scope_name="write", scope_description="Write items")


@dataclass(frozen=True)
class Handler:
    """The function's code: one file, small enough to stand in the template, which exports ``handler``."""

    file: Path
    runtime: lambda_.Runtime


@dataclass(frozen=True)
class Machines:
    """The machine clients' user pool, and what a route may ask of them."""

    pool: cognito.UserPool
    domain: cognito.UserPoolDomain
    reader: cognito.UserPoolClient
    writer: cognito.UserPoolClient
    read_scope: str
    write_scope: str


class HttpApiStack(cdk.Stack):
    """User pool with a domain, a reading and a writing client; HTTP API with three routes to one function."""

    def __init__(
        self, scope: Construct, construct_id: str, *, domain_prefix: str, handler: Handler, **kwargs: Any
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        machines = self._machines(domain_prefix)
        function = lambda_.Function(
            self,
            "Function",
            runtime=handler.runtime,
            handler="index.handler",
            code=lambda_.Code.from_inline(handler.file.read_text()),
        )
        api = apigatewayv2.HttpApi(self, "HttpApi", api_name="http-api-sample")
        self._routes(api, function, machines)
        cdk.CfnOutput(self, "ApiUrl", value=api.api_endpoint)
        cdk.CfnOutput(self, "TokenEndpoint", value=f"{machines.domain.base_url()}/oauth2/token")
        cdk.CfnOutput(self, "UserPoolId", value=machines.pool.user_pool_id)
        cdk.CfnOutput(self, "ReaderClientId", value=machines.reader.user_pool_client_id)
        cdk.CfnOutput(self, "WriterClientId", value=machines.writer.user_pool_client_id)

    def _machines(self, domain_prefix: str) -> Machines:
        pool = cognito.UserPool(self, "UserPool", removal_policy=cdk.RemovalPolicy.DESTROY)
        domain = pool.add_domain(
            "Domain", cognito_domain=cognito.CognitoDomainOptions(domain_prefix=domain_prefix)
        )
        server = pool.add_resource_server("ResourceServer", identifier="items", scopes=[READ, WRITE])
        return Machines(
            pool=pool,
            domain=domain,
            reader=self._client("ReaderClient", pool, cognito.OAuthScope.resource_server(server, READ)),
            writer=self._client("WriterClient", pool, cognito.OAuthScope.resource_server(server, WRITE)),
            read_scope=f"{server.user_pool_resource_server_id}/{READ.scope_name}",
            write_scope=f"{server.user_pool_resource_server_id}/{WRITE.scope_name}",
        )

    def _client(self, name: str, pool: cognito.UserPool, scope: cognito.OAuthScope) -> cognito.UserPoolClient:
        return pool.add_client(
            name,
            generate_secret=True,
            o_auth=cognito.OAuthSettings(flows=cognito.OAuthFlows(client_credentials=True), scopes=[scope]),
        )

    def _routes(self, api: apigatewayv2.HttpApi, function: lambda_.Function, machines: Machines) -> None:
        integration = integrations.HttpLambdaIntegration("Integration", function)
        clients = authorizers.HttpUserPoolAuthorizer(
            "Clients", machines.pool, user_pool_clients=[machines.reader, machines.writer]
        )
        # The same check, spelled as the API Gateway documentation spells it: an issuer and an audience.
        reader = authorizers.HttpJwtAuthorizer(
            "Reader",
            machines.pool.user_pool_provider_url,
            jwt_audience=[machines.reader.user_pool_client_id],
        )
        get = [apigatewayv2.HttpMethod.GET]
        # Any token of either client, a token with the scope, a token of one client.
        api.add_routes(path="/test_jwt", integration=integration, authorizer=clients)
        api.add_routes(
            path="/test_jwt/write",
            methods=get,
            integration=integration,
            authorizer=clients,
            authorization_scopes=[machines.write_scope],
        )
        api.add_routes(
            path="/test_jwt/read",
            methods=get,
            integration=integration,
            authorizer=reader,
            authorization_scopes=[machines.read_scope],
        )
