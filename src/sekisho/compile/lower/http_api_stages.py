"""A stage of an HTTP API as routes below a prefix of the path."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sekisho.compile.lower.http_api_context import known_context, lower_log
from sekisho.compile.lower.http_api_integrations import IntegrationLowering, StageFacts
from sekisho.compile.lower.http_api_routes import in_order, match_below, match_route
from sekisho.compile.lower.key_sets import KeySets
from sekisho.kernel.route_key import RouteKey
from sekisho.model.apigatewayv2 import Api, Authorizer, Definition, Stage
from sekisho.model.apigatewayv2 import Cors as ApiCors
from sekisho.model.apigatewayv2 import Route as ApiRoute
from sekisho.model.ir import Action, FixedResponse, HttpApiGuard, Refuse, Route
from sekisho.model.ir_http_api import ApiOptions, Cors, Question, Throttle

NOT_FOUND = FixedResponse(404, "application/json", '{"message":"Not Found"}')
"""HTTP-ROUTE-07."""

_FUNCTION_SECONDS = 10
"""Most seconds of a Lambda authorizer: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""

_SIGNATURE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class MountedStage:
    """A stage, its API, what it serves, the prefix of the paths that reach it, and the domain name that they use."""

    api: Api
    stage: Stage
    definition: Definition
    prefix: str
    domain_name: str

    @property
    def name(self) -> str:
        """Return what the names of its routes begin with."""
        return f"{self.api.id} {self.stage.name} {self.prefix}"

    def context(self) -> dict[str, str]:
        """Return the values of ``$context`` that are known without a route."""
        return known_context(self.api, self.stage, self.prefix, self.domain_name, None)


class StageLowering:
    """Lowers the stages of one snapshot."""

    def __init__(self, key_sets: KeySets, integrations: IntegrationLowering) -> None:
        self._key_sets = key_sets
        self._integrations = integrations

    def lower(self, mounted: MountedStage) -> list[Route]:
        """Return the routes of a stage, and last of all what answers 404."""
        definition = mounted.definition
        authorizers = {authorizer.id: authorizer for authorizer in definition.authorizers}
        cors = None if definition.cors is None else lower_cors(definition.cors)
        routes = [
            self._route(mounted, route, key, authorizers, cors) for route, key in in_order(definition.routes)
        ]
        nothing = Route(
            name=f"{mounted.name} not found",
            arn=mounted.api.arn,
            priority=0,
            match=match_below(mounted.prefix),
            action=NOT_FOUND,
            title=f"no route of {_title(mounted)}",
            api=ApiOptions(cors=cors, log=lower_log(mounted.stage, mounted.context())),
        )
        return [*routes, nothing]

    def _route(
        self,
        mounted: MountedStage,
        route: ApiRoute,
        key: RouteKey,
        authorizers: Mapping[str, Authorizer],
        cors: Cors | None,
    ) -> Route:
        facts = StageFacts(mounted.api, mounted.stage, route, key, mounted.prefix, mounted.domain_name)
        authorizer = authorizers.get(route.authorizer_id or "")
        lowered = Route(
            name=f"{mounted.name} {route.id}",
            arn=f"{mounted.api.arn}/routes/{route.id}",
            priority=0,
            match=match_route(key, mounted.prefix),
            action=self._action(mounted, facts, authorizer),
            title=f"route {route.route_key} of {_title(mounted)}",
            api=ApiOptions(
                cors,
                _throttle(mounted.stage, route.route_key),
                log=lower_log(mounted.stage, facts.context()),
            ),
        )
        match route.authorization_type:
            case "NONE":
                return lowered
            case "JWT" if authorizer is not None and authorizer.issuer is not None:
                return replace(lowered, guard=self._guard(authorizer, route, lowered.arn))
            case "CUSTOM" if authorizer is not None and authorizer.uri is not None:
                question = Question("function", _about(facts, authorizer), _FUNCTION_SECONDS)
            case "AWS_IAM":
                question = Question("signature", json.dumps(facts.described()), _SIGNATURE_SECONDS)
            case _:
                return replace(lowered, action=Refuse("authorizer-missing"))
        return replace(lowered, api=replace(lowered.api, question=question))

    def _action(self, mounted: MountedStage, facts: StageFacts, authorizer: Authorizer | None) -> Action:
        integrations = {each.id: each for each in mounted.definition.integrations}
        integration = integrations.get(facts.route.integration_id or "")
        if integration is None:
            return Refuse("integration-missing")
        return self._integrations.lower(integration, facts, authorizer)

    def _guard(self, authorizer: Authorizer, route: ApiRoute, user: str) -> HttpApiGuard:
        source, name = read_identity_source(authorizer.identity_source[0])
        issuer = authorizer.issuer or ""
        return HttpApiGuard(
            issuer=issuer,
            key_set=self._key_sets.use_issuer(issuer, user),
            audiences=authorizer.audience,
            scopes=route.authorization_scopes,
            source=source,
            source_name=name,
        )


def read_identity_source(text: str) -> tuple[str, str]:
    """Return ``header`` or ``query`` and the name behind ``$request.header.x`` or ``$request.querystring.x``."""
    kind, _, name = text.removeprefix("$request.").partition(".")
    return ("header", name.lower()) if kind == "header" else ("query", name)


def lower_cors(cors: ApiCors) -> Cors:
    """Return the CORS configuration of an API."""
    return Cors(
        origins=cors.allow_origins,
        methods=cors.allow_methods,
        headers=cors.allow_headers,
        exposed=cors.expose_headers,
        credentials=bool(cors.allow_credentials),
        max_age=cors.max_age,
    )


def _title(mounted: MountedStage) -> str:
    return f"API {mounted.api.name} ({mounted.api.id}, stage {mounted.stage.name})"


def _throttle(stage: Stage, route_key: str) -> Throttle | None:
    """Return the limits of a route, its own before the stage's; None where neither has any."""
    settings: dict[str, Any] = {**stage.default_route_settings, **stage.route_settings.get(route_key, {})}
    rate, burst = settings.get("ThrottlingRateLimit"), settings.get("ThrottlingBurstLimit")
    return None if rate is None and burst is None else Throttle(rate, burst)


def _about(facts: StageFacts, authorizer: Authorizer) -> str:
    return json.dumps(
        {
            **facts.described(),
            "authorizer_id": authorizer.id,
            "function": authorizer.uri,
            "format": authorizer.payload_format_version,
            "simple": authorizer.simple_responses,
            "sources": authorizer.identity_source,
            "ttl": authorizer.ttl,
            "credentials": authorizer.credentials_arn is not None,
            "epoch": facts.stage.cache_epoch,
        }
    )
