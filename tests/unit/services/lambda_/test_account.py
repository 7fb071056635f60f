"""Tags, reserved concurrency and the account's settings."""

from .conftest import Account

ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"


def test_tags_are_added_replaced_and_removed(account: Account) -> None:
    account.create(Tags={"a": "1"})
    account.call("TagResource", Resource=ARN, Tags={"a": "2", "b": "3"})
    assert account.call("ListTags", Resource=ARN)["Tags"] == {"a": "2", "b": "3"}
    account.call("UntagResource", Resource=ARN, TagKeys=["a", "never"])
    assert account.call("ListTags", Resource=ARN)["Tags"] == {"b": "3"}
    refused = account.refused("TagResource", Resource=ARN, Tags={str(number): "" for number in range(50)})
    assert refused.code == "InvalidParameterValueException"
    assert account.refused("ListTags", Resource=f"{ARN}g").code == "ResourceNotFoundException"


def test_concurrency_is_reserved_and_given_back(account: Account) -> None:
    account.create()
    assert account.call("GetFunctionConcurrency", FunctionName="f") == {}
    reserved = {"ReservedConcurrentExecutions": 900}
    assert account.call("PutFunctionConcurrency", FunctionName="f", **reserved) == reserved
    assert account.call("GetFunctionConcurrency", FunctionName="f") == reserved
    assert account.call("GetFunction", FunctionName="f")["Concurrency"] == reserved
    account.create("g")
    refused = account.refused("PutFunctionConcurrency", FunctionName="g", ReservedConcurrentExecutions=1)
    assert refused.message == (
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution"
        " below its minimum value of [100]."
    )
    settings = account.call("GetAccountSettings")
    assert settings["AccountLimit"]["UnreservedConcurrentExecutions"] == 100
    assert settings["AccountUsage"]["FunctionCount"] == 2
    account.call("DeleteFunctionConcurrency", FunctionName="f")
    assert account.call("GetFunctionConcurrency", FunctionName="f") == {}
