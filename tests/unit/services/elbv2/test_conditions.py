from typing import Any

import pytest

from .conftest import FIXED, Account

ONE_OF_EACH = [
    {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.com"]}},
    {"Field": "path-pattern", "Values": ["/img/*"]},
    {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "User-Agent", "Values": ["*Chrome*"]}},
    {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}},
    {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "version", "Value": "v1"}]}},
]


def echo(account: Account, *conditions: dict[str, Any]) -> list[dict[str, Any]]:
    rule = account.rule(account.listener(account.load_balancer()), Conditions=list(conditions))
    return list(account.call("DescribeRules", RuleArns=[rule])["Rules"][0]["Conditions"])


@pytest.mark.semantics("ELB-10")
@pytest.mark.parametrize("field", ["host-header", "path-pattern"])
@pytest.mark.parametrize("legacy", [True, False])
def test_hosts_and_paths_are_described_both_ways(account: Account, field: str, legacy: bool) -> None:
    values = ["b.example.com", "a.example.com"]
    config = {"host-header": "HostHeaderConfig", "path-pattern": "PathPatternConfig"}[field]
    given = {"Values": values} if legacy else {config: {"Values": values}}
    assert echo(account, {"Field": field, **given}) == [
        {"Field": field, "Values": values, config: {"Values": values}}
    ]


@pytest.mark.semantics("ELB-10")
@pytest.mark.parametrize("above", [True, False])
def test_expressions_are_described_both_ways(account: Account, above: bool) -> None:
    given = (
        {"RegexValues": ["^/v[0-9]+/"]} if above else {"PathPatternConfig": {"RegexValues": ["^/v[0-9]+/"]}}
    )
    assert echo(account, {"Field": "path-pattern", **given}) == [
        {
            "Field": "path-pattern",
            "RegexValues": ["^/v[0-9]+/"],
            "PathPatternConfig": {"RegexValues": ["^/v[0-9]+/"]},
        }
    ]


@pytest.mark.parametrize(
    "condition",
    [
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Team", "Values": ["a?", "b"]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Team", "RegexValues": ["^a$"]}},
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET", "M-SEARCH"]}},
        {
            "Field": "query-string",
            "QueryStringConfig": {"Values": [{"Key": "b", "Value": "1"}, {"Value": "*x*"}]},
        },
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["192.0.2.0/24", "2001:db8::/32"]}},
    ],
)
def test_the_others_are_described_as_given(account: Account, condition: dict[str, Any]) -> None:
    assert echo(account, condition) == [condition]


@pytest.mark.parametrize(
    "condition",
    [
        {"Values": ["/"]},
        {"Field": "cookie", "Values": ["a"]},
        {"Field": "f" * 65},
        {"Field": "path-pattern"},
        {"Field": "path-pattern", "Values": []},
        {"Field": "path-pattern", "Values": [""]},
        {"Field": "path-pattern", "Values": ["/a b"]},
        {"Field": "path-pattern", "Values": ["/a%20b"]},
        {"Field": "path-pattern", "Values": ["/" + "a" * 128]},
        {"Field": "path-pattern", "Values": ["/"], "PathPatternConfig": {"Values": ["/"]}},
        {"Field": "path-pattern", "Values": ["/"], "RegexValues": ["/"]},
        {"Field": "path-pattern", "HostHeaderConfig": {"Values": ["a.b"]}},
        {"Field": "host-header", "Values": ["localhost"]},
        {"Field": "host-header", "Values": ["10.0.0.1"]},
        {"Field": "host-header", "Values": ["a_b.example.com"]},
        {"Field": "host-header", "Values": ["a" * 125 + ".com"]},
        {"Field": "http-header", "Values": ["a"]},
        {"Field": "http-header", "HttpHeaderConfig": {"Values": ["a"]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "Host", "Values": ["a"]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-*:", "Values": ["a"]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X" * 41, "Values": ["a"]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X", "Values": ["a" * 129]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X", "Values": ["a\nb"]}},
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["get"]}},
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["G*"]}},
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["A" * 41]}},
        {"Field": "http-request-method", "RegexValues": ["G.*"]},
        {"Field": "query-string", "Values": ["a"]},
        {"Field": "query-string", "QueryStringConfig": {"Values": []}},
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "a"}]}},
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Value": "a" * 129}]}},
        {"Field": "source-ip"},
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["192.0.2.1"]}},
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["192.0.2.0/33"]}},
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["255.255.255.255/32"]}},
        {"Field": "source-ip", "SourceIpConfig": {"IpAddressType": "ipv4"}},
    ],
)
def test_what_is_no_condition_is_refused(account: Account, condition: dict[str, Any]) -> None:
    listener = account.listener(account.load_balancer())
    error = account.refused(
        "CreateRule", ListenerArn=listener, Priority=1, Conditions=[condition], Actions=[FIXED]
    )
    assert error.code == "ValidationError"


@pytest.mark.semantics("ELB-13")
@pytest.mark.parametrize(
    "regex", ["(?=a)", "(a)\\1", "(?>a)", "a++", "\\p{Lu}", "(?R)", "[a", "(", "a" * 129, ""]
)
@pytest.mark.parametrize("field", ["path-pattern", "host-header"])
def test_what_re2_does_not_take_is_refused(account: Account, field: str, regex: str) -> None:
    listener = account.listener(account.load_balancer())
    conditions = [{"Field": field, "RegexValues": [regex]}]
    error = account.refused(
        "CreateRule", ListenerArn=listener, Priority=1, Conditions=conditions, Actions=[FIXED]
    )
    assert error.code == "ValidationError"
    assert field in error.message


@pytest.mark.semantics("ELB-12")
def test_a_rule_has_five_values_and_six_wildcards(account: Account) -> None:
    listener = account.listener(account.load_balancer())
    account.rule(listener, 1, Conditions=ONE_OF_EACH)
    extra = {"Field": "source-ip", "SourceIpConfig": {"Values": ["192.0.2.0/24"]}}
    request = {"ListenerArn": listener, "Priority": 2, "Actions": [FIXED]}
    error = account.refused("CreateRule", **request, Conditions=[*ONE_OF_EACH, extra])
    assert error.message == "A rule can only have '5' condition values"
    account.rule(listener, 2, Conditions=[{"Field": "path-pattern", "Values": ["/???", "/***"]}])
    request["Priority"] = 3
    seven = [{"Field": "path-pattern", "Values": ["/???", "/****"]}]
    error = account.refused("CreateRule", **request, Conditions=seven)
    assert error.message == "A rule can only have '6' wildcards"
    escaped = [{"Field": "query-string", "QueryStringConfig": {"Values": [{"Value": "\\*" * 7 + "?" * 6}]}}]
    account.rule(listener, 3, Conditions=escaped)


@pytest.mark.semantics("ELB-11")
@pytest.mark.parametrize("number", [0, 1, 3])
def test_some_fields_stand_once(account: Account, number: int) -> None:
    listener = account.listener(account.load_balancer())
    error = account.refused(
        "CreateRule", ListenerArn=listener, Priority=1, Conditions=[ONE_OF_EACH[number]] * 2, Actions=[FIXED]
    )
    assert error.code == "ValidationError"
    account.rule(listener, Conditions=[ONE_OF_EACH[2], ONE_OF_EACH[2], ONE_OF_EACH[4], ONE_OF_EACH[4]])
