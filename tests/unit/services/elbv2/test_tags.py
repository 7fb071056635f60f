import pytest

from .conftest import Account


def every_arn(account: Account) -> list[str]:
    load_balancer = account.load_balancer()
    listener = account.listener(load_balancer)
    rule = account.rule(listener)
    default = account.call("DescribeRules", ListenerArn=listener)["Rules"][-1]["RuleArn"]
    return [load_balancer, listener, rule, default, account.target_group()]


def tags(account: Account, arns: list[str]) -> list[list[tuple[str, str]]]:
    described = account.call("DescribeTags", ResourceArns=arns)["TagDescriptions"]
    assert [each["ResourceArn"] for each in described] == arns
    return [[(tag["Key"], tag["Value"]) for tag in each["Tags"]] for each in described]


def test_every_resource_has_tags_of_its_own(account: Account) -> None:
    arns = every_arn(account)
    for number, arn in enumerate(arns):
        account.call("AddTags", ResourceArns=[arn], Tags=[{"Key": "number", "Value": str(number)}])
    assert tags(account, arns) == [[("number", str(number))] for number in range(len(arns))]


def test_tags_are_replaced_and_removed_on_all(account: Account) -> None:
    arns = every_arn(account)
    account.call("AddTags", ResourceArns=arns, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b"}])
    account.call("AddTags", ResourceArns=arns, Tags=[{"Key": "a", "Value": "2"}])
    assert tags(account, arns) == [[("a", "2"), ("b", "")]] * 5
    account.call("RemoveTags", ResourceArns=arns, TagKeys=["a", "z"])
    assert tags(account, arns) == [[("b", "")]] * 5


def test_tags_given_at_creation_are_described(account: Account) -> None:
    given = [{"Key": "team", "Value": "edge"}]
    arns = [account.load_balancer(Tags=given), account.target_group(Tags=given)]
    listener = account.listener(arns[0], Tags=given)
    arns += [listener, account.rule(listener, Tags=given)]
    assert tags(account, arns) == [[("team", "edge")]] * 4


def test_a_refusal_tags_nothing(account: Account) -> None:
    arn = account.target_group()
    absent = f"{arn[:-16]}{'0' * 16}"
    error = account.refused("AddTags", ResourceArns=[arn, absent], Tags=[{"Key": "a"}])
    assert error.code == "TargetGroupNotFound"
    assert tags(account, [arn]) == [[]]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([{"Key": "a"}, {"Key": "a"}], "DuplicateTagKeys"),
        ([{"Key": f"k{number}"} for number in range(51)], "TooManyTags"),
        ([{"Key": "aws:cloudformation:stack-name"}], "ValidationError"),
        ([{"Key": "a" * 129}], "ValidationError"),
        ([{"Key": "a", "Value": "b" * 257}], "ValidationError"),
        ([{"Key": "a<"}], "ValidationError"),
        ([], "ValidationError"),
    ],
)
def test_tags_outside_the_limits_are_refused(
    account: Account, given: list[dict[str, str]], code: str
) -> None:
    assert account.refused("AddTags", ResourceArns=[account.target_group()], Tags=given).code == code


def test_a_resource_has_fifty_tags(account: Account) -> None:
    arn = account.target_group(Tags=[{"Key": f"k{number}"} for number in range(50)])
    assert account.refused("AddTags", ResourceArns=[arn], Tags=[{"Key": "z"}]).code == "TooManyTags"
    account.call("AddTags", ResourceArns=[arn], Tags=[{"Key": "k1", "Value": "new"}])


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ("loadbalancer/app/a/0123456789abcdef", "LoadBalancerNotFound"),
        ("listener/app/a/0123456789abcdef/0123456789abcdef", "ListenerNotFound"),
        ("listener-rule/app/a/0123456789abcdef/0123456789abcdef/0123456789abcdef", "RuleNotFound"),
        ("targetgroup/a/0123456789abcdef", "TargetGroupNotFound"),
        ("truststore/a/0123456789abcdef", "TrustStoreNotFound"),
        ("loadbalancer/net/a/0123456789abcdef", "ValidationError"),
    ],
)
def test_what_does_not_exist_has_no_tags(account: Account, resource: str, code: str) -> None:
    arn = f"arn:aws:elasticloadbalancing:us-east-1:000000000000:{resource}"
    assert account.refused("DescribeTags", ResourceArns=[arn]).code == code


def test_a_call_names_twenty_resources(account: Account) -> None:
    arn = account.target_group()
    assert len(account.call("DescribeTags", ResourceArns=[arn] * 20)["TagDescriptions"]) == 1
    assert account.refused("DescribeTags", ResourceArns=[arn] * 21).code == "ValidationError"
