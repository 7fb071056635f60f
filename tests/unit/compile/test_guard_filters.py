"""The filters of a guard, as messages; what they do is for the conformance tests to show."""

from dataclasses import replace

import pytest
from envoy.extensions.filters.http.jwt_authn.v3.config_pb2 import PerRouteConfig
from envoy.extensions.filters.http.lua.v3.lua_pb2 import LuaPerRoute
from google.protobuf.json_format import MessageToDict

from sekisho.compile.emit.filters.jwt_authn import JWT_AUTHN, emit_jwt_authn
from sekisho.compile.emit.filters.normalize import NORMALIZE, RESTORE, emit_normalize_route
from sekisho.compile.emit.filters.policy import POLICY, emit_guard_route_config, emit_policy
from sekisho.model.choices import DEFAULT_CHOICES, Choices
from sekisho.model.ir import (
    AlbGuard,
    Edge,
    FixedResponse,
    Flavour,
    Guard,
    HttpApiGuard,
    KeySet,
    KeySetState,
    Listener,
    Match,
    PublicKey,
    Route,
)

KEYS = KeySet("keys", "https://keys.test", KeySetState.READY, (PublicKey("a", "n", "AQAB", 2048, "RS256"),))
ALB = AlbGuard("https://issuer.test/", "keys")
API = HttpApiGuard("https://issuer.test/", "keys", ("api",), ("read",))
QUERY = replace(API, source="query", source_name="token")


def edge(*guards: Guard, key_sets: tuple[KeySet, ...] = (KEYS,)) -> Edge:
    routes = tuple(
        Route(f"r{n}", "arn", n, Match(), FixedResponse(200), guard) for n, guard in enumerate(guards)
    )
    return Edge((Listener("l", "arn", Flavour.ALB, 1, 1, routes),), key_sets=key_sets)


def read_policy(
    guard: Guard | None, key_set: KeySet | None, choices: Choices = DEFAULT_CHOICES
) -> LuaPerRoute:
    config = LuaPerRoute()
    assert emit_guard_route_config(guard, key_set, choices)[POLICY].Unpack(config)
    return config


def test_a_provider_verifies_and_compares_nothing() -> None:
    (provider,) = emit_jwt_authn(edge(ALB)).providers.values()
    assert (provider.issuer, list(provider.audiences), provider.forward) == ("", [], True)
    assert provider.clock_skew_seconds == 2**32 - 1
    assert not provider.payload_in_metadata
    assert provider.jwt_cache_config.jwt_cache_size > 0
    assert '"kid":"a"' in provider.local_jwks.inline_string


@pytest.mark.parametrize("guard", [ALB, API, QUERY])
def test_every_provider_names_its_source(guard: Guard) -> None:
    for provider in emit_jwt_authn(edge(guard)).providers.values():
        assert provider.from_headers or provider.from_params


def test_a_bare_token_has_a_provider_of_its_own_with_the_same_proof() -> None:
    config = emit_jwt_authn(edge(API))
    assert len({provider.header_in_metadata for provider in config.providers.values()}) == 1
    headers = [header for provider in config.providers.values() for header in provider.from_headers]
    assert sorted(header.value_prefix for header in headers) == ["", " "]
    (requirement,) = config.requirement_map.values()
    kinds = [one.WhichOneof("requires_type") for one in requirement.requires_any.requirements]
    assert kinds == ["provider_name", "provider_name", "allow_missing_or_failed"]


def test_guards_of_one_key_set_and_source_share_a_provider() -> None:
    other = replace(ALB, issuer="https://other.test/")
    assert len(emit_jwt_authn(edge(ALB, other)).providers) == 1
    two_sets = (KEYS, replace(KEYS, name="more"))
    assert len(emit_jwt_authn(edge(ALB, replace(ALB, key_set="more"), key_sets=two_sets)).providers) == 2


@pytest.mark.parametrize("state", [state for state in KeySetState if state is not KeySetState.READY])
def test_a_set_without_keys_has_no_provider_and_a_requirement_that_verifies_nothing(
    state: KeySetState,
) -> None:
    config = emit_jwt_authn(edge(ALB, key_sets=(replace(KEYS, state=state, keys=()),)))
    assert not config.providers
    assert [MessageToDict(one) for one in config.requirement_map.values()] == [{}]


def test_a_ready_set_that_holds_no_key_has_no_provider() -> None:
    assert not emit_jwt_authn(edge(ALB, key_sets=(replace(KEYS, keys=()),))).providers


def test_an_unknown_key_set_has_no_provider() -> None:
    config = emit_jwt_authn(edge(ALB, key_sets=()))
    assert not config.providers
    assert len(config.requirement_map) == 1


def test_a_route_asks_for_the_requirement_of_its_guard() -> None:
    route = PerRouteConfig()
    assert emit_guard_route_config(API, KEYS)[JWT_AUTHN].Unpack(route)
    assert route.requirement_name in emit_jwt_authn(edge(API)).requirement_map


def test_a_route_without_a_guard_turns_both_filters_off() -> None:
    route = PerRouteConfig()
    assert emit_guard_route_config(None, None)[JWT_AUTHN].Unpack(route)
    assert route.disabled
    assert read_policy(None, None).disabled


def test_a_route_carries_its_whole_policy() -> None:
    context = MessageToDict(read_policy(API, KEYS).filter_context)
    policy = context["policy"]
    assert (policy["edge"], policy["state"], policy["kids"]) == ("http-api", "ready", {"a": "RS256"})
    assert (policy["audiences"], policy["scopes"]) == (["api"], ["read"])
    assert len(context["id"]) == 32


def test_the_choices_reach_the_policy() -> None:
    choices = Choices(bearer_any_case=True, every_space_separated_value=False, leeway=1.5)
    policy = MessageToDict(read_policy(ALB, KEYS, choices).filter_context)["policy"]
    assert (policy["bearer_any_case"], policy["every_word"], policy["leeway"]) == (True, False, 1500)


@pytest.mark.parametrize("key_set", [None, replace(KEYS, name="another")])
def test_a_policy_without_its_key_set_knows_nothing_of_it(key_set: KeySet | None) -> None:
    assert MessageToDict(read_policy(ALB, key_set).filter_context)["policy"]["state"] == "unknown"


def test_the_messages_are_the_same_every_time() -> None:
    assert emit_jwt_authn(edge(ALB, API)) == emit_jwt_authn(edge(ALB, API))
    first, second = emit_guard_route_config(API, KEYS), emit_guard_route_config(API, KEYS)
    assert {name: one.value for name, one in first.items()} == {
        name: one.value for name, one in second.items()
    }


def test_the_policy_never_chooses_the_route_again() -> None:
    assert not emit_policy().clear_route_cache.value
    assert emit_policy().HasField("clear_route_cache")


def test_the_normalizing_route_answers_nothing_else_but_400_and_leaves_the_policy_on() -> None:
    route = emit_normalize_route()
    assert route.direct_response.status == 400
    assert set(route.typed_per_filter_config) == {NORMALIZE, RESTORE}
