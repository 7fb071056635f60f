"""Envoy's ``jwt_authn``: decodes tokens, verifies their signatures and remembers the verified ones.

It decides nothing else. Every claim is compared by the policy, so the providers name no issuer and no audience and
their clock is as wide as it can be; a failed verification passes on to the policy, which knows AWS's answer.
https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/jwt_authn_filter
"""

import json
from collections.abc import Iterator

from envoy.config.core.v3.base_pb2 import DataSource
from envoy.extensions.filters.http.jwt_authn.v3.config_pb2 import (
    JwtAuthentication,
    JwtCacheConfig,
    JwtHeader,
    JwtProvider,
    JwtRequirement,
    JwtRequirementOrList,
    PerRouteConfig,
)
from google.protobuf.empty_pb2 import Empty

from sekisho.model.ir import AlbGuard, Edge, Guard, KeySet, KeySetState

JWT_AUTHN = "envoy.filters.http.jwt_authn"
"""The filter's name, and the namespace of the metadata that it writes."""

WIDEST_CLOCK_SKEW = 2**32 - 1
"""Seconds; so wide that Envoy's clock decides for no ``nbf`` that the policy lets through."""

_CACHED_TOKENS = 1000
_LONGEST_CACHED_TOKEN = 16 * 1024


def provider_name(guard: Guard) -> str:
    """Return the name of the requirement behind a guard: its key set, and where the token stands.

    It is also the key under which the filter leaves its proof: one guard can never take another key set's
    verification for its own.
    """
    kind, name = _token_source(guard)
    return f"{guard.key_set} {kind} {name}"


def emit_jwt_authn(edge: Edge) -> JwtAuthentication:
    """Return the filter's configuration: providers for each key set and token source that a guard names.

    Envoy refuses a provider without a usable key and keeps the old one in force, so a set that is not ready
    gets a requirement that verifies nothing; the policy then answers for the set's state.
    """
    config = JwtAuthentication(stat_prefix="edge")
    key_sets = {key_set.name: key_set for key_set in edge.key_sets}
    for guard in _guards(edge):
        key_set = key_sets.get(guard.key_set)
        requirement = JwtRequirement()
        if key_set is not None and key_set.state is KeySetState.READY and key_set.keys:
            providers = _emit_providers(guard, key_set)
            for name, provider in providers.items():
                config.providers[name].CopyFrom(provider)
            either = [JwtRequirement(provider_name=name) for name in providers]
            either.append(JwtRequirement(allow_missing_or_failed=Empty()))
            requirement.requires_any.CopyFrom(JwtRequirementOrList(requirements=either))
        config.requirement_map[provider_name(guard)].CopyFrom(requirement)
    return config


def emit_jwt_authn_route(guard: Guard | None) -> PerRouteConfig:
    """Return what the filter does on a route: verify for its guard, or nothing."""
    if guard is None:
        return PerRouteConfig(disabled=True)
    return PerRouteConfig(requirement_name=provider_name(guard))


def _guards(edge: Edge) -> Iterator[Guard]:
    for listener in edge.listeners:
        for route in listener.routes:
            if route.guard is not None:
                yield route.guard


def _token_source(guard: Guard) -> tuple[str, str]:
    if isinstance(guard, AlbGuard):
        return "bearer", "authorization"
    return guard.source, guard.source_name


def _emit_providers(guard: Guard, key_set: KeySet) -> dict[str, JwtProvider]:
    """Return the providers in the order in which Envoy asks them; all leave the same proof.

    Without a named source Envoy also reads "Authorization: Bearer" and "?access_token=" (RFC 6750).
    """
    name = provider_name(guard)
    kind, source = _token_source(guard)
    if kind == "query":
        provider = _emit_provider(name, key_set)
        provider.from_params.append(source)
        return {name: provider}
    # The prefix is searched for, not anchored: a blank finds the token behind a scheme in any case, and the
    # policy, which reads the whole value, refuses what does not have the form.
    behind_scheme = _emit_provider(name, key_set)
    behind_scheme.from_headers.append(JwtHeader(name=source, value_prefix=" "))
    if isinstance(guard, AlbGuard):
        return {name: behind_scheme}
    # A provider of its own, because one with two sources tries both of them on every token.
    alone = _emit_provider(name, key_set)
    alone.from_headers.append(JwtHeader(name=source))
    return {name: behind_scheme, f"{name} alone": alone}


def _emit_provider(proof: str, key_set: KeySet) -> JwtProvider:
    return JwtProvider(
        local_jwks=DataSource(inline_string=_jwks(key_set)),
        forward=True,
        header_in_metadata=proof,
        clock_skew_seconds=WIDEST_CLOCK_SKEW,
        jwt_cache_config=JwtCacheConfig(
            jwt_cache_size=_CACHED_TOKENS, jwt_max_token_size=_LONGEST_CACHED_TOKEN
        ),
    )


def _jwks(key_set: KeySet) -> str:
    keys = []
    for key in key_set.keys:
        member = {"kty": "RSA", "kid": key.kid, "n": key.n, "e": key.e}
        # A key without an algorithm verifies every RSA algorithm; which ones count is the policy's to say.
        if key.alg is not None:
            member["alg"] = key.alg
        keys.append(member)
    return json.dumps({"keys": keys}, separators=(",", ":"))
