"""API Gateway v2: HTTP APIs, their routes, integrations, authorizers, stages, deployments and domain names.

Reads and writes ``model/apigatewayv2.py`` through the context. Never opens sockets: what the state asks for is served
by the parts that read it. WebSocket APIs, developer portals and routing rules are not implemented.
"""

from sekisho.services.apigatewayv2 import (
    absent_parts,
    api_mappings,
    apis,
    authorizers,
    cors,
    definitions_io,
    deployments,
    domain_names,
    integrations,
    route_settings,
    routes,
    stages,
    tags,
    vpc_links,
)
from sekisho.services.registry import Service

SERVICE = Service.from_modules(
    "apigatewayv2",
    (
        apis,
        cors,
        routes,
        integrations,
        authorizers,
        stages,
        route_settings,
        deployments,
        definitions_io,
        domain_names,
        api_mappings,
        vpc_links,
        tags,
        absent_parts,
    ),
)
"""The service as the registry takes it."""
