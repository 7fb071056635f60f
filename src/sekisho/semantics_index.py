"""Every rule of the product in one place, by topic: what the reference page and the tests of the house read."""

from dataclasses import dataclass

from sekisho.cfn import semantics as cloudformation
from sekisho.compile import http_api_semantics as http_api_edge
from sekisho.compile import semantics as edge
from sekisho.functions import http_api_semantics as http_api_functions
from sekisho.functions import semantics as functions
from sekisho.issuer import semantics as auth0
from sekisho.issuer.cognito import semantics as pool_issuers
from sekisho.kernel.semantics import Rule
from sekisho.services.apigatewayv2 import semantics as http_api
from sekisho.services.cognito_idp import semantics as user_pools
from sekisho.services.elbv2 import semantics as elbv2
from sekisho.services.lambda_ import semantics as lambda_
from sekisho.verify import (
    alb_semantics,
    fetch_semantics,
    http_api_routing_semantics,
    http_api_semantics,
    key_semantics,
    token_semantics,
)
from sekisho.verify import semantics as verify


@dataclass(frozen=True, slots=True)
class Topic:
    """Rules that belong together, under one heading."""

    title: str
    rules: tuple[Rule, ...]


TOPICS: tuple[Topic, ...] = (
    Topic("ALB jwt-validation", alb_semantics.RULES),
    Topic("HTTP API JWT authorizers", http_api_semantics.RULES),
    Topic("Tokens, on both edges", token_semantics.RULES),
    Topic("Key sets", key_semantics.RULES),
    Topic("Fetching keys", fetch_semantics.RULES),
    Topic("Paths", verify.URI_RULES),
    Topic("The edge besides tokens", edge.RULES),
    Topic("Elastic Load Balancing", elbv2.RULES),
    Topic("HTTP APIs", http_api.RULES),
    Topic("Routes of HTTP APIs", http_api_routing_semantics.RULES),
    Topic("Requests of HTTP APIs", http_api_edge.RULES),
    Topic("Functions behind HTTP APIs", http_api_functions.RULES),
    Topic("Machine-to-machine issuers", auth0.RULES),
    Topic("User pools", user_pools.RULES),
    Topic("User pools as issuers", pool_issuers.RULES),
    Topic("Lambda", lambda_.RULES),
    Topic("Functions behind load balancers", functions.RULES),
    Topic("CloudFormation", cloudformation.RULES),
)
"""Every topic, in the order of the reference page."""


def all_rules() -> dict[str, Rule]:
    """Return every rule by its id."""
    return {rule.id: rule for topic in TOPICS for rule in topic.rules}
