from typing import Any

import pytest

CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/11111111-2222-3333-4444-555555555555"


@pytest.fixture
def pool_id(account: Any) -> str:
    return str(account.pool())


def test_a_prefix_domain_lives_and_dies(account: Any, pool_id: str) -> None:
    account.call("CreateUserPoolDomain", UserPoolId=pool_id, Domain="shop", ManagedLoginVersion=2)
    described = account.call("DescribeUserPoolDomain", Domain="shop")["DomainDescription"]
    assert described["UserPoolId"] == pool_id
    assert described["Status"] == "ACTIVE"
    assert described["ManagedLoginVersion"] == 2
    assert account.call("DescribeUserPool", UserPoolId=pool_id)["UserPool"]["Domain"] == "shop"
    other = account.pool()
    assert account.unchanged("CreateUserPoolDomain", UserPoolId=other, Domain="shop") == (
        "InvalidParameterException: Domain already associated with another user pool."
    )
    assert "already has a domain" in account.unchanged(
        "CreateUserPoolDomain", UserPoolId=pool_id, Domain="second"
    )
    assert "No such domain" in account.unchanged("DeleteUserPoolDomain", UserPoolId=other, Domain="shop")
    account.call("DeleteUserPoolDomain", UserPoolId=pool_id, Domain="shop")
    assert account.call("DescribeUserPoolDomain", Domain="shop") == {"DomainDescription": {}}


def test_a_custom_domain_stands_beside_a_prefix(account: Any, pool_id: str) -> None:
    account.call("CreateUserPoolDomain", UserPoolId=pool_id, Domain="shop")
    config = {"CertificateArn": CERTIFICATE}
    created = account.call(
        "CreateUserPoolDomain", UserPoolId=pool_id, Domain="auth.example.com", CustomDomainConfig=config
    )
    assert created["CloudFrontDomain"].endswith(".cloudfront.net")
    other = {"CertificateArn": CERTIFICATE.replace("1111", "9999")}
    account.call(
        "UpdateUserPoolDomain", UserPoolId=pool_id, Domain="auth.example.com", CustomDomainConfig=other
    )
    described = account.call("DescribeUserPoolDomain", Domain="auth.example.com")["DomainDescription"]
    assert described["CustomDomainConfig"] == other
    pool = account.call("DescribeUserPool", UserPoolId=pool_id)["UserPool"]
    assert (pool["Domain"], pool["CustomDomain"]) == ("shop", "auth.example.com")
    assert "no certificate" in account.unchanged(
        "UpdateUserPoolDomain", UserPoolId=pool_id, Domain="shop", CustomDomainConfig=config
    )


@pytest.mark.parametrize("domain", ["my-aws", "amazonia", "cognito1", "with.dots", "-a", "Upper"])
def test_a_prefix_that_cannot_be_is_refused(account: Any, pool_id: str, domain: str) -> None:
    refusal = account.unchanged("CreateUserPoolDomain", UserPoolId=pool_id, Domain=domain)
    assert refusal.startswith("InvalidParameterException: ")
