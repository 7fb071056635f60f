"""Versions and aliases."""

from typing import Any

import pytest

from .conftest import Account, archive

ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"
NUMBER = "import os\ndef handler(e, c):\n    return [os.environ['AWS_LAMBDA_FUNCTION_VERSION'], {}]\n"


def publish(account: Account, number: int) -> str:
    code = archive(index__py=NUMBER.format(number))
    account.call("UpdateFunctionCode", FunctionName="f", ZipFile=code)
    return str(account.call("PublishVersion", FunctionName="f", Description=f"d{number}")["Version"])


def test_a_version_keeps_code_and_configuration(account: Account) -> None:
    created = account.create(source=NUMBER.format(1), Publish=True)
    assert (created["Version"], created["FunctionArn"]) == ("1", f"{ARN}:1")
    assert publish(account, 2) == "2"
    assert account.invoke(Qualifier="1") == ["1", 1]
    assert account.invoke(Qualifier="2") == ["2", 2]
    assert account.invoke(f"{ARN}:1") == ["1", 1]
    assert account.invoke() == ["$LATEST", 2]
    listed = account.call("ListVersionsByFunction", FunctionName="f")["Versions"]
    assert [one["FunctionArn"] for one in listed] == [f"{ARN}:$LATEST", f"{ARN}:1", f"{ARN}:2"]
    assert listed[2]["Description"] == "d2"


@pytest.mark.semantics("LAMBDA-05")
def test_publishing_what_is_published_answers_with_it(account: Account) -> None:
    account.create()
    first = account.call("PublishVersion", FunctionName="f", Description="one")
    again = account.call("PublishVersion", FunctionName="f", Description="other")
    assert (again["Version"], again["Description"]) == (first["Version"], "one")
    account.call("UpdateFunctionConfiguration", FunctionName="f", Timeout=9)
    assert account.call("PublishVersion", FunctionName="f")["Version"] == "2"


def test_a_version_of_other_code_is_not_published(account: Account) -> None:
    digest = account.create()["CodeSha256"]
    assert account.call("PublishVersion", FunctionName="f", CodeSha256=digest)["Version"] == "1"
    refused = account.refused("PublishVersion", FunctionName="f", CodeSha256="x")
    assert refused.code == "InvalidParameterValueException"
    assert refused.message.startswith(
        f"CodeSHA256 (x) is different from current CodeSHA256 in $LATEST ({digest})."
    )


def test_a_number_is_never_used_again(account: Account) -> None:
    account.create(Publish=True)
    account.call("DeleteFunction", FunctionName="f", Qualifier="1")
    assert account.refused("GetFunction", FunctionName="f", Qualifier="1").status == 404
    account.call("UpdateFunctionConfiguration", FunctionName="f", Timeout=9)
    assert account.call("PublishVersion", FunctionName="f")["Version"] == "2"


def test_an_alias_names_a_version(account: Account) -> None:
    account.create(source=NUMBER.format(1), Publish=True)
    publish(account, 2)
    made = account.call("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1", Description="d")
    assert made["AliasArn"] == f"{ARN}:live"
    assert account.invoke(Qualifier="live") == ["1", 1]
    changed = account.call("UpdateAlias", FunctionName="f", Name="live", FunctionVersion="2")
    assert account.invoke("f:live") == ["2", 2]
    assert (changed["Description"], changed["RevisionId"] != made["RevisionId"]) == ("d", True)
    assert account.call("GetAlias", FunctionName="f", Name="live") == changed
    described = account.call("GetFunctionConfiguration", FunctionName="f", Qualifier="live")
    assert (described["FunctionArn"], described["Version"]) == (f"{ARN}:live", "2")
    refused = account.refused("UpdateAlias", FunctionName="f", Name="live", RevisionId=made["RevisionId"])
    assert refused.status == 412


def test_the_context_shows_what_was_invoked(account: Account) -> None:
    account.create(
        source="def handler(e, c):\n    return [c.invoked_function_arn, c.function_version]\n", Publish=True
    )
    account.call("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")
    assert account.invoke() == [ARN, "$LATEST"]
    assert account.invoke(Qualifier="live") == [f"{ARN}:live", "1"]


def test_weights_share_the_invocations(account: Account) -> None:
    account.create(source=NUMBER.format(1), Publish=True)
    publish(account, 2)
    routing = {"AdditionalVersionWeights": {"2": 1.0}}
    made = account.call(
        "CreateAlias", FunctionName="f", Name="live", FunctionVersion="1", RoutingConfig=routing
    )
    assert made["RoutingConfig"] == routing
    assert account.invoke(Qualifier="live") == ["2", 2]
    account.call(
        "UpdateAlias", FunctionName="f", Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}}
    )
    seen = {account.invoke(Qualifier="live")[1] for _ in range(40)}
    assert seen == {1, 2}
    account.call("UpdateAlias", FunctionName="f", Name="live", RoutingConfig={})
    assert "RoutingConfig" not in account.call("GetAlias", FunctionName="f", Name="live")


def test_aliases_that_cannot_be(account: Account) -> None:
    account.create(Publish=True)
    account.call("CreateAlias", FunctionName="f", Name="a", FunctionVersion="1")
    cases: list[tuple[dict[str, Any], str, str]] = [
        (
            {"Name": "a", "FunctionVersion": "1"},
            "ResourceConflictException",
            f"Alias already exists: {ARN}:a",
        ),
        ({"Name": "b", "FunctionVersion": "9"}, "ResourceNotFoundException", f"Function not found: {ARN}:9"),
        (
            {
                "Name": "b",
                "FunctionVersion": "$LATEST",
                "RoutingConfig": {"AdditionalVersionWeights": {"1": 0.5}},
            },
            "InvalidParameterValueException",
            "$LATEST is not supported for an alias pointing to more than 1 version",
        ),
        (
            {"Name": "b", "FunctionVersion": "1", "RoutingConfig": {"AdditionalVersionWeights": {"1": 0.5}}},
            "InvalidParameterValueException",
            "Invalid function version 1. Function version 1 is already included in routing configuration.",
        ),
    ]
    for params, code, text in cases:
        refused = account.refused("CreateAlias", FunctionName="f", **params)
        assert (refused.code, refused.message) == (code, text)


def test_aliases_are_listed_and_deleted(account: Account) -> None:
    account.create(Publish=True)
    for name, version in (("b", "1"), ("a", "$LATEST")):
        account.call("CreateAlias", FunctionName="f", Name=name, FunctionVersion=version)
    assert [one["Name"] for one in account.call("ListAliases", FunctionName="f")["Aliases"]] == ["a", "b"]
    listed = account.call("ListAliases", FunctionName="f", FunctionVersion="1")["Aliases"]
    assert [one["Name"] for one in listed] == ["b"]
    refused = account.refused("DeleteFunction", FunctionName="f", Qualifier="1")
    assert (refused.code, refused.message) == (
        "ResourceConflictException",
        "Unable to delete version because the following aliases reference it: [b]",
    )
    account.call("DeleteAlias", FunctionName="f", Name="b")
    account.call("DeleteAlias", FunctionName="f", Name="b")
    account.call("DeleteFunction", FunctionName="f", Qualifier="1")
    refused = account.refused("GetAlias", FunctionName="f", Name="b")
    assert refused.message == f"Cannot find alias arn: {ARN}:b"


@pytest.mark.parametrize(
    ("qualifier", "text"),
    [
        ("$LATEST", "$LATEST version cannot be deleted without deleting the function."),
        ("a", "Deletion of aliases is not currently supported."),
    ],
)
def test_what_is_no_version_is_not_deleted(account: Account, qualifier: str, text: str) -> None:
    account.create()
    account.call("CreateAlias", FunctionName="f", Name="a", FunctionVersion="$LATEST")
    refused = account.refused("DeleteFunction", FunctionName="f", Qualifier=qualifier)
    assert (refused.code, refused.message) == ("InvalidParameterValueException", text)
