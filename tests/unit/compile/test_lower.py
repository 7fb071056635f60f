import pytest

from sekisho.compile.lower.attributes import lower_options, number
from sekisho.compile.lower.conditions import lower_conditions
from sekisho.compile.lower.tls import lower_tls
from sekisho.model.elbv2 import Condition, QueryStringPair
from sekisho.model.ir import (
    ForwardedFor,
    HeaderMatch,
    ListenerOptions,
    Match,
    Pattern,
    PatternKind,
    QueryPair,
)
from sekisho.model.ssl_policies import SSL_POLICIES


@pytest.mark.parametrize(
    ("policy", "versions"),
    [
        (None, ("1.0", "1.2")),
        ("ELBSecurityPolicy-2016-08", ("1.0", "1.2")),
        ("ELBSecurityPolicy-FS-2018-06", ("1.0", "1.2")),
        ("ELBSecurityPolicy-TLS-1-1-2017-01", ("1.1", "1.2")),
        ("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", ("1.2", "1.2")),
        ("ELBSecurityPolicy-FS-1-2-Res-2020-10", ("1.2", "1.2")),
        ("ELBSecurityPolicy-TLS13-1-2-2021-06", ("1.2", "1.3")),
        ("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", ("1.2", "1.3")),
        ("ELBSecurityPolicy-TLS13-1-0-2021-06", ("1.0", "1.3")),
        ("ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04", ("1.3", "1.3")),
    ],
)
def test_a_security_policy_says_its_versions(policy: str | None, versions: tuple[str, str]) -> None:
    lowered = lower_tls(policy, ())
    assert (lowered.minimum, lowered.maximum) == versions


def test_every_security_policy_is_lowered_with_its_ciphers() -> None:
    for name, policy in SSL_POLICIES.items():
        assert lower_tls(name, ()).ciphers == policy.ciphers


def test_a_security_policy_that_does_not_exist_allows_the_newest_version_only() -> None:
    assert lower_tls("ELBSecurityPolicy-of-my-own", ()) == lower_tls(
        "ELBSecurityPolicy-TLS13-1-3-2021-06", ()
    )


def test_options_are_as_by_default_without_attributes() -> None:
    assert lower_options({}, {}) == ListenerOptions()


def test_options_that_nobody_understands_are_as_by_default() -> None:
    found = lower_options(
        {"idle_timeout.timeout_seconds": "-1", "routing.http.xff_header_processing.mode": "maybe"},
        {"routing.http.response.server.enabled": "yes"},
    )
    assert found == ListenerOptions()


def test_options_follow_the_attributes() -> None:
    found = lower_options(
        {"routing.http.xff_header_processing.mode": "preserve", "routing.http2.enabled": "false"},
        {"routing.http.response.x_frame_options.header_value": "DENY"},
    )
    assert found == ListenerOptions(
        forwarded_for=ForwardedFor.PRESERVE, http2=False, response_headers=(("x-frame-options", "DENY"),)
    )


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("X-My-Version", "x-my-version"),
        ("", "x-amzn-tls-version"),
        ("Host", "x-amzn-tls-version"),
        ("X-Sekisho-Size", "x-amzn-tls-version"),
        (":path", "x-amzn-tls-version"),
    ],
)
def test_headers_about_tls_have_the_names_of_the_listener(given: str, name: str) -> None:
    balancer = {"routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "true"}
    listener = {"routing.http.request.x_amzn_tls_version.header_name": given}
    assert lower_options(balancer, listener).tls_headers == (name, "x-amzn-tls-cipher-suite")
    assert lower_options({}, listener).tls_headers is None


@pytest.mark.parametrize("text", ["", "1.5", "٣", "x"])
def test_a_number_is_decimal_digits(text: str) -> None:
    assert number({"k": text}, "k", 7) == 7


def test_conditions_keep_their_case_rules() -> None:
    match, complete = lower_conditions(
        (
            Condition("path-pattern", ("/A*", "/b")),
            Condition("host-header", ("A.test",)),
            Condition("http-header", ("x",), http_header_name="User-Agent"),
            Condition("http-header", regex_values=("^x",), http_header_name="X"),
        )
    )
    assert complete
    assert match == Match(
        path=(Pattern("/A*", PatternKind.WILDCARD), Pattern("/b")),
        host=(Pattern("A.test", case_sensitive=False),),
        headers=(
            HeaderMatch("user-agent", (Pattern("x", case_sensitive=False),)),
            HeaderMatch("x", (Pattern("^x", PatternKind.REGEX),)),
        ),
    )


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("plain", Pattern("plain", PatternKind.EXACT, False)),
        ("a*", Pattern("a*", PatternKind.WILDCARD, False)),
        (r"a\*b", Pattern(r"a\*b", PatternKind.WILDCARD, False)),
        (r"a\b*", Pattern(r"a\\b*", PatternKind.WILDCARD, False)),
        (r"a\b", Pattern(r"a\b", PatternKind.EXACT, False)),
    ],
)
def test_only_query_values_have_escapes(text: str, pattern: Pattern) -> None:
    match, _ = lower_conditions((Condition("query-string", query=(QueryStringPair(text),)),))
    assert match.query == ((QueryPair(pattern),),)


def test_a_backslash_of_a_header_value_stands_for_itself() -> None:
    match, _ = lower_conditions((Condition("http-header", (r"a\*",), http_header_name="x"),))
    assert match.headers[0].patterns == (Pattern(r"a\\*", PatternKind.WILDCARD, False),)


@pytest.mark.semantics("EDGE-02")
def test_an_unknown_condition_leaves_a_wider_match_and_says_so() -> None:
    known = Condition("http-request-method", ("GET",))
    assert lower_conditions((known, Condition("moon-phase", ("full",)))) == (Match(methods=("GET",)), False)
