import re
from typing import Any

import pytest

from .conftest import FIXED, Account

CONDITIONS = [{"Field": "path-pattern", "Values": ["/b/*"]}]
REWRITE = {
    "Type": "url-rewrite",
    "UrlRewriteConfig": {"Rewrites": [{"Regex": "^/tenant-A/(.*)$", "Replace": "/$1"}]},
}
HOST_REWRITE = {
    "Type": "host-header-rewrite",
    "HostHeaderRewriteConfig": {"Rewrites": [{"Regex": "^a\\.", "Replace": "b."}]},
}


def listener(account: Account) -> str:
    return account.listener(account.load_balancer())


def describe(account: Account, listener_arn: str) -> list[dict[str, Any]]:
    return list(account.call("DescribeRules", ListenerArn=listener_arn)["Rules"])


def priorities(account: Account, listener_arn: str) -> dict[str, str]:
    return {rule["RuleArn"]: rule["Priority"] for rule in describe(account, listener_arn)}


@pytest.mark.semantics("ELB-16")
def test_rules_are_described_in_the_order_of_evaluation(account: Account) -> None:
    arn = listener(account)
    late, early = account.rule(arn, 50000), account.rule(arn, 1)
    rules = describe(account, arn)
    assert [rule["Priority"] for rule in rules] == ["1", "50000", "default"]
    assert [rule["RuleArn"] for rule in rules[:2]] == [early, late]
    assert re.fullmatch(rf"{arn.replace(':listener/', ':listener-rule/')}/[0-9a-f]{{16}}", early)
    default = rules[2]
    assert default["IsDefault"] is True
    assert default["Conditions"] == []
    assert default["Actions"] == [FIXED]
    assert describe(account, arn)[2]["RuleArn"] == default["RuleArn"]
    assert account.call("DescribeRules", RuleArns=[default["RuleArn"], late])["Rules"] == [default, rules[1]]


@pytest.mark.semantics("ELB-16")
def test_the_default_rule_is_its_listeners(account: Account) -> None:
    arn = listener(account)
    default = describe(account, arn)[0]["RuleArn"]
    refused = [
        account.refused("ModifyRule", RuleArn=default, Conditions=CONDITIONS),
        account.refused("DeleteRule", RuleArn=default),
        account.refused("SetRulePriorities", RulePriorities=[{"RuleArn": default, "Priority": 1}]),
    ]
    assert {error.code for error in refused} == {"OperationNotPermitted"}


@pytest.mark.semantics("ELB-15")
def test_a_priority_is_given_once(account: Account) -> None:
    arn = listener(account)
    account.rule(arn, 5)
    error = account.refused("CreateRule", ListenerArn=arn, Priority=5, Conditions=CONDITIONS, Actions=[FIXED])
    assert (error.code, error.message) == ("PriorityInUse", "Priority '5' is currently in use")
    for priority in (0, 50001):
        error = account.refused(
            "CreateRule", ListenerArn=arn, Priority=priority, Conditions=CONDITIONS, Actions=[FIXED]
        )
        assert error.code == "ValidationError"


@pytest.mark.semantics("ELB-15")
def test_priorities_are_exchanged(account: Account) -> None:
    arn = listener(account)
    one, two, three = (account.rule(arn, number) for number in (1, 2, 3))
    swap = [{"RuleArn": one, "Priority": 2}, {"RuleArn": two, "Priority": 1}]
    answer = account.call("SetRulePriorities", RulePriorities=swap)
    assert [rule["Priority"] for rule in answer["Rules"]] == ["2", "1"]
    found = priorities(account, arn)
    assert (found[one], found[two], found[three]) == ("2", "1", "3")


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ([(0, 3)], "PriorityInUse"),
        ([(0, 9), (1, 9)], "ValidationError"),
        ([(0, 8), (0, 9)], "ValidationError"),
        ([(0, 0)], "ValidationError"),
        ([], "ValidationError"),
    ],
)
def test_priorities_that_clash_change_nothing(
    account: Account, pairs: list[tuple[int, int]], code: str
) -> None:
    arn = listener(account)
    rules = [account.rule(arn, number) for number in (1, 2, 3)]
    wanted = [{"RuleArn": rules[index], "Priority": priority} for index, priority in pairs]
    assert account.refused("SetRulePriorities", RulePriorities=wanted).code == code


def test_only_what_is_given_is_modified(account: Account) -> None:
    arn = listener(account)
    rule = account.rule(arn, Transforms=[REWRITE])
    before = account.call("DescribeRules", RuleArns=[rule])["Rules"][0]
    account.call("ModifyRule", RuleArn=rule, Conditions=CONDITIONS)
    after = account.call("DescribeRules", RuleArns=[rule])["Rules"][0]
    path = {"Values": ["/b/*"]}
    assert after == {
        **before,
        "Conditions": [{"Field": "path-pattern", **path, "PathPatternConfig": path}],
    }
    assert (
        account.refused("ModifyRule", RuleArn=rule).message
        == "Either conditions or actions must be specified"
    )


@pytest.mark.semantics("ELB-14")
def test_transforms_are_kept_replaced_and_reset(account: Account) -> None:
    rule = account.rule(listener(account), Transforms=[HOST_REWRITE, REWRITE])
    assert account.call("DescribeRules", RuleArns=[rule])["Rules"][0]["Transforms"] == [HOST_REWRITE, REWRITE]
    answer = account.call("ModifyRule", RuleArn=rule, Transforms=[REWRITE])
    assert answer["Rules"][0]["Transforms"] == [REWRITE]
    both = account.refused("ModifyRule", RuleArn=rule, Transforms=[REWRITE], ResetTransforms=True)
    assert both.code == "ValidationError"
    answer = account.call("ModifyRule", RuleArn=rule, ResetTransforms=True)
    assert answer["Rules"][0]["Transforms"] == []


def rewrite(regex: str, replace: str = "/") -> dict[str, Any]:
    return {"Type": "url-rewrite", "UrlRewriteConfig": {"Rewrites": [{"Regex": regex, "Replace": replace}]}}


@pytest.mark.semantics("ELB-14", "ELB-13")
@pytest.mark.parametrize(
    "transforms",
    [
        [REWRITE, REWRITE],
        [{"Type": "url-rewrite"}],
        [{"Type": "url-rewrite", "UrlRewriteConfig": {"Rewrites": []}}],
        [{**REWRITE, "HostHeaderRewriteConfig": HOST_REWRITE["HostHeaderRewriteConfig"]}],
        [{**REWRITE, "Type": "host-header-rewrite"}],
        [rewrite("(?<!a)b")],
        [rewrite("(a{1000}){1000}")],
        [rewrite("")],
        [rewrite("a" * 1025)],
        [rewrite("a", "b" * 1025)],
        [rewrite("a", "b\r\nX: y")],
    ],
)
def test_what_is_no_transform_is_refused(account: Account, transforms: list[dict[str, Any]]) -> None:
    error = account.refused(
        "CreateRule",
        ListenerArn=listener(account),
        Priority=1,
        Conditions=CONDITIONS,
        Actions=[FIXED],
        Transforms=transforms,
    )
    assert error.code == "ValidationError"


def test_a_load_balancer_has_a_hundred_rules(account: Account) -> None:
    load_balancer = account.load_balancer()
    one, two = account.listener(load_balancer, 80), account.listener(load_balancer, 81)
    for priority in range(1, 51):
        account.rule(one, priority)
        account.rule(two, priority)
    error = account.refused(
        "CreateRule", ListenerArn=one, Priority=99, Conditions=CONDITIONS, Actions=[FIXED]
    )
    assert error.code == "TooManyRules"


def test_what_is_missing_is_named(account: Account) -> None:
    arn = listener(account)
    absent = f"{arn.replace(':listener/', ':listener-rule/')}/{'0' * 16}"
    no_conditions = account.refused("CreateRule", ListenerArn=arn, Priority=1, Conditions=[], Actions=[FIXED])
    assert (no_conditions.code, no_conditions.message) == ("ValidationError", "A condition must be specified")
    neither = account.refused("DescribeRules")
    both = account.refused("DescribeRules", ListenerArn=arn, RuleArns=[absent])
    assert (neither.code, both.code) == ("ValidationError", "ValidationError")
    gone = [
        account.refused("DescribeRules", RuleArns=[absent]),
        account.refused("DeleteRule", RuleArn=absent),
        account.refused("ModifyRule", RuleArn=absent, Conditions=CONDITIONS),
    ]
    assert {error.code for error in gone} == {"RuleNotFound"}
    assert account.refused("DeleteRule", RuleArn=arn).code == "ValidationError"


@pytest.mark.semantics("ELB-24")
def test_a_rule_is_deleted_once(account: Account) -> None:
    arn = listener(account)
    rule = account.rule(arn)
    account.call("DeleteRule", RuleArn=rule)
    assert [each["Priority"] for each in describe(account, arn)] == ["default"]
    assert account.refused("DeleteRule", RuleArn=rule).code == "RuleNotFound"


def test_a_long_list_comes_in_pages(account: Account) -> None:
    arn = listener(account)
    for priority in (1, 2):
        account.rule(arn, priority)
    first = account.call("DescribeRules", ListenerArn=arn, PageSize=2)
    rest = account.call("DescribeRules", ListenerArn=arn, PageSize=2, Marker=first["NextMarker"])
    assert [rule["Priority"] for rule in first["Rules"] + rest["Rules"]] == ["1", "2", "default"]
