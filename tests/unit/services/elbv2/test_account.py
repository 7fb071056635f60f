from sekisho.model.ssl_policies import DEFAULT_SSL_POLICY, SSL_POLICIES

from .conftest import Account


def test_limits_are_described(account: Account) -> None:
    limits = {entry["Name"]: entry["Max"] for entry in account.call("DescribeAccountLimits")["Limits"]}
    assert limits["rules-per-application-load-balancer"] == "100"
    assert limits["target-groups"] == "3000"
    first = account.call("DescribeAccountLimits", PageSize=1)
    assert len(first["Limits"]) == 1
    assert "NextMarker" in first


def test_a_policy_is_described_as_in_the_cli_reference(account: Account) -> None:
    names = ["ELBSecurityPolicy-TLS13-1-2-2021-06"]
    policy = account.call("DescribeSSLPolicies", Names=names)["SslPolicies"][0]
    assert policy["SslProtocols"] == ["TLSv1.3", "TLSv1.2"]
    assert [cipher["Name"] for cipher in policy["Ciphers"]] == [
        "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES128-SHA256",
        "ECDHE-RSA-AES128-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES256-SHA384",
        "ECDHE-RSA-AES256-SHA384",
    ]
    assert [cipher["Priority"] for cipher in policy["Ciphers"]] == list(range(1, 12))


def test_every_policy_is_listed(account: Account) -> None:
    listed = account.call("DescribeSSLPolicies")["SslPolicies"]
    assert [policy["Name"] for policy in listed] == list(SSL_POLICIES)
    assert listed[0]["Name"] == DEFAULT_SSL_POLICY
    assert account.call("DescribeSSLPolicies", LoadBalancerType="network")["SslPolicies"] == []
    assert account.refused("DescribeSSLPolicies", Names=["nothing"]).code == "SSLPolicyNotFound"


def test_an_operation_that_is_not_served_is_refused(account: Account) -> None:
    error = account.refused("DescribeTrustStores")
    assert error.status == 501
    assert "DescribeTrustStores" in error.message


def test_a_load_balancer_has_no_capacity_reservation(account: Account) -> None:
    arn = account.load_balancer()
    assert account.call("DescribeCapacityReservation", LoadBalancerArn=arn) == {
        "CapacityReservationState": []
    }
    absent = arn[:-16] + "0" * 16
    assert (
        account.refused("DescribeCapacityReservation", LoadBalancerArn=absent).code == "LoadBalancerNotFound"
    )
