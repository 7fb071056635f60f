"""The policy: one Lua program that decides every guarded request, and what each route tells it.

The program is in ``emit/policy``; it executes the rules that :mod:`sekisho.verify` states. A route carries its whole
policy, so a change of routes and a change of what they demand arrive as one. The policy's id names everything that
the decision depends on; the program remembers allowed tokens under it.
https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/lua_filter
"""

import hashlib
import json
from typing import Any

from envoy.extensions.filters.http.lua.v3.lua_pb2 import Lua, LuaPerRoute
from google.protobuf.any_pb2 import Any as AnyMessage

from sekisho.compile.emit.filters.jwt_authn import JWT_AUTHN, emit_jwt_authn_route, provider_name
from sekisho.compile.emit.lua import lua_config, read_lua
from sekisho.compile.emit.resources import pack
from sekisho.model.choices import DEFAULT_CHOICES, Choices
from sekisho.model.ir import AlbGuard, Guard, HttpApiGuard, KeySet

POLICY = "sekisho.policy"
"""The filter's name."""

DECISION_METADATA = "sekisho"
"""The namespace of the dynamic metadata that holds the decision of a request."""

DECISION_KEY = "decision"
"""The key in it: a JSON object as text, with ``decision``, ``status``, ``reason``, ``policy`` and what the token
says (``kid``, ``alg``, and ``iss``, ``sub``, ``client_id`` once its signature is verified)."""

_SOURCE = read_lua(
    *(f"encodings/{name}.lua" for name in ("utf8", "base64url", "query")),
    *(f"policy/{name}.lua" for name in ("json", "token", "checks", "alb", "http_api")),
    *(f"policy/{name}.lua" for name in ("guard", "memory", "source", "record", "policy")),
)

_ID_LENGTH = 32


def emit_policy(probe: str = "") -> Lua:
    """Return the filter's configuration. A route without a policy of its own is refused with 500.

    ``probe`` is the name of a header, in lower case, whose presence turns the answer into the decision itself.
    """
    return lua_config(_SOURCE, PROBE=probe) if probe else lua_config(_SOURCE)


def emit_guard_route_config(
    guard: Guard | None, key_set: KeySet | None, choices: Choices = DEFAULT_CHOICES
) -> dict[str, AnyMessage]:
    """Return the ``typed_per_filter_config`` entries of a route.

    Every route needs them: without a guard they turn both filters off. ``key_set`` is the guard's; when it is
    None or another one, the policy answers 500.
    """
    policy = LuaPerRoute()
    if guard is None:
        policy.disabled = True
    else:
        context = policy_context(guard, key_set, choices)
        policy.filter_context.update({"id": policy_id(guard, key_set, choices), "policy": context})
    return {JWT_AUTHN: pack(emit_jwt_authn_route(guard)), POLICY: pack(policy)}


def policy_id(guard: Guard, key_set: KeySet | None, choices: Choices = DEFAULT_CHOICES) -> str:
    """Return the name of everything that a decision depends on but the request and the time."""
    keys = [] if key_set is None else [[key.kid, key.n, key.e, key.alg] for key in key_set.keys]
    text = json.dumps([policy_context(guard, key_set, choices), keys], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_LENGTH]


def policy_context(
    guard: Guard, key_set: KeySet | None, choices: Choices = DEFAULT_CHOICES
) -> dict[str, Any]:
    """Return the policy as the program reads it."""
    known = key_set is not None and key_set.name == guard.key_set
    context: dict[str, Any] = {
        "proof": provider_name(guard),
        "issuer": guard.issuer,
        "state": key_set.state.value if key_set is not None and known else "unknown",
        "undiscovered": key_set is not None and key_set.undiscovered,
        "kids": {key.kid: key.alg or "" for key in key_set.keys} if key_set is not None else {},
        "refused_kids": dict.fromkeys(key_set.refused, True) if key_set is not None else {},
        "leeway": choices.leeway * 1000,
    }
    specific = _alb(guard, choices) if isinstance(guard, AlbGuard) else _http_api(guard)
    return context | specific


def _alb(guard: AlbGuard, choices: Choices) -> dict[str, Any]:
    return {
        "edge": "alb",
        "source": "header",
        "source_name": "authorization",
        "algorithms": {"RS256": True},
        "bearer_any_case": choices.bearer_any_case,
        "every_word": choices.every_space_separated_value,
        "claims": [
            {"name": claim.name, "format": claim.format.value, "values": list(claim.values)}
            for claim in guard.claims
        ],
    }


def _http_api(guard: HttpApiGuard) -> dict[str, Any]:
    return {
        "edge": "http-api",
        "source": guard.source,
        "source_name": guard.source_name,
        "algorithms": {"RS256": True, "RS384": True, "RS512": True},
        "audiences": list(guard.audiences),
        "scopes": list(guard.scopes),
    }
