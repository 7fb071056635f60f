"""Resource policies: what is written, and who is let in."""

import asyncio
import json
from typing import Any

import pytest

from sekisho.functions.model import Caller, Event
from sekisho.services.hosting import FunctionNotRunError

from .conftest import Account

ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"
ELB = "elasticloadbalancing.amazonaws.com"
NEW_ID = "Please provide a new statement id, or remove the existing statement."
GROUP = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/t/0123456789abcdef"


def add(account: Account, sid: str = "s", **params: Any) -> dict[str, Any]:
    given = {"FunctionName": "f", "StatementId": sid, "Action": "lambda:InvokeFunction", "Principal": ELB}
    return account.call("AddPermission", **{**given, **params})


def may_invoke(account: Account, resource: str = ARN, source: str = GROUP, principal: str = ELB) -> bool:
    call = account.functions.call(resource, Event(b"1", resource), Caller(principal, source))
    try:
        asyncio.run_coroutine_threadsafe(call, account.loop).result(20)
    except FunctionNotRunError as error:
        return error.code != "AccessDeniedException"
    return True


def test_statements_are_added_and_removed(account: Account) -> None:
    account.create()
    added = add(account, SourceArn=GROUP, SourceAccount="000000000000")
    statement = {
        "Sid": "s", "Effect": "Allow", "Principal": {"Service": ELB}, "Action": "lambda:InvokeFunction",
        "Resource": ARN,
        "Condition": {
            "StringEquals": {"AWS:SourceAccount": "000000000000"}, "ArnLike": {"AWS:SourceArn": GROUP},
        },
    }  # fmt: skip
    assert json.loads(added["Statement"]) == statement
    first = account.call("GetPolicy", FunctionName="f")
    assert json.loads(first["Policy"]) == {
        "Version": "2012-10-17", "Id": "default", "Statement": [statement],
    }  # fmt: skip
    add(account, "t", Principal="123456789012", RevisionId=first["RevisionId"])
    statements = json.loads(account.call("GetPolicy", FunctionName="f")["Policy"])["Statement"]
    assert statements[1]["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    refused = account.refused(
        "RemovePermission", FunctionName="f", StatementId="s", RevisionId=first["RevisionId"]
    )
    assert refused.status == 412
    for sid in ("s", "t"):
        account.call("RemovePermission", FunctionName="f", StatementId=sid)
    refused = account.refused("GetPolicy", FunctionName="f")
    assert (refused.status, refused.message) == (404, "No policy is associated with the given resource.")


def test_what_cannot_be_added_or_removed(account: Account) -> None:
    account.create()
    add(account)
    statement = {"FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction"}
    refused = account.refused("AddPermission", **statement, Principal=ELB)
    assert (refused.code, refused.message) == (
        "ResourceConflictException",
        f"The statement id (s) provided already exists. {NEW_ID}",
    )
    refused = account.refused("AddPermission", **{**statement, "StatementId": "t"}, Principal="nobody")
    assert refused.message == "The provided principal was invalid. Please check the principal and try again."
    refused = account.refused("RemovePermission", FunctionName="f", StatementId="x")
    assert refused.message == "Statement x is not found in resource policy."
    refused = account.refused("AddPermission", **{**statement, "FunctionName": "g"}, Principal=ELB)
    assert refused.code == "ResourceNotFoundException"


@pytest.mark.semantics("LAMBDA-03", "LAMBDA-04")
@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ({}, True),
        ({"Principal": "*"}, True),
        ({"SourceArn": GROUP}, True),
        ({"SourceArn": GROUP.replace("0123456789abcdef", "*")}, True),
        ({"SourceArn": "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/?/*"}, True),
        ({"Action": "lambda:*"}, True),
        ({"SourceAccount": "000000000000"}, True),
        ({"SourceAccount": "111111111111"}, False),
        ({"SourceArn": GROUP[:-1]}, False),
        ({"SourceArn": GROUP.replace("us-east-1", "eu-west-1")}, False),
        ({"SourceArn": "arn:aws:elasticloadbalancing:us-east-1::*"}, False),
        ({"Action": "lambda:GetFunction"}, False),
        ({"Principal": "apigateway.amazonaws.com"}, False),
        ({"Principal": "000000000000"}, False),
        ({"EventSourceToken": "t"}, False),
        ({"PrincipalOrgID": "o-0123456789"}, False),
        ({"FunctionUrlAuthType": "NONE"}, False),
    ],
)
def test_a_service_is_let_in_as_the_statement_says(
    account: Account, statement: dict[str, Any], allowed: bool
) -> None:
    account.create()
    assert not may_invoke(account)
    add(account, **statement)
    assert may_invoke(account) is allowed


@pytest.mark.semantics("LAMBDA-03")
def test_a_policy_is_about_exactly_what_it_was_put_on(account: Account) -> None:
    account.create(Publish=True)
    account.call("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")
    add(account, Qualifier="live")
    assert may_invoke(account, f"{ARN}:live")
    assert not may_invoke(account, f"{ARN}:1")
    assert not may_invoke(account)
    add(account)
    assert may_invoke(account)
    assert may_invoke(account, f"{ARN}:$LATEST")
    assert not may_invoke(account, f"{ARN}:1")
    account.call("DeleteAlias", FunctionName="f", Name="live")
    account.call("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")
    assert not may_invoke(account, f"{ARN}:live")
