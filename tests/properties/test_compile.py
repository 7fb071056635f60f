"""The compiler is total and deterministic, and a guarded rule lets nobody pass who shows no token."""

import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from envoy.config.core.v3.extension_pb2 import TypedExtensionConfig
from envoy.config.route.v3.route_components_pb2 import Route as EnvoyRoute
from envoy.extensions.filters.http.jwt_authn.v3.config_pb2 import JwtAuthentication, PerRouteConfig
from envoy.extensions.filters.http.lua.v3.lua_pb2 import LuaPerRoute
from hypothesis import HealthCheck as HypothesisHealthCheck
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.compile.compile import Compiled, compile_snapshot
from sekisho.compile.emit.filters.jwt_authn import JWT_AUTHN
from sekisho.compile.emit.filters.policy import POLICY
from sekisho.compile.emit.resources import CLUSTER, EXTENSION, LISTENER, ROUTES
from sekisho.model.elbv2 import (
    Action,
    AdditionalClaim,
    Condition,
    FixedResponseConfig,
    ForwardConfig,
    HealthCheck,
    JwtValidationConfig,
    Listener,
    LoadBalancer,
    QueryStringPair,
    RedirectConfig,
    Rule,
    Target,
    TargetGroup,
    TargetGroupTuple,
    Transform,
)
from sekisho.model.ir import Endpoint, KeySet, KeySetState
from sekisho.model.snapshot import Snapshot
from sekisho.serve.envoy import find_envoy

from ..golden.build import CERTIFICATE, PUBLIC_KEY  # noqa: TID252 - tests are no package of their own
from ..golden.validate import static_bootstrap  # noqa: TID252

HEALTH = HealthCheck(True, "HTTP", "traffic-port", "/", 30, 5, 5, 2, "200")
BALANCERS, LISTENERS, GROUPS = ("lb-1", "lb-2"), ("l-1", "l-2"), ("tg-1", "tg-2", "tg-ghost")
URLS = ("https://a.test/jwks", "http://127.0.0.1:99/jwks", "https://[bad", "")

texts = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    [
        "/a/*",
        "*.b.test",
        "(?=x)",
        "^/v(1|2)$",
        "a\\*b?",
        "#{host}",
        "/#{path}",
        "$1",
        "${9}",
        "10.0.0.0/8",
        "a\nb",
    ]
)
some_texts = st.lists(texts, max_size=3).map(tuple)

jwts = st.builds(
    JwtValidationConfig,
    texts,
    st.sampled_from(URLS),
    st.lists(
        st.builds(
            AdditionalClaim,
            texts,
            st.sampled_from(["single-string", "string-array", "space-separated-values"]),
            some_texts,
        ),
        max_size=2,
    ).map(tuple),
).map(lambda config: Action("jwt-validation", jwt_validation=config))
forwards = st.builds(
    ForwardConfig,
    st.lists(
        st.builds(TargetGroupTuple, st.sampled_from(GROUPS), st.integers(0, 999)), min_size=1, max_size=3
    ).map(tuple),
    st.booleans(),
    st.none() | st.integers(1, 604800),
).map(lambda config: Action("forward", forward=config))
redirects = st.builds(
    RedirectConfig, st.sampled_from(["HTTP_301", "HTTP_302", "?"]), texts, texts, texts, texts, texts
).map(lambda config: Action("redirect", redirect=config))
fixed = st.builds(FixedResponseConfig, st.sampled_from(["200", "503", "999", "x"]), st.none(), texts).map(
    lambda config: Action("fixed-response", fixed_response=config)
)
unknown = st.just(Action("authenticate-oidc"))
action_lists = st.lists(jwts | forwards | redirects | fixed | unknown, max_size=3).map(tuple)
conditions = st.builds(
    Condition,
    st.sampled_from(["path-pattern", "host-header", "http-header", "query-string", "source-ip", "moon"]),
    some_texts,
    some_texts,
    st.none() | texts,
    st.lists(st.builds(QueryStringPair, texts, st.none() | texts), max_size=2).map(tuple),
)
transforms = st.builds(Transform, st.sampled_from(["url-rewrite", "host-header-rewrite"]), texts, texts)
key_sets = st.builds(
    lambda url, state: KeySet(url, url, state, (PUBLIC_KEY,) if state is KeySetState.READY else ()),
    st.sampled_from(URLS),
    st.sampled_from(KeySetState),
)


def balancer(arn: str, groups: tuple[str, ...]) -> LoadBalancer:
    made = datetime(2026, 11, 21, tzinfo=UTC)
    return LoadBalancer(arn, arn, f"{arn}.test", "Z", made, "internal", "vpc", "ipv4", (), groups)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    listeners = [
        Listener(
            arn,
            draw(st.sampled_from((*BALANCERS, "lb-ghost"))),
            443,
            draw(st.sampled_from(["HTTP", "HTTPS"])),
            f"{arn}-default",
            draw(action_lists),
            draw(st.lists(st.sampled_from(["cert-1", "cert-ghost"]), max_size=2).map(tuple)),
            draw(st.none() | texts),
            {"routing.http.response.x_frame_options.header_value": draw(texts)},
        )
        for arn in LISTENERS
    ]
    rules = [
        Rule(
            f"rule-{number}",
            draw(st.sampled_from((*LISTENERS, "l-ghost"))),
            number,
            draw(st.lists(conditions, max_size=2).map(tuple)),
            draw(action_lists),
            draw(st.lists(transforms, max_size=2).map(tuple)),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    groups = [
        TargetGroup(arn, arn, "ip", HEALTH, "HTTP", draw(st.sampled_from(["HTTP1", "HTTP2"])), 80)
        for arn in GROUPS[:2]
    ]
    groups = [replace(each, targets=(Target(draw(texts), 80), Target("10.0.0.1", 80))) for each in groups]
    return Snapshot(
        version=1,
        load_balancers=tuple(balancer(arn, draw(st.sampled_from([(), ("sg",)]))) for arn in BALANCERS),
        listeners=tuple(listeners),
        rules=tuple(rules),
        target_groups=tuple(groups),
        ports={arn: draw(st.sampled_from([1001, 1002])) for arn in LISTENERS},
        certificates={"cert-1": CERTIFICATE},
        key_sets={each.url: each for each in draw(st.lists(key_sets, max_size=3))},
        targets={
            (each.arn, target.id, 80): Endpoint(target.id, 80) for each in groups for target in each.targets
        },
        egress=draw(st.sampled_from([{}, {"sg": ()}, {"sg": ((443, 443),)}])),
    )


def bytes_of(compiled: Compiled) -> dict[str, dict[str, bytes]]:
    return {
        type_url: {name: message.SerializeToString(deterministic=True) for name, message in found.items()}
        for type_url, found in compiled.resources.items()
    }


@settings(max_examples=150, deadline=None)
@given(snapshots())
def test_compiling_never_fails_and_is_always_the_same(snapshot: Snapshot) -> None:
    first, second = compile_snapshot(snapshot), compile_snapshot(snapshot)
    assert bytes_of(first) == bytes_of(second)
    assert first.diagnostics == second.diagnostics


@settings(max_examples=150, deadline=None)
@given(snapshots())
def test_nothing_dangles(snapshot: Snapshot) -> None:
    compiled = compile_snapshot(snapshot)
    assert compiled.resources[LISTENER].keys() == compiled.resources[ROUTES].keys()
    clusters = compiled.resources[CLUSTER].keys()
    for table in compiled.resources[ROUTES].values():
        for route in table.virtual_hosts[0].routes:  # type: ignore[attr-defined]
            weighted = {part.name for part in route.route.weighted_clusters.clusters}
            assert weighted | ({route.route.cluster} - {""}) <= clusters


def requirement_map(compiled: Compiled) -> Any:
    extension = compiled.resources[EXTENSION][JWT_AUTHN]
    assert isinstance(extension, TypedExtensionConfig)
    config = JwtAuthentication()
    assert extension.typed_config.Unpack(config)
    return config.requirement_map


def is_guarded(route: EnvoyRoute, requirements: Any) -> bool:
    """Tell whether Envoy asks the policy on this route, and verifies for it."""
    verify, decide = PerRouteConfig(), LuaPerRoute()
    assert route.typed_per_filter_config[JWT_AUTHN].Unpack(verify)
    assert route.typed_per_filter_config[POLICY].Unpack(decide)
    return (
        not verify.disabled
        and verify.requirement_name in requirements
        and not decide.disabled
        and {"id", "policy"} <= decide.filter_context.fields.keys()
    )


@settings(max_examples=150, deadline=None)
@given(snapshots())
def test_a_rule_that_asks_for_tokens_always_does(snapshot: Snapshot) -> None:
    compiled = compile_snapshot(snapshot)
    asked = {rule.arn for rule in snapshot.rules if any(each.jwt_validation for each in rule.actions)}
    asked |= {
        each.default_rule_arn
        for each in snapshot.listeners
        if any(action.jwt_validation for action in each.default_actions)
    }
    for listener in compiled.edge.listeners:
        emitted = compiled.resources[ROUTES][listener.name].virtual_hosts[0].routes  # type: ignore[attr-defined]
        by_name = {route.name: route for route in emitted}
        for route in listener.routes:
            assert (route.guard is not None) == (route.arn in asked)
            if route.guard is not None:
                assert is_guarded(by_name[route.name], requirement_map(compiled))


@settings(max_examples=100, deadline=None)
@given(snapshots())
def test_the_listener_is_the_same_whatever_its_rules_are(snapshot: Snapshot) -> None:
    """A changed listener would drain its connections."""
    bare = replace(
        snapshot,
        rules=(),
        target_groups=(),
        key_sets={},
        listeners=tuple(replace(each, default_actions=()) for each in snapshot.listeners),
    )
    assert bytes_of(compile_snapshot(snapshot))[LISTENER] == bytes_of(compile_snapshot(bare))[LISTENER]


@pytest.mark.slow
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HypothesisHealthCheck.function_scoped_fixture]
)
@given(snapshots())
def test_envoy_takes_whatever_is_compiled(tmp_path: Path, snapshot: Snapshot) -> None:
    config = tmp_path / "envoy.json"
    config.write_text(json.dumps(static_bootstrap(compile_snapshot(snapshot))))
    command: list[str | Path] = [find_envoy(), "--mode", "validate", "-c", config, "-l", "error"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout


@given(snapshots())
@settings(max_examples=50, deadline=None)
def test_no_private_key_shows_itself(snapshot: Snapshot) -> None:
    assert "PRIVATE KEY" not in repr(compile_snapshot(snapshot))
