import re
from typing import Any

import pytest

from .conftest import CERTIFICATE, FIXED, JWT, Account

ABSENT = (
    "arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/gone/0123456789abcdef/0123456789abcdef"
)
OTHER = CERTIFICATE[:-1] + "6"
GUARDED = [{"Type": "jwt-validation", "Order": 1, "JwtValidationConfig": JWT}, {**FIXED, "Order": 2}]


def describe(account: Account, arn: str) -> dict[str, Any]:
    return dict(account.call("DescribeListeners", ListenerArns=[arn])["Listeners"][0])


def test_an_http_listener_is_described_as_it_was_created(account: Account) -> None:
    load_balancer = account.load_balancer()
    arn = account.listener(load_balancer)
    assert re.fullmatch(
        r"arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/web/[0-9a-f]{16}/[0-9a-f]{16}", arn
    )
    assert describe(account, arn) == {
        "ListenerArn": arn,
        "LoadBalancerArn": load_balancer,
        "Port": 80,
        "Protocol": "HTTP",
        "DefaultActions": [FIXED],
    }


@pytest.mark.semantics("ELB-21")
def test_an_https_listener_has_certificate_and_policy(account: Account) -> None:
    described = describe(account, account.https_listener(account.load_balancer()))
    assert described["Certificates"] == [{"CertificateArn": CERTIFICATE}]
    assert described["SslPolicy"] == "ELBSecurityPolicy-2016-08"
    assert described["MutualAuthentication"] == {"Mode": "off"}


@pytest.mark.semantics("ELB-21")
@pytest.mark.parametrize(
    ("params", "code", "text"),
    [
        ({"Certificates": None}, "ValidationError", "A certificate must be specified for HTTPS listeners"),
        ({"Certificates": []}, "ValidationError", "A certificate must be specified for HTTPS listeners"),
        ({"Certificates": [{"CertificateArn": "x"}]}, "ValidationError", "Certificate ARN 'x' is not valid"),
        ({"Certificates": [{}]}, "ValidationError", "Certificate ARN '' is not valid"),
        (
            {"Certificates": [{"CertificateArn": CERTIFICATE.replace("us-east-1", "eu-west-1")}]},
            "ValidationError",
            "is not valid",
        ),
        (
            {"Certificates": [{"CertificateArn": CERTIFICATE}, {"CertificateArn": OTHER}]},
            "TooManyCertificates",
            "",
        ),
        (
            {"Certificates": [{"CertificateArn": CERTIFICATE, "IsDefault": True}]},
            "ValidationError",
            "isDefault",
        ),
        ({"SslPolicy": "ELBSecurityPolicy-2099-01"}, "SSLPolicyNotFound", "ELBSecurityPolicy-2099-01"),
        ({"MutualAuthentication": {"Mode": "verify"}}, "ValidationError", "'verify'"),
        ({"MutualAuthentication": {"TrustStoreArn": "x"}}, "ValidationError", "trustStoreArn"),
        ({"AlpnPolicy": ["HTTP2Only"]}, "ValidationError", "alpnPolicy"),
        ({"Protocol": "TLS"}, "UnsupportedProtocol", "'TLS'"),
        ({"Protocol": "HTTP"}, "ValidationError", "A certificate cannot be specified for HTTP listeners"),
        ({"Protocol": "HTTP", "Certificates": None, "SslPolicy": "x"}, "ValidationError", "SSL policy"),
        ({"Protocol": None}, "ValidationError", "A listener protocol must be specified"),
        ({"Port": None}, "ValidationError", "A listener port must be specified"),
        ({"Port": 0}, "ValidationError", "port"),
        ({"Port": 65536}, "ValidationError", "port"),
    ],
)
def test_what_cannot_be_created_is_refused(
    account: Account, params: dict[str, Any], code: str, text: str
) -> None:
    request = {
        "LoadBalancerArn": account.load_balancer(),
        "Port": 443,
        "Protocol": "HTTPS",
        "Certificates": [{"CertificateArn": CERTIFICATE}],
        "DefaultActions": [FIXED],
    }
    error = account.refused("CreateListener", **{**request, **params})
    assert error.code == code
    assert text in error.message


def test_a_server_certificate_of_iam_is_taken(account: Account) -> None:
    certificate = "arn:aws:iam::123456789012:server-certificate/my-server-cert"
    arn = account.listener(
        account.load_balancer(), 443, Protocol="HTTPS", Certificates=[{"CertificateArn": certificate}]
    )
    assert describe(account, arn)["Certificates"] == [{"CertificateArn": certificate}]


@pytest.mark.semantics("ELB-01")
def test_creating_it_again_returns_it(account: Account) -> None:
    load_balancer = account.load_balancer()
    arn = account.listener(load_balancer)
    assert account.listener(load_balancer) == arn
    other = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "500"}}]
    error = account.refused(
        "CreateListener", LoadBalancerArn=load_balancer, Port=80, Protocol="HTTP", DefaultActions=other
    )
    assert error.code == "DuplicateListener"


def test_a_load_balancer_has_fifty(account: Account) -> None:
    load_balancer = account.load_balancer()
    for port in range(1, 51):
        account.listener(load_balancer, port)
    error = account.refused(
        "CreateListener", LoadBalancerArn=load_balancer, Port=80, Protocol="HTTP", DefaultActions=[FIXED]
    )
    assert error.code == "TooManyListeners"


def test_they_are_listed_by_load_balancer(account: Account) -> None:
    load_balancer = account.load_balancer()
    ports = [443, 80, 8080]
    for port in ports:
        account.listener(load_balancer, port)
    account.listener(account.load_balancer("other"))
    listed = account.call("DescribeListeners", LoadBalancerArn=load_balancer)["Listeners"]
    assert [each["Port"] for each in listed] == ports
    neither = account.refused("DescribeListeners")
    assert neither.message == "You must specify either listener ARNs or a load balancer ARN"
    missing = account.refused("DescribeListeners", ListenerArns=[ABSENT])
    assert (missing.code, missing.message) == ("ListenerNotFound", "One or more listeners not found")
    assert account.refused("DescribeListeners", ListenerArns=[load_balancer]).code == "ValidationError"


def test_properties_that_are_not_given_stay(account: Account) -> None:
    arn = account.https_listener(account.load_balancer(), DefaultActions=GUARDED)
    before = describe(account, arn)
    changed = account.call("ModifyListener", ListenerArn=arn, Port=8443)["Listeners"][0]
    assert changed == {**before, "Port": 8443}
    assert describe(account, arn) == changed


def test_a_port_in_use_is_refused(account: Account) -> None:
    load_balancer = account.load_balancer()
    account.listener(load_balancer, 80)
    arn = account.listener(load_balancer, 81)
    assert account.refused("ModifyListener", ListenerArn=arn, Port=80).code == "DuplicateListener"
    account.call("ModifyListener", ListenerArn=arn, Port=81)


@pytest.mark.semantics("ELB-27")
def test_http_has_no_certificate_and_https_needs_one(account: Account) -> None:
    arn = account.https_listener(account.load_balancer(), SslPolicy="ELBSecurityPolicy-TLS13-1-3-2021-06")
    account.call("ModifyListener", ListenerArn=arn, Protocol="HTTP")
    assert describe(account, arn).keys() == {
        "ListenerArn",
        "LoadBalancerArn",
        "Port",
        "Protocol",
        "DefaultActions",
    }
    assert account.refused("ModifyListener", ListenerArn=arn, Protocol="HTTPS").code == "ValidationError"
    certificates = [{"CertificateArn": CERTIFICATE}]
    account.call("ModifyListener", ListenerArn=arn, Protocol="HTTPS", Certificates=certificates)
    assert describe(account, arn)["SslPolicy"] == "ELBSecurityPolicy-2016-08"


@pytest.mark.semantics("ELB-03")
def test_a_guard_keeps_its_listener_on_https(account: Account) -> None:
    arn = account.https_listener(account.load_balancer(), DefaultActions=GUARDED)
    error = account.refused("ModifyListener", ListenerArn=arn, Protocol="HTTP")
    assert error.code == "InvalidLoadBalancerAction"
    account.call("ModifyListener", ListenerArn=arn, DefaultActions=[FIXED])
    rule = account.rule(arn, Actions=GUARDED)
    assert (
        account.refused("ModifyListener", ListenerArn=arn, Protocol="HTTP").code
        == "InvalidLoadBalancerAction"
    )
    account.call("DeleteRule", RuleArn=rule)
    account.call("ModifyListener", ListenerArn=arn, Protocol="HTTP")


@pytest.mark.semantics("ELB-24")
def test_deleting_takes_the_rules_along(account: Account) -> None:
    arn = account.listener(account.load_balancer())
    rule = account.rule(arn)
    account.call("DeleteListener", ListenerArn=arn)
    assert account.refused("DescribeRules", RuleArns=[rule]).code == "RuleNotFound"
    assert account.refused("DeleteListener", ListenerArn=arn).code == "ListenerNotFound"


def test_certificates_are_added_and_removed(account: Account) -> None:
    arn = account.https_listener(account.load_balancer())
    added = [{"CertificateArn": OTHER}]
    for _ in range(2):
        answer = account.call("AddListenerCertificates", ListenerArn=arn, Certificates=added)
        assert answer["Certificates"] == [{"CertificateArn": OTHER, "IsDefault": False}]
    assert account.call("DescribeListenerCertificates", ListenerArn=arn)["Certificates"] == [
        {"CertificateArn": CERTIFICATE, "IsDefault": True},
        {"CertificateArn": OTHER, "IsDefault": False},
    ]
    assert describe(account, arn)["Certificates"] == [{"CertificateArn": CERTIFICATE}]
    default = account.refused(
        "RemoveListenerCertificates", ListenerArn=arn, Certificates=[{"CertificateArn": CERTIFICATE}]
    )
    assert default.code == "OperationNotPermitted"
    account.call("RemoveListenerCertificates", ListenerArn=arn, Certificates=added)
    again = account.refused("RemoveListenerCertificates", ListenerArn=arn, Certificates=added)
    assert again.code == "CertificateNotFound"


def test_another_default_certificate_leaves_the_list(account: Account) -> None:
    arn = account.https_listener(account.load_balancer())
    account.call("AddListenerCertificates", ListenerArn=arn, Certificates=[{"CertificateArn": OTHER}])
    third = {"CertificateArn": CERTIFICATE[:-1] + "7"}
    account.call("ModifyListener", ListenerArn=arn, Certificates=[third])
    listed = account.call("DescribeListenerCertificates", ListenerArn=arn)["Certificates"]
    assert listed == [{**third, "IsDefault": True}, {"CertificateArn": OTHER, "IsDefault": False}]


def test_a_load_balancer_has_twenty_five_further_certificates(account: Account) -> None:
    load_balancer = account.load_balancer()
    one, two = account.https_listener(load_balancer), account.https_listener(load_balancer, 8443)
    many = [{"CertificateArn": f"{CERTIFICATE[:-2]}{number:02}"} for number in range(26)]
    account.call("AddListenerCertificates", ListenerArn=one, Certificates=many[:20])
    error = account.refused("AddListenerCertificates", ListenerArn=two, Certificates=many[20:])
    assert error.code == "TooManyCertificates"
    account.call("AddListenerCertificates", ListenerArn=two, Certificates=many[21:])


def test_http_listeners_have_no_certificates(account: Account) -> None:
    arn = account.listener(account.load_balancer())
    for operation in ("AddListenerCertificates", "RemoveListenerCertificates"):
        error = account.refused(operation, ListenerArn=arn, Certificates=[{"CertificateArn": OTHER}])
        assert error.code == "ValidationError"
