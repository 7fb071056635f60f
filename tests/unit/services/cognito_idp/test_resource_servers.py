from typing import Any

import pytest

READ = {"ScopeName": "read", "ScopeDescription": "Read"}


@pytest.fixture
def pool_id(account: Any) -> str:
    return str(account.pool())


def server(pool_id: str, identifier: str = "https://api.example.com/", **params: Any) -> dict[str, Any]:
    return {"UserPoolId": pool_id, "Identifier": identifier, "Name": "api", "Scopes": [READ], **params}


def test_a_resource_server_lives_and_dies(account: Any, pool_id: str) -> None:
    created = account.call("CreateResourceServer", **server(pool_id))["ResourceServer"]
    assert created == server(pool_id)
    taken = account.unchanged("CreateResourceServer", **server(pool_id))
    assert taken.startswith("InvalidParameterException: https://api.example.com/ already exists")
    write = {"ScopeName": "write", "ScopeDescription": "Write"}
    account.call("UpdateResourceServer", **server(pool_id, Scopes=[READ, write]))
    key = {"UserPoolId": pool_id, "Identifier": "https://api.example.com/"}
    assert account.call("DescribeResourceServer", **key)["ResourceServer"]["Scopes"] == [READ, write]
    account.call("DeleteResourceServer", **key)
    assert account.unchanged("DescribeResourceServer", **key).startswith("ResourceNotFoundException")


def test_the_quotas_are_kept(account: Any, pool_id: str) -> None:
    many = [{"ScopeName": f"s{number}", "ScopeDescription": "d"} for number in range(101)]
    refusal = account.unchanged("CreateResourceServer", **server(pool_id, Scopes=many))
    # The list's own limit is checked first, as the model has it.
    assert "100" in refusal
    for number in range(25):
        account.call("CreateResourceServer", **server(pool_id, f"api{number}"))
    assert account.unchanged("CreateResourceServer", **server(pool_id)).startswith("LimitExceeded")
    first = account.call("ListResourceServers", UserPoolId=pool_id, MaxResults=20)
    assert len(first["ResourceServers"]) == 20
    rest = account.call(
        "ListResourceServers", UserPoolId=pool_id, MaxResults=20, NextToken=first["NextToken"]
    )
    assert len(rest["ResourceServers"]) == 5


def test_a_scope_stands_once_and_has_no_slash(account: Any, pool_id: str) -> None:
    assert "more than once" in account.unchanged(
        "CreateResourceServer", **server(pool_id, Scopes=[READ, READ])
    )
    slash = {"ScopeName": "a/b", "ScopeDescription": "d"}
    assert "scopeName" in account.unchanged("CreateResourceServer", **server(pool_id, Scopes=[slash]))
